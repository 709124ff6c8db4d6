/// Σ y log (y / ŷ)
struct KLDivergence: LossDefinition {
  static let className = "KLDivergence"
  static let names = ["kullback_leibler_divergence", "kl_divergence", "kld", "KLD"]
  static let doc = """
    sum(y * log(y / p)): how much the probabilities p that the model gives differ from the distribution y. Both are limited \
    to 1e-7 ... 1.
    """
  static let fields: [Field<KLDivergence>] = []
  static let labels = LabelKind.probabilities

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    let y = try yTrue.clip(min: CrossEntropy.epsilon, max: 1)
    let p = try yPred.clip(min: CrossEntropy.epsilon, max: 1)
    return try (y * (y / p).log()).sumOfLastAxis()
  }
}
