import Testing

@testable import NNEngine

/// The numbers are those of Keras's documentation, or follow from the formula.
@Suite("Normalization")
struct NormalizationTests {
  static func layer(_ json: String = "{}") throws -> Layer { try Make.layer("Normalization", json) }

  static func call(_ layer: Layer, _ x: Tensor) throws -> [Float] {
    try Evaluate.values(layer.call(Evaluate.input(x), CallContext(training: false)))[0].values
  }

  static func state(_ layer: Layer) throws -> [[Float]] { try layer.variables.map { try $0.value().values } }

  @Test("adapt: each index of the last axis, as in Keras's documentation")
  func documentation() throws {
    let layer = try Self.layer(#"{"name": "subject"}"#)
    try layer.adapt(Tensor([0, 7, 4, 2, 9, 6, 0, 7, 4, 2, 9, 6], shape: Shape([4, 3])))
    #expect(layer.variables.map(\.name) == ["mean", "variance", "count"])
    #expect(layer.variables.allSatisfy { $0.role == .statistic } && layer.weights.isEmpty)
    #expect(try Self.state(layer) == [[1, 8, 5], [1, 1, 1], [4]])
    #expect(try Self.call(layer, Tensor([0, 7, 4], shape: Shape([1, 3]))) == [-1, -1, -1])
  }

  @Test("no axis: one feature; the batch of documentation, 1 … 5")
  func scalar() throws {
    // Lua's {} and C's null and [].
    for axis in ["null", "[]"] {
      let layer = try Self.layer(#"{"axis": \#(axis)}"#)
      try layer.adapt(Tensor([1, 2, 3, 4, 5]))
      #expect(try Self.state(layer) == [[3], [2], [5]])
      let y = try Self.call(layer, Tensor([1, 2, 3]))
      expectClose(y, [-1.4142135, -0.70710677, 0], relative: 1e-6, absolute: 1e-7)
    }
  }

  @Test("mean and variance given: one number or one a feature; the inverse goes back")
  func given() throws {
    let x = try Tensor([1, 2, 3], shape: Shape([3, 1]))
    let layer = try Self.layer(#"{"mean": 3, "variance": 2}"#)
    expectClose(try Self.call(layer, x), [-1.4142135, -0.70710677, 0], relative: 1e-6, absolute: 1e-7)
    #expect(layer.variables.isEmpty)
    let inverse = try Self.layer(#"{"mean": [3], "variance": [2], "invert": true}"#)
    let back = try Self.call(inverse, Tensor([-1.4142135, -0.70710677, 0], shape: Shape([3, 1])))
    expectClose(back, [1, 2, 3], relative: 1e-6, absolute: 0)
    #expect(
      Evaluate.message { try Self.layer(#"{"mean": 3, "variance": 2, "name": "n"}"#).adapt(x) }
        == "n: adapt: its mean and variance were given, so there is nothing to adapt")
  }

  @Test("features on two axes, in any order of axes; the statistics have the axes' shape")
  func axes() throws {
    var numbers = TestNumbers(8)
    let shape = [5, 2, 3, 4]
    let x = try Tensor(numbers.floats(120), shape: Shape(shape))
    for kept in [[1], [2], [3], [1, 3], [2, 3], [1, 2, 3]] {
      let layer = try Self.layer(#"{"axis": \#(kept)}"#)
      try layer.adapt(x)
      #expect(layer.variables[0].shape.dimensions == kept.map { shape[$0] })
      let reduced = (0..<4).filter { !kept.contains($0) }
      let input = try Evaluate.input(x)
      let mean = try input.mean(axes: reduced, keepDims: true)
      let variance = try (input - mean).square().mean(axes: reduced, keepDims: true)
      let right = try Evaluate.values(mean, variance, (input - mean) / variance.sqrt())
      expectClose(
        try Self.state(layer)[0].map(Double.init), right[0].values.map(Double.init), relative: 1e-5, absolute: 1e-6)
      expectClose(
        try Self.state(layer)[1].map(Double.init), right[1].values.map(Double.init), relative: 1e-5, absolute: 1e-6)
      expectClose(
        try Self.call(layer, x).map(Double.init), right[2].values.map(Double.init), relative: 1e-4, absolute: 1e-5)
      #expect(try Self.state(layer)[2] == [Float(reduced.reduce(1) { $0 * shape[$1] })])
    }
  }

  @Test("small variance around a large mean; many rows; parts; bytes; a second adapt starts anew")
  func precision() throws {
    let n = 40_000
    let x = try Tensor((0..<n).map { 1e6 + Float($0 % 2) }, shape: Shape([n, 1]))
    let layer = try Self.layer()
    try layer.adapt(x)
    #expect(try Self.state(layer) == [[1_000_000.5], [0.25], [Float(n)]])
    let parts = try Self.layer()
    try parts.adapt([x.slice(0..<1), x.slice(1..<30_001), x.slice(30_001..<n)])
    #expect(try Self.state(parts) == Self.state(layer))
    try layer.adapt(Tensor([0, 255, 0, 255], shape: Shape([4, 1])).astype(.uint8))
    #expect(try Self.state(layer) == [[127.5], [16256.25], [4]])
  }

  @Test("before adapt it changes nothing; a constant feature becomes 0, not NaN")
  func limits() throws {
    let layer = try Self.layer()
    let x = try Tensor([2, 3], shape: Shape([2, 1]))
    #expect(try Self.call(layer, x) == [2, 3])
    try layer.adapt(Tensor([3, 3], shape: Shape([2, 1])))
    #expect(try Self.call(layer, x) == [-1e7, 0])
  }

  @Test("a program made before adapt computes with what adapt found")
  func inModel() throws {
    let layer = try Self.layer(#"{"name": "n", "input_shape": [1]}"#)
    let model = try Model(name: "m", layers: [layer])
    let x = try Tensor([1, 3], shape: Shape([2, 1]))
    #expect(try model.predict(x: x).values == [1, 3])
    try layer.adapt(x)
    #expect(try model.predict(x: x).values == [-1, 1])
  }

  @Test("errors say what is wrong")
  func errors() throws {
    let x = try Tensor([1, 3], shape: Shape([2, 1]))
    #expect(
      Evaluate.message { _ = try Self.layer(#"{"mean": 3}"#) }
        == "Normalization: 'mean' and 'variance' must be given together")
    #expect(throws: NNError.self) { try Self.layer(#"{"mean": 3, "variance": -1}"#) }
    #expect(throws: NNError.self) { try Self.layer(#"{"mean": [[1, 2], [3]], "variance": 1}"#) }
    #expect(throws: NNError.self) { try Self.layer(#"{"axis": 0}"#).build(Shape([3])) }
    #expect(throws: NNError.self) { try Self.layer(#"{"axis": 2}"#).build(Shape([3])) }
    #expect(throws: NNError.self) { try Self.layer(#"{"mean": [1, 2], "variance": 1}"#).build(Shape([3])) }
    let named = try Self.layer(#"{"name": "n"}"#)
    #expect(
      Evaluate.message { try named.adapt(Tensor([1, .nan], shape: Shape([2, 1]))) }
        == "n: adapt: x has the value nan at row 1 (counted from 0)")
    #expect(Evaluate.message { try named.adapt(Tensor(zeros: Shape([0, 1]))) } == "n: adapt: there are no samples")
    #expect(throws: NNError.self) { try named.adapt([x, Tensor([1, 2], shape: Shape([1, 2]))]) }
    #expect(throws: NNError.self) { try named.adapt(Tensor([1, 2], shape: Shape([1, 2]))) }
    #expect(
      Evaluate.message { try Make.dense(1, "relu", "d").adapt(x) }
        == "d: adapt: Dense learns nothing from data; Normalization does")
  }

  @Test("the configuration keeps what was given")
  func configuration() throws {
    let layer = try Self.layer(#"{"name": "n", "axis": [1, 2], "mean": [[1, 2]], "variance": [[3, 4]]}"#)
    #expect(
      JSON.text(.table(layer.configuration)).contains(
        #""axis": [1, 2], "mean": [[1.0, 2.0]], "variance": [[3.0, 4.0]], "invert": false"#),
      "\(JSON.text(.table(layer.configuration)))")
    let again = try #require(try Layer.decode(layer.encoded))
    #expect(JSON.text(again.encoded) == JSON.text(layer.encoded))
  }
}
