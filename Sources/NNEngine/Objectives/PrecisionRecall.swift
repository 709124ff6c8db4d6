/// Of all that the model calls positive, the part that is.
struct Precision: MetricDefinition {
  var threshold: DecisionThreshold = 0.5
  var name = "precision"

  static let className = "Precision"
  static let doc = "True positives over all that the model calls positive; 0 when it calls nothing so."
  static let fields: [Field<Precision>] = [
    Field("thresholds", \.threshold, aliases: ["threshold"], DecisionThreshold.doc),
    Field("name", \.name, Accuracy.nameDoc),
  ]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let (labels, calls) = try threshold.decisions(yTrue, yPred)
    return [try (labels * calls).total(weights), try calls.total(weights)]
  }
}

/// Of all positives, the part that the model finds.
struct Recall: MetricDefinition {
  var threshold: DecisionThreshold = 0.5
  var name = "recall"

  static let className = "Recall"
  static let doc = "True positives over all positives; 0 when there are none."
  static let fields: [Field<Recall>] = [
    Field("thresholds", \.threshold, aliases: ["threshold"], DecisionThreshold.doc),
    Field("name", \.name, Accuracy.nameDoc),
  ]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let (labels, calls) = try threshold.decisions(yTrue, yPred)
    return [try (labels * calls).total(weights), try labels.total(weights)]
  }
}

/// What an output must exceed to be a yes.
struct DecisionThreshold: ConfigValue, ExpressibleByFloatLiteral {
  let value: Double

  init(floatLiteral value: Double) { self.value = value }

  static let kind = "a number in 0 … 1"
  static let doc = "What an output must exceed to be a yes. (Keras takes several; here each is a metric of its own.)"
  static func decode(_ value: Value) throws(NNError) -> DecisionThreshold? {
    if let number = Double.decode(value), (0...1).contains(number) { return DecisionThreshold(floatLiteral: number) }
    guard let list = try [Double].decode(value), list.count == 1, (0...1).contains(list[0]) else { return nil }
    return DecisionThreshold(floatLiteral: list[0])
  }
  var encoded: Value { .number(value) }

  /// Labels (0 is a no, all else a yes) and the model's decisions, as zeros and ones.
  func decisions(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> (labels: Symbol, calls: Symbol) {
    let labels = try LabelKind.numbers.matched(yTrue, to: yPred).notEqual(0)
    return (labels, try yPred.greater(Float(value)))
  }
}
