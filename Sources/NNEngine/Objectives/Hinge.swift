/// Losses of margins: nothing is to be won beyond a distance of 1 on the right side.
struct Hinge: LossDefinition {
  static let className = "Hinge"
  static let names = ["hinge"]
  static let doc = """
    The mean of max(1 - y * p, 0), with labels y of -1 and 1; batches with labels of 0 and 1 only are converted.
    """
  static let fields: [Field<Hinge>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try Hinge.distances(yTrue, yPred).meanOfLastAxis()
  }

  /// How far each output is from where it should be.
  static func distances(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    // As Keras does, batch by batch: labels that are all 0 or 1 become -1 and 1.
    let isBinary = try (yTrue.equal(.fill(0, .scalar)) + yTrue.equal(.fill(1, .scalar))).min()
    let signs = try Symbol.select(isBinary, yTrue * 2 - 1, yTrue)
    return try (1 - signs * yPred).maximum(0)
  }
}

/// mean max(1 − y · ŷ, 0)²
struct SquaredHinge: LossDefinition {
  static let className = "SquaredHinge"
  static let names = ["squared_hinge"]
  static let doc = """
    The mean of max(1 - y * p, 0)^2, with labels y of -1 and 1; batches with labels of 0 and 1 only are converted.
    """
  static let fields: [Field<SquaredHinge>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try Hinge.distances(yTrue, yPred).square().meanOfLastAxis()
  }
}

/// max(1 + the best wrong class's output − the right class's output, 0)
struct CategoricalHinge: LossDefinition {
  static let className = "CategoricalHinge"
  static let names = ["categorical_hinge"]
  static let doc = "max(1 + w - r, 0), with one-hot labels: r is the right class's output, w the largest of the others."
  static let fields: [Field<CategoricalHinge>] = []
  static let labels = LabelKind.probabilities

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    _ = try CrossEntropy.classes(yPred)
    let right = try (yTrue * yPred).sum(axes: [-1])
    let wrong = try ((1 - yTrue) * yPred).max(axes: [-1])
    return try (wrong - right + 1).maximum(0)
  }
}
