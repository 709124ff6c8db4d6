/// The harmonic mean of precision and recall.
struct F1Score: MetricDefinition {
  var average = "macro"
  var threshold: DecisionThreshold?
  var name = "f1_score"

  static let className = "F1Score"
  static let doc = """
    2 * precision * recall / (precision + recall), with one-hot labels; for several classes an average. (Keras can also report \
    one number for each class.)
    """
  static let fields: [Field<F1Score>] = [
    Field(
      "average", \.average, check: .oneOf("macro", "micro", "weighted"),
      "Of the classes' scores: their mean ('macro'), that of all decisions together ('micro'), or their mean weighted by the classes' sizes ('weighted')."
    ),
    Field(
      "threshold", \.threshold,
      "What an output must exceed to be a yes; when not given, the most probable class is one, and a single output above 0.5."
    ),
    Field("name", \.name, Accuracy.nameDoc),
  ]

  /// For each class the true positives, all calls, all positives.
  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let classes = yPred.shape.rank > 1 ? yPred.shape.dimensions.last ?? 1 : 1
    let labels = try LabelKind.probabilities.matched(yTrue, to: yPred).reshaped([-1, classes])
    let output = try yPred.reshaped([-1, classes])
    let calls: Symbol
    if let threshold {
      calls = try output.greater(Float(threshold.value))
    } else if classes == 1 {
      calls = try output.greater(0.5)
    } else {
      // Keras calls nothing where all outputs are 0.
      calls = try output.greaterEqual(output.max(axes: [1], keepDims: true)) * output.abs().greater(1e-12)
    }
    let (hits, all, positives) = (
      try (calls * labels).weighted(weights), try calls.weighted(weights), try labels.weighted(weights)
    )
    return [try hits.sum(axes: [0]), try all.sum(axes: [0]), try positives.sum(axes: [0])]
  }

  func result(_ sums: [[Double]]) -> Double {
    guard sums.count == 3 else { return 0 }
    let (hits, calls, positives) = (sums[0], sums[1], sums[2])
    func score(_ hits: Double, _ calls: Double, _ positives: Double) -> Double { Ratio.of(2 * hits, calls + positives) }
    let scores = hits.indices.map { score(hits[$0], calls[$0], positives[$0]) }
    switch average {
    case "micro": return score(hits.reduce(0, +), calls.reduce(0, +), positives.reduce(0, +))
    case "weighted": return Ratio.of(zip(scores, positives).reduce(0) { $0 + $1.0 * $1.1 }, positives.reduce(0, +))
    default: return Ratio.of(scores.reduce(0, +), Double(scores.count))
    }
  }
}
