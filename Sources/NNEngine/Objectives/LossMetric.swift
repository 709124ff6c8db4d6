/// A loss as a metric: the mean of its values over all samples, whatever the loss's reduction.
struct LossMetric<D: LossDefinition>: MetricDefinition {
  var name = D.names.first ?? D.className
  var definition = D()

  static var className: String { D.className }
  static var doc: String { D.doc }
  static var fields: [Field<LossMetric<D>>] {
    [Field("name", \.name, Accuracy.nameDoc)] + D.fields.map { $0.lifted(\.definition) }
  }

  func validate() throws(NNError) { try definition.validate() }

  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    let values = try Loss(definition).perSample(yTrue, yPred)
    return try values.counted(weights)
  }

  func result(_ sums: [[Double]]) -> Double { D.signAsMetric * Ratio.of(sums) }
}
