import Testing

@testable import NNEngine

@Suite("Losses")
struct LossTests {
  static let names = [
    "MeanSquaredError", "BinaryCrossentropy", "BinaryCrossentropy_label_smoothing0.1",
    "BinaryCrossentropy_from_logitsTrue", "BinaryCrossentropy_from_logitsTrue_label_smoothing0.2",
    "CategoricalCrossentropy", "CategoricalCrossentropy_extreme", "CategoricalCrossentropy_soft_targets",
    "CategoricalCrossentropy_label_smoothing0.1", "CategoricalCrossentropy_from_logitsTrue",
    "CategoricalCrossentropy_from_logitsTrue_label_smoothing0.1", "SparseCategoricalCrossentropy",
    "SparseCategoricalCrossentropy_extreme", "SparseCategoricalCrossentropy_from_logitsTrue",
  ]

  static func loss(_ name: String, _ config: String = "{}") throws -> Loss {
    try #require(try Loss.decode(JSON.parse(#"{"class_name": "\#(name)", "config": \#(config)}"#)))
  }

  /// A softmax that is 200 logits wrong: the loss is 200 and the gradient full, not cut at −ln 1e-7 = 16.1.
  @Test("saturated outputs: the loss is computed from the logits")
  func saturated() throws {
    let logits = try Evaluate.input([0, 200, 200, 0], [2, 2])
    let classes = try Evaluate.input([0, 0], [2])
    let oneHot = try Evaluate.input([1, 0, 1, 0], [2, 2])
    let sparse = try Self.loss("sparse_categorical_crossentropy")(classes, logits.softmax())
    let categorical = try Self.loss("categorical_crossentropy")(oneHot, logits.softmax())
    let z = try Evaluate.input([200, -200], [2, 1])
    let yes = try Evaluate.input([0, 0], [2, 1])
    let binary = try Self.loss("binary_crossentropy")(yes, z.apply("sigmoid"))
    let gradient = try #require(try Symbol.gradients(of: sparse, for: [logits])[0])
    let values = try Evaluate.values(sparse, categorical, binary, gradient)
    for i in 0..<3 { #expect(try values[i].item() == 100) }
    #expect(values[3].values == [-0.5, 0.5, 0, 0])
  }

  @Test("labels (n,) and outputs (n, 1) are no matrix of differences")
  func column() throws {
    let y = try Evaluate.input([1, 2, 3], [3])
    let p = try Evaluate.input([1, 1, 1], [3, 1])
    let perSample = try Self.loss("mse").perSample(y, p)
    #expect(perSample.shape.dimensions == [3])
    #expect(try Evaluate.values(perSample)[0].values == [0, 1, 4])
    let column = try Evaluate.input([0, 1], [2, 1])
    let logits = try Evaluate.input([1, 0, 0, 1], [2, 2])
    #expect(try Self.loss("SparseCategoricalCrossentropy").perSample(column, logits.softmax()).shape.dimensions == [2])
  }

  @Test("outputs with more axes: one loss for each position")
  func positions() throws {
    let p = try Evaluate.input([Float](repeating: 0.5, count: 12), [2, 3, 2])
    let y = try Evaluate.input([0, 1, 0, 1, 0, 1], [2, 3])
    let sparse = try Self.loss("sparse_categorical_crossentropy").perSample(y, p)
    #expect(sparse.shape.dimensions == [2, 3])
    let value = Float(0.693147181)
    expectClose(try Evaluate.values(sparse)[0].values, [Float](repeating: value, count: 6), relative: 1e-6)
    #expect(try Self.loss("mse").perSample(p, p).shape.dimensions == [2, 3])
  }

  @Test(
    "wrong shapes: both are said, and what to do",
    arguments: [
      ("mse", [4, 3], [4, 2], "MeanSquaredError: labels of shape (None, 3) do not fit the output (None, 2)"),
      ("mse", [4, 1], [4, 2], "expected labels of shape (None, 2)"),
      ("mse", [3, 2], [4, 2], "labels of shape (3, 2) have another number of rows than the output (4, 2)"),
      ("binary_crossentropy", [4], [4, 2], "class indices need sparse_categorical_crossentropy"),
      ("categorical_crossentropy", [4], [4, 10], "class indices need sparse_categorical_crossentropy"),
      ("categorical_crossentropy", [4, 1], [4, 10], "class indices need sparse_categorical_crossentropy"),
      ("sparse_categorical_crossentropy", [4, 10], [4, 10], "one-hot labels need categorical_crossentropy"),
      ("sparse_categorical_crossentropy", [4, 2], [4, 10], "expected class indices of shape (None,) or (None, 1)"),
      ("sparse_categorical_crossentropy", [4], [4], "expected an output with one number for each class"),
    ])
  func misfits(_ name: String, _ labels: [Int], _ output: [Int], _ message: String) throws {
    let y = try Symbol.fill(0, Shape(labels))
    let p = try Symbol.fill(0.5, Shape(output))
    let text = Evaluate.message { _ = try Self.loss(name).perSample(y, p) }
    #expect(text.contains(message), "\(text)")
  }

  @Test("from_logits with an output that is already a softmax is refused")
  func doubleSoftmax() throws {
    let p = try Symbol.fill(1, Shape([2, 3])).softmax()
    let y = try Symbol.fill(0, Shape([2]))
    let text = Evaluate.message {
      _ = try Self.loss("SparseCategoricalCrossentropy", #"{"from_logits": true}"#)(y, p)
    }
    #expect(text.contains("from_logits is true, but the output is a softmax"))
  }

  @Test("arguments that Keras has but that are wrong")
  func arguments() {
    #expect(throws: NNError.self) { try Self.loss("BinaryCrossentropy", #"{"label_smoothing": 2}"#) }
    #expect(
      Evaluate.message { _ = try Self.loss("CategoricalCrossentropy", #"{"fromlogits": true}"#) }
        == "CategoricalCrossentropy: unknown field 'fromlogits'; did you mean 'from_logits'?")
  }
}
