/// mean |y − ŷ|
struct MeanAbsoluteError: LossDefinition {
  static let className = "MeanAbsoluteError"
  static let names = ["mean_absolute_error", "mae", "MAE"]
  static let doc = "The mean of the absolute differences: outliers count less than with squares."
  static let fields: [Field<MeanAbsoluteError>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try (yPred - yTrue).abs().meanOfLastAxis()
  }
}

/// 100 · mean |(y − ŷ) / y|
struct MeanAbsolutePercentageError: LossDefinition {
  static let className = "MeanAbsolutePercentageError"
  static let names = ["mean_absolute_percentage_error", "mape", "MAPE"]
  static let doc = """
    The mean of the absolute differences in per cent of the label; a label nearer to 0 than 1e-7 counts as 1e-7.
    """
  static let fields: [Field<MeanAbsolutePercentageError>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    let size = try yTrue.abs().clip(min: CrossEntropy.epsilon, max: .infinity)
    return try ((yTrue - yPred) / size).abs().meanOfLastAxis() * 100
  }
}
