/// √ mean (y − ŷ)², over all batches at once.
struct RootMeanSquaredError: MetricDefinition {
  var name = "root_mean_squared_error"

  static let className = "RootMeanSquaredError"
  static let doc = "The square root of the mean of the squared differences: in the units of the labels."
  static let fields: [Field<RootMeanSquaredError>] = [Field("name", \.name, Accuracy.nameDoc)]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let labels = try LabelKind.numbers.matched(yTrue, to: yPred)
    return try (yPred - labels).square().counted(weights)
  }

  func result(_ sums: [[Double]]) -> Double { Ratio.of(sums).squareRoot() }
}

/// The part of the labels' variance that the model explains.
struct R2Score: MetricDefinition {
  var aggregation = "uniform_average"
  var regressors = 0
  var name = "r2_score"

  static let className = "R2Score"
  static let doc = """
    1 - squared error / variance of the labels: 1 is perfect, 0 no better than their mean. Several outputs are averaged.
    """
  static let fields: [Field<R2Score>] = [
    Field(
      "class_aggregation", \.aggregation, check: .oneOf("uniform_average", "variance_weighted_average"),
      "How several outputs are averaged."),
    Field(
      "num_regressors", \.regressors, check: .notNegative,
      "Number of inputs, for the adjusted score; 0: not adjusted. Without effect when there are no more samples."),
    Field("name", \.name, Accuracy.nameDoc),
  ]

  /// For each output Σ y, Σ y² and the squared error; then the sum of weights and, where it is another, the number of samples.
  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let outputs = yPred.shape.rank > 1 ? yPred.shape.dimensions.last ?? 1 : 1
    let labels = try LabelKind.numbers.matched(yTrue, to: yPred).reshaped([-1, outputs])
    let errors = try (labels - yPred.reshaped([-1, outputs])).square()
    let samples = try Symbol.fill(Float(labels.shape[0]), .scalar)
    let sums = [
      try labels.weighted(weights).sum(axes: [0]), try labels.square().weighted(weights).sum(axes: [0]),
      try errors.weighted(weights).sum(axes: [0]),
    ]
    guard let weights else { return sums + [samples] }
    return sums + [try labels.number(weights) * (1 / Float(outputs)), samples]
  }

  func result(_ sums: [[Double]]) -> Double {
    guard sums.count >= 4, let weight = sums[3].first, weight > 0, let n = sums.last?.first else { return 0 }
    let variances = zip(sums[0], sums[1]).map { sum, squares in squares - sum * sum / weight }
    let scores = zip(sums[2], variances).map { error, variance in
      let score = 1 - error / variance
      return score.isInfinite ? 0 : score
    }
    var score = Ratio.of(scores.reduce(0, +), Double(scores.count))
    if aggregation == "variance_weighted_average" {
      score = Ratio.of(zip(scores, variances).reduce(0) { $0 + $1.0 * $1.1 }, variances.reduce(0, +))
    }
    let p = Double(regressors)
    return p == 0 || p >= n - 1 ? score : 1 - (1 - score) * (n - 1) / (n - p - 1)
  }
}
