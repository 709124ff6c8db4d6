/// mean (ŷ − y log ŷ)
struct Poisson: LossDefinition {
  static let className = "Poisson"
  static let names = ["poisson"]
  static let doc = "The mean of p - y * log(p + 1e-7): for counts y, of which the model gives the expectation p."
  static let fields: [Field<Poisson>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try (yPred - yTrue * (yPred + CrossEntropy.epsilon).log()).meanOfLastAxis()
  }
}
