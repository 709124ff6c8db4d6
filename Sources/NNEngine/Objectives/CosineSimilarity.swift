/// −cos of the angle between labels and outputs.
struct CosineSimilarity: LossDefinition {
  var axis = -1

  static let className = "CosineSimilarity"
  static let names = ["cosine_similarity", "cosine_proximity"]
  static let doc = """
    Minus the cosine of the angle between label and output: -1 for the same direction, 0 for a right angle. As a metric, the \
    cosine itself.
    """
  static let fields: [Field<CosineSimilarity>] = [
    Field("axis", \.axis, "The axis of the vectors; the batch's is 0.")
  ]
  static let labels = LabelKind.numbers
  static let signAsMetric = -1.0

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    func direction(_ x: Symbol) throws(NNError) -> Symbol {
      let square = try x.square().sum(axes: [axis], keepDims: true)
      return try x * square.maximum(1e-12).apply("rsqrt")
    }
    return try (direction(yTrue) * direction(yPred)).sum(axes: [axis]).negative()
  }
}
