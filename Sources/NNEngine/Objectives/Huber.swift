/// Squared near 0, linear beyond delta.
struct Huber: LossDefinition {
  var delta = 1.0

  static let className = "Huber"
  static let names = ["huber_loss", "huber"]
  static let doc = """
    Half the squared difference d up to delta, delta * (abs(d) - delta / 2) beyond: smooth at 0, and outliers count less \
    than with squares. As in TensorFlow 2.1, reductions 'none' and 'sum' see one loss for each number of the output.
    """
  static let fields: [Field<Huber>] = [
    Field("delta", \.delta, check: .positive, "Where the square ends and the line begins.")
  ]
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    let difference = try (yPred - yTrue).abs()
    let near = try difference.minimum(Float(delta))
    return try near.square() * 0.5 + (difference - near) * Float(delta)
  }
}

/// mean log cosh (ŷ − y)
struct LogCosh: LossDefinition {
  static let className = "LogCosh"
  static let names = ["logcosh", "log_cosh"]
  static let doc = """
    The mean of log(cosh(d)) of the differences d: half the square of small ones, abs(d) - log(2) of large ones.
    """
  static let fields: [Field<LogCosh>] = []
  static let labels = LabelKind.numbers

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try (yPred - yTrue).apply("log_cosh").meanOfLastAxis()
  }
}
