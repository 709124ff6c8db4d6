/// The mean of the outputs. (Keras's Mean is fed by hand; a metric of a model sees its output.)
struct MeanOutput: MetricDefinition {
  var name = "mean"

  static let className = "Mean"
  static let doc = "The mean of the model's outputs, whatever the labels."
  static let fields: [Field<MeanOutput>] = [Field("name", \.name, Accuracy.nameDoc)]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    try yPred.counted(weights)
  }
}

/// The sum of the outputs.
struct SumOutput: MetricDefinition {
  var name = "sum"

  static let className = "Sum"
  static let doc = "The sum of the model's outputs, whatever the labels."
  static let fields: [Field<SumOutput>] = [Field("name", \.name, Accuracy.nameDoc)]

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    [try yPred.total(weights)]
  }

  func result(_ sums: [[Double]]) -> Double { sums.first?.first ?? 0 }
}
