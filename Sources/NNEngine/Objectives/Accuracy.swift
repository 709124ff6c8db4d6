/// Accuracy in the guise that the shapes ask for, by Keras's rule.
struct Accuracy: MetricDefinition {
  var name = "accuracy"

  static let className = "Accuracy"
  static let doc = """
    The fraction of right answers. An output of one number is a probability (binary_accuracy); labels with the output's last \
    extent are one-hot (categorical_accuracy); others are class indices (sparse_categorical_accuracy).
    """
  static let nameDoc = "The key in the history."
  static let fields: [Field<Accuracy>] = [Field("name", \.name, nameDoc)]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let (labels, output) = (yTrue.shape, yPred.shape)
    if output.rank < 2 || output.dimensions.last == 1 { return try BinaryAccuracy().increments(yTrue, yPred, weights) }
    if labels.rank == output.rank, labels.dimensions.last == output.dimensions.last {
      return try CategoricalAccuracy().increments(yTrue, yPred, weights)
    }
    return try SparseCategoricalAccuracy().increments(yTrue, yPred, weights)
  }
}

/// The fraction of right yes-or-no answers.
struct BinaryAccuracy: MetricDefinition {
  var name = "binary_accuracy"
  var threshold = 0.5

  static let className = "BinaryAccuracy"
  static let doc = "The fraction of right yes-or-no answers; an output greater than threshold is a yes."
  static let fields: [Field<BinaryAccuracy>] = [
    Field("name", \.name, Accuracy.nameDoc),
    Field("threshold", \.threshold, check: .finite, "What an output must exceed to be a yes."),
  ]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let labels = try LabelKind.numbers.matched(yTrue, to: yPred)
    return try yPred.greater(Float(threshold)).equal(labels).counted(weights)
  }
}

/// The fraction of samples whose most probable class is that of the one-hot label.
struct CategoricalAccuracy: MetricDefinition {
  var name = "categorical_accuracy"

  static let className = "CategoricalAccuracy"
  static let doc = "The fraction of samples whose most probable class is that of the one-hot label."
  static let fields: [Field<CategoricalAccuracy>] = [Field("name", \.name, Accuracy.nameDoc)]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    _ = try CrossEntropy.classes(yPred)
    let labels = try LabelKind.probabilities.matched(yTrue, to: yPred)
    return try yPred.argMax(axis: -1).equal(labels.argMax(axis: -1)).counted(weights)
  }
}

/// The fraction of samples whose most probable class is the label.
struct SparseCategoricalAccuracy: MetricDefinition {
  var name = "sparse_categorical_accuracy"

  static let className = "SparseCategoricalAccuracy"
  static let doc = "The fraction of samples whose most probable class is the label, a class index."
  static let fields: [Field<SparseCategoricalAccuracy>] = [Field("name", \.name, Accuracy.nameDoc)]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    _ = try CrossEntropy.classes(yPred)
    let labels = try LabelKind.classIndices.matched(yTrue, to: yPred)
    return try yPred.argMax(axis: -1).equal(labels).counted(weights)
  }
}
