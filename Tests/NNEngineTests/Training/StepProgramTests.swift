import Testing

@testable import NNEngine

/// What a training step consists of: no kernel more than it needs.
@Suite("Training step")
struct StepProgramTests {
  static func book(_ loss: String, classes: Int = 10, last: String = "softmax") throws -> Model {
    let model = try Model(
      name: "book",
      layers: [
        Make.layer("Flatten", #"{"name": "f", "input_shape": [28, 28]}"#), Make.dense(300, "relu", "a"),
        Make.dense(100, "relu", "b"), Make.dense(classes, last, "c"),
      ])
    try model.compile(Make.arguments(#"{"loss": "\#(loss)", "optimizer": "sgd", "metrics": ["accuracy"]}"#))
    return model
  }

  static func kernels(_ model: Model) throws -> [String] {
    try model.explain().split(separator: "\n").dropFirst().map { line in
      let words = line.dropFirst(5)
      return String(words[..<(words.firstRange(of: "  ")?.lowerBound ?? words.endIndex)])
    }
  }

  private static let forward = ["MatMul + bias + relu", "MatMul + bias + relu", "MatMul + bias"]
  /// Two cotangents, then for each layer the kernel's update inside its product, the bias's gradient and update.
  private static let backward =
    ["MatMul Bᵀ * relu'", "MatMul Bᵀ * relu'"]
    + [[String]](repeating: ["MatMul Aᵀ + SGD", "Reduce(sum)", "SGD"], count: 3).flatMap { $0 }

  @Test("the book's first net: no softmax, no gradient of a kernel in memory, no copy")
  func sparse() throws {
    #expect(
      try Self.kernels(Self.book("sparse_categorical_crossentropy"))
        == Self.forward + ["SparseSoftmaxCrossEntropy", "Reduce(sum)", "multiply"]
        + ["Reduce(argMax)", "equal", "Reduce(sum)", "SoftmaxCrossEntropyGradient"] + Self.backward)
  }

  @Test("one-hot labels: one more kernel, which finds their class")
  func dense() throws {
    #expect(
      try Self.kernels(Self.book("categorical_crossentropy"))
        == Self.forward + ["SoftmaxCrossEntropy", "Reduce(sum)", "multiply"]
        + ["Reduce(argMax)", "Reduce(argMax)", "equal", "Reduce(sum)", "SoftmaxCrossEntropyGradient"] + Self.backward)
  }

  @Test("yes or no: the loss from the logit, the sigmoid for the accuracy alone")
  func binary() throws {
    #expect(
      try Self.kernels(Self.book("binary_crossentropy", classes: 1, last: "sigmoid"))
        == Self.forward + ["SigmoidCrossEntropy", "Reduce(sum)", "multiply"]
        + ["sigmoid", "greater", "equal", "Reduce(sum)", "SigmoidCrossEntropyGradient"] + Self.backward)
  }

  @Test("a frozen layer costs its forward pass and nothing else")
  func frozen() throws {
    let model = try Self.book("sparse_categorical_crossentropy")
    let all = try Self.kernels(model).count
    model.layers[1].trainable = false
    // Its product's cotangent, its kernel's update, its bias's gradient and update.
    #expect(try Self.kernels(model).count == all - 4)
  }
}
