/// −Σ y log p over the classes, with y a distribution (one-hot, usually).
struct CategoricalCrossentropy: LossDefinition {
  var fromLogits = false
  var labelSmoothing = 0.0

  static let className = "CategoricalCrossentropy"
  static let names = ["categorical_crossentropy"]
  static let doc = """
    The cross-entropy between one-hot labels and the probabilities that the model gives, with a softmax output. Exact \
    where the softmax saturates.
    """
  static let fields: [Field<CategoricalCrossentropy>] = [
    Field("from_logits", \.fromLogits, "The output is logits: numbers to which no softmax was applied."),
    Field(
      "label_smoothing", \.labelSmoothing, check: .range(0...1),
      "Moves labels towards even odds: y * (1 - s) + s / classes."),
  ]
  static let labels = LabelKind.probabilities

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    let classes = try CrossEntropy.classes(yPred)
    let s = Float(labelSmoothing)
    let target = s == 0 ? yTrue : try yTrue * (1 - s) + s / Float(classes)
    if let logits = try CrossEntropy.logits(of: yPred, .softmax, fromLogits) {
      return try Symbol.crossEntropy(logits: logits, target: target).loss
    }
    let p = try CrossEntropy.clipped(yPred / yPred.sum(axes: [-1], keepDims: true))
    return try (target * p.log()).sum(axes: [-1]).negative()
  }
}

/// −log p[y], with y the index of the class.
struct SparseCategoricalCrossentropy: LossDefinition {
  var fromLogits = false

  static let className = "SparseCategoricalCrossentropy"
  static let names = ["sparse_categorical_crossentropy"]
  static let doc = """
    The cross-entropy between labels that are class indices (from 0) and the probabilities that the model gives, with a \
    softmax output. Exact where the softmax saturates.
    """
  static let fields: [Field<SparseCategoricalCrossentropy>] = [
    Field("from_logits", \.fromLogits, "The output is logits: numbers to which no softmax was applied.")
  ]
  static let labels = LabelKind.classIndices

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    _ = try CrossEntropy.classes(yPred)
    if let logits = try CrossEntropy.logits(of: yPred, .softmax, fromLogits) {
      return try Symbol.sparseCrossEntropy(logits: logits, labels: yTrue).loss
    }
    // Keras 2 takes the logarithms of clipped probabilities for logits, so they are normalised once more.
    return try Symbol.sparseCrossEntropy(logits: CrossEntropy.clipped(yPred).log(), labels: yTrue).loss
  }
}
