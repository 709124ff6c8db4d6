/// The area under a curve of decisions over all thresholds, approximated by a number of thresholds.
struct AUC: MetricDefinition {
  var numThresholds = 200
  var curve = "ROC"
  var summationMethod = "interpolation"
  var name = "auc"
  var thresholds: [Double]?

  static let className = "AUC"
  static let doc = """
    The area under the ROC curve (true over false positive rate: the chance that a positive sample gets a higher output than a \
    negative one) or under the PR curve (precision over recall), from decisions at evenly spaced thresholds. Outputs must be \
    in 0 … 1.
    """
  static let fields: [Field<AUC>] = [
    Field(
      "num_thresholds", \.numThresholds, check: Check("an integer from 2 to 10000") { (2...10_000).contains($0) },
      "How many thresholds: the more, the nearer to the exact area."),
    Field("curve", \.curve, check: .oneOf("ROC", "PR"), "Which curve."),
    Field(
      "summation_method", \.summationMethod, check: .oneOf("interpolation", "minoring", "majoring"),
      "What stands for the curve between two thresholds: a line, the lower or the upper of the two values."),
    Field("name", \.name, Accuracy.nameDoc),
    Field(
      "thresholds", \.thresholds,
      check: Check("a list of numbers in 0 … 1, or nil") { $0?.allSatisfy { (0...1).contains($0) } ?? true },
      "The thresholds between 0 and 1 themselves, instead of num_thresholds."),
  ]

  /// From just below 0 to just above 1.
  private var steps: [Float] {
    let inner = thresholds?.sorted() ?? (0..<(numThresholds - 2)).map { Double($0 + 1) / Double(numThresholds - 1) }
    let beyond = Double(CrossEntropy.epsilon)
    return ([0 - beyond] + inner + [1 + beyond]).map { Float($0) }
  }

  /// For each threshold the true positives and all calls; then the positives, and the number of all.
  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let labels = try LabelKind.numbers.matched(yTrue, to: yPred).notEqual(0).reshaped([-1, 1])
    let calls = try yPred.reshaped([-1, 1]).greater(.literal(Tensor(steps))).weighted(weights)
    return [
      try (calls * labels).sum(axes: [0]), try calls.sum(axes: [0]), try labels.total(weights),
      try yPred.number(weights),
    ]
  }

  func result(_ sums: [[Double]]) -> Double {
    guard sums.count == 4, let positives = sums[2].first, let all = sums[3].first else { return 0 }
    let (hits, calls) = (sums[0], sums[1])
    if curve == "PR", summationMethod == "interpolation" { return interpolatedPR(hits, calls, positives) }
    let recall = hits.map { Ratio.of($0, positives) }
    if curve == "PR" { return area(recall, zip(hits, calls).map { Ratio.of($0, $1) }) }
    return area(zip(calls, hits).map { Ratio.of($0 - $1, all - positives) }, recall)
  }

  /// Σ (xᵢ − xᵢ₊₁) · height; x falls.
  private func area(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for i in x.indices.dropLast() {
      let height =
        switch summationMethod {
        case "minoring": min(y[i], y[i + 1])
        case "majoring": max(y[i], y[i + 1])
        default: (y[i] + y[i + 1]) / 2
        }
      sum += (x[i] - x[i + 1]) * height
    }
    return sum
  }

  /// Davis and Goadrich, "The relationship between precision-recall and ROC curves" (2006): between two thresholds true and
  /// false positives go in proportion, so precision does not follow a line.
  private func interpolatedPR(_ hits: [Double], _ calls: [Double], _ positives: Double) -> Double {
    var sum = 0.0
    for i in hits.indices.dropLast() {
      let won = hits[i] - hits[i + 1]
      let slope = Ratio.of(won, calls[i] - calls[i + 1])
      let intercept = hits[i + 1] - slope * calls[i + 1]
      let ratio = calls[i] > 0 && calls[i + 1] > 0 ? calls[i] / calls[i + 1] : 1
      sum += Ratio.of(slope * (won + intercept * NormalDistribution.log(ratio)), positives)
    }
    return sum
  }
}
