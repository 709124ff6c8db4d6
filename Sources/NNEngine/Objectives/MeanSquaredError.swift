/// mean (y − ŷ)²
struct MeanSquaredError: LossDefinition {
  static let className = "MeanSquaredError"
  static let doc = "The mean of the squared differences."
  static let fields: [Field<MeanSquaredError>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try (yPred - yTrue).square().meanOfLastAxis()
  }
}

extension Symbol {
  /// The mean over the last axis; a batch of plain numbers, which has no axis beside the batch's, stays as it is.
  func meanOfLastAxis() throws(NNError) -> Symbol {
    shape.rank > 1 ? try mean(axes: [-1]) : self
  }
}
