/// The fraction of samples whose right class is among the k most probable.
struct TopKCategoricalAccuracy: MetricDefinition {
  var k = 5
  var name = "top_k_categorical_accuracy"

  static let className = "TopKCategoricalAccuracy"
  static let doc = "The fraction of samples whose right class, given one-hot, is among the k most probable ones."
  static let fields: [Field<TopKCategoricalAccuracy>] = [
    Field("k", \.k, check: .positive, "How many classes count."), Field("name", \.name, Accuracy.nameDoc),
  ]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let labels = try LabelKind.probabilities.matched(yTrue, to: yPred)
    return try SparseTopKCategoricalAccuracy(k: k).increments(labels.argMax(axis: -1), yPred, weights)
  }
}

/// The same with labels that are class indices.
struct SparseTopKCategoricalAccuracy: MetricDefinition {
  var k = 5
  var name = "sparse_top_k_categorical_accuracy"

  static let className = "SparseTopKCategoricalAccuracy"
  static let doc = "The fraction of samples whose label, a class index, is among the k most probable classes."
  static let fields: [Field<SparseTopKCategoricalAccuracy>] = [
    Field("k", \.k, check: .positive, "How many classes count."), Field("name", \.name, Accuracy.nameDoc),
  ]

  /// The label is among the first k if fewer than k classes are more probable: so all that are equal to the k-th count, as in
  /// TensorFlow, where a sample with an output that is not finite is never right.
  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let classes = try CrossEntropy.classes(yPred)
    let rows = yPred.shape.count / classes
    let scores = try yPred.reshaped([rows, classes])
    let labels = try LabelKind.classIndices.matched(yTrue, to: yPred).reshaped([rows, 1])
    let isLabel = try Symbol.classIndices(classes).equal(labels)
    let score = try Symbol.select(isLabel, scores, .fill(0, .scalar)).sum(axes: [1], keepDims: true)
    let better = try scores.greater(score).sum(axes: [1])
    let isFinite = try scores.apply("isfinite").min(axes: [1])
    return try (better.less(Float(k)) * isFinite).counted(weights)
  }
}

extension Symbol {
  /// 0, 1, … below `classes`.
  static func classIndices(_ classes: Int) throws(NNError) -> Symbol {
    try .literal(Tensor(from: 0, to: Double(classes), by: 1))
  }
}
