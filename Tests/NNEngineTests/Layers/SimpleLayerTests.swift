import Testing

@testable import NNEngine

@Suite("Layers without fixtures")
struct SimpleLayerTests {
  static func make(_ name: String, _ config: String) throws -> Layer {
    guard case .table(let table) = try JSON.parse(config) else { throw FixtureError("not a table: \(config)") }
    return try Layer.make(name, Arguments([], table))
  }

  static func output(_ layer: Layer, _ shape: [Int], _ values: [Float]? = nil) throws -> Tensor {
    let count = shape.reduce(1, *)
    let x = try Evaluate.input(values ?? (0..<count).map { Float($0) }, shape)
    return try Evaluate.values(layer.call(x, CallContext(training: false)))[0]
  }

  @Test("Reshape: with and without -1; a misfit is named")
  func reshape() throws {
    let layer = try Self.make("Reshape", #"{"target_shape": [2, -1]}"#)
    let y = try Self.output(layer, [3, 4])
    #expect(y.shape.dimensions == [3, 2, 2] && y.values == (0..<12).map { Float($0) })
    #expect(try Self.output(Self.make("Reshape", #"{"target_shape": [4]}"#), [2, 2, 2]).shape.dimensions == [2, 4])
    let misfit = Evaluate.message {
      _ = try Self.output(Self.make("Reshape", #"{"target_shape": [3], "name": "r"}"#), [2, 4])
    }
    #expect(misfit.hasPrefix("r: reshape: ") && misfit.contains("4"), "\(misfit)")
    for wrong in ["[-1, -1]", "[0, 2]", "[-2]", "\"x\""] {
      #expect(throws: NNError.self) { try Self.make("Reshape", #"{"target_shape": \#(wrong)}"#) }
    }
    #expect(throws: NNError.self) { try Layer.make("Reshape") }
  }

  @Test("Permute counts axes from 1")
  func permute() throws {
    let y = try Self.output(Self.make("Permute", #"{"dims": [2, 1]}"#), [2, 2, 3])
    #expect(y.shape.dimensions == [2, 3, 2])
    #expect(y.values == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11])
    // Output axis i is input axis dims[i].
    #expect(
      try Self.output(Self.make("Permute", #"{"dims": [3, 1, 2]}"#), [1, 2, 3, 4]).shape.dimensions == [1, 4, 2, 3])
    for wrong in ["[0, 1]", "[1, 1]", "[1, 3]", "[]"] {
      #expect(throws: NNError.self) { try Self.make("Permute", #"{"dims": \#(wrong)}"#) }
    }
    let misfit = Evaluate.message { _ = try Self.output(Self.make("Permute", #"{"dims": [2, 1]}"#), [2, 3]) }
    #expect(misfit.contains("2 axes are named, but inputs have shape (None, 3)"), "\(misfit)")
  }

  @Test("RepeatVector, and the gradient that sums over the copies")
  func repeatVector() throws {
    let layer = try Self.make("RepeatVector", #"{"n": 3}"#)
    let x = try Evaluate.input([1, 2, 3, 4], [2, 2])
    let y = try layer.call(x, CallContext(training: false))
    let dx = try #require(try Symbol.gradients(of: y.square().sum(), for: [x])[0])
    let values = try Evaluate.values(y, dx)
    #expect(values[0].shape.dimensions == [2, 3, 2])
    #expect(values[0].values == [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4])
    #expect(values[1].values == [6, 12, 18, 24])
    #expect(throws: NNError.self) { try Self.make("RepeatVector", #"{"n": 0}"#) }
    #expect(throws: NNError.self) { try Self.output(layer, [2, 2, 2]) }
  }

  @Test("Rescaling")
  func rescaling() throws {
    #expect(try Self.output(Self.make("Rescaling", #"{"scale": 0.5, "offset": -1}"#), [1, 3]).values == [-1, -0.5, 0])
    #expect(try Self.output(Self.make("Rescaling", #"{"scale": 2}"#), [1, 3]).values == [0, 2, 4])
    #expect(throws: NNError.self) { try Layer.make("Rescaling") }
  }

  @Test("ActivityRegularization adds its penalty divided by the batch size, and changes nothing else")
  func activityRegularization() throws {
    let layer = try Self.make("ActivityRegularization", #"{"l1": 0.1, "l2": 0.5}"#)
    let context = CallContext(training: true)
    let x = try Evaluate.input([1, -2, 3, -4], [2, 2])
    let y = try layer.call(x, context)
    #expect(context.losses.count == 1)
    let values = try Evaluate.values(y, context.losses[0])
    #expect(values[0].values == [1, -2, 3, -4])
    expectClose(values[1].values, [(0.1 * 10 + 0.5 * 30) / 2], relative: 1e-6)
    let none = CallContext(training: true)
    _ = try Layer.make("ActivityRegularization").call(x, none)
    #expect(none.losses.isEmpty)
    #expect(throws: NNError.self) { try Self.make("ActivityRegularization", #"{"l1": -1}"#) }
  }

  @Test("LayerNormalization: shapes of the weights, axes that are none")
  func layerNormalization() throws {
    let layer = try Self.make("LayerNormalization", #"{"axis": [1, -1], "gamma_regularizer": "l2"}"#)
    try layer.build(Shape([3, 4, 5]))
    #expect(layer.weights.map(\.shape.dimensions) == [[3, 5], [3, 5]])
    #expect(layer.weights.map(\.name) == ["gamma", "beta"])
    for wrong in ["0", "4", "[1, 1]", "[1, -3]"] {
      let bad = try Self.make("LayerNormalization", #"{"axis": \#(wrong)}"#)
      #expect(throws: NNError.self, "axis \(wrong)") { try bad.build(Shape([3, 4, 5])) }
    }
    #expect(throws: NNError.self) { try Self.make("LayerNormalization", #"{"epsilon": -1}"#) }
    // Nothing but a constant: variance 0, no division by 0.
    let y = try Self.output(Layer.make("LayerNormalization"), [1, 3], [5, 5, 5])
    #expect(y.values == [0, 0, 0])
  }

  @Test("PReLU: shared axes, arguments that are wrong")
  func prelu() throws {
    let quarter = #"{"class_name": "Constant", "config": {"value": 0.25}}"#
    let layer = try Self.make("PReLU", #"{"shared_axes": [1, 2], "alpha_initializer": \#(quarter)}"#)
    try layer.build(Shape([4, 5, 3]))
    #expect(layer.weights.map(\.shape.dimensions) == [[1, 1, 3]])
    let x: [Float] = (0..<60).map { Float($0 - 30) }
    let expected: [Float] = x.map { $0 < 0 ? 0.25 * $0 : $0 }
    #expect(try Self.output(layer, [1, 4, 5, 3], x).values == expected)
    #expect(throws: NNError.self) { try Self.make("PReLU", #"{"shared_axes": [0]}"#) }
    #expect(throws: NNError.self) { try Self.make("PReLU", #"{"shared_axes": [1, 1]}"#) }
    #expect(throws: NNError.self) { try Self.make("PReLU", #"{"shared_axes": [3]}"#).build(Shape([4])) }
  }

  @Test(
    "rectifiers check their arguments when they are made",
    arguments: [
      ("ReLU", #"{"max_value": -1}"#), ("ReLU", #"{"negative_slope": -0.1}"#), ("ReLU", #"{"threshold": -1}"#),
      ("ThresholdedReLU", #"{"theta": -1}"#), ("Softmax", #"{"axis": 0}"#), ("Softmax", #"{"axis": 1.5}"#),
      ("LeakyReLU", #"{"alhpa": 1}"#), ("ELU", #"{"alpha": "x"}"#),
    ])
  func refused(_ name: String, _ config: String) {
    #expect(throws: NNError.self) { try Self.make(name, config) }
  }

  @Test("LeakyReLU takes both names of its slope; its default is not the activation's")
  func leaky() throws {
    #expect(try Self.output(Self.make("LeakyReLU", #"{"negative_slope": 0.5}"#), [1, 1], [-2]).values == [-1])
    #expect(try Self.output(Layer.make("LeakyReLU"), [1, 1], [-2]).values == [-0.6])
    let activation = try #require(try Activation.decode(.string("leaky_relu")))
    #expect(try Evaluate.values(activation(Evaluate.input([-2], [1])))[0].values == [-0.4])
  }

  @Test("configurations come back: every layer of the registry, as Keras writes it")
  func configurations() throws {
    let needed = [
      "Dense": #"{"units": 3}"#, "Activation": #"{"activation": "gelu"}"#, "Reshape": #"{"target_shape": [4]}"#,
      "Permute": #"{"dims": [2, 1]}"#, "RepeatVector": #"{"n": 2}"#, "Rescaling": #"{"scale": 2}"#,
    ]
    for entry in Layer.registry.entries {
      guard entry.isNameEnough || needed[entry.name] != nil else { continue }
      let layer = try Self.make(entry.name, needed[entry.name] ?? "{}")
      let text = JSON.text(layer.encoded)
      let again = try #require(try Layer.decode(JSON.parse(text)), "\(text)")
      #expect(JSON.text(again.encoded) == text)
    }
    #expect(
      JSON.text(try Self.make("ReLU", #"{"name": "r", "max_value": 6}"#).encoded) == """
        {"class_name": "ReLU", "config": {"name": "r", "trainable": true, "dtype": "float32", "max_value": 6.0, \
        "negative_slope": 0.0, "threshold": 0.0}}
        """)
  }
}
