/// mean (y − ŷ)²
struct MeanSquaredError: LossDefinition {
  static let className = "MeanSquaredError"
  static let names = ["mean_squared_error", "mse", "MSE"]
  static let doc = "The mean of the squared differences."
  static let fields: [Field<MeanSquaredError>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try (yPred - yTrue).square().meanOfLastAxis()
  }
}

/// mean (log (1 + y) − log (1 + ŷ))²
struct MeanSquaredLogarithmicError: LossDefinition {
  static let className = "MeanSquaredLogarithmicError"
  static let names = ["mean_squared_logarithmic_error", "msle", "MSLE"]
  static let doc = """
    The mean of the squared differences of log(1 + y): for positive numbers of very different sizes. Numbers below 1e-7 \
    count as 1e-7.
    """
  static let fields: [Field<MeanSquaredLogarithmicError>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    func logarithm(_ y: Symbol) throws(NNError) -> Symbol {
      try y.clip(min: CrossEntropy.epsilon, max: .infinity).apply("log1p")
    }
    return try (logarithm(yPred) - logarithm(yTrue)).square().meanOfLastAxis()
  }
}

extension Symbol {
  /// The mean over the last axis; a batch of plain numbers, which has no axis beside the batch's, stays as it is.
  func meanOfLastAxis() throws(NNError) -> Symbol {
    shape.rank > 1 ? try mean(axes: [-1]) : self
  }

  /// The sum over the last axis, likewise.
  func sumOfLastAxis() throws(NNError) -> Symbol {
    shape.rank > 1 ? try sum(axes: [-1]) : self
  }
}
