/// What training makes small: a function of the labels and the model's output for each sample.
public protocol LossDefinition: Configurable {
  /// Keras's names of the function; the first is the default `name`, and the key as a metric.
  static var names: [String] { get }
  /// Which labels it accepts.
  static var labels: LabelKind { get }
  /// −1 where Keras's metric of this name has the opposite sign.
  static var signAsMetric: Double { get }
  /// One number for each sample (more when the output has more than two axes); labels come in the shape that `labels` asks for.
  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol
}

extension LossDefinition {
  /// Most are the same as losses and as metrics.
  public static var signAsMetric: Double { 1 }
}

/// A loss function.
public struct Loss: Registered, Sendable {
  let definition: any LossDefinition
  let options: LossOptions
  private let whole: any Configurable

  init<D: LossDefinition>(_ configuration: LossConfiguration<D>) {
    definition = configuration.definition
    options = configuration.options
    whole = configuration
  }

  /// A loss with Keras's defaults for what all losses have.
  init<D: LossDefinition>(_ definition: D) {
    self.init(LossConfiguration(definition: definition))
  }

  private var className: String { type(of: definition).className }
  /// Which labels it accepts.
  public var labels: LabelKind { type(of: definition).labels }
  /// Whether the samples' losses become one number, as training needs it.
  public var isReduced: Bool { options.reduction != "none" }

  /// The loss of each sample; both arguments have the batch as their first axis.
  public func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try within(className) { () throws(NNError) in try definition.perSample(labels.matched(yTrue, to: yPred), yPred) }
  }

  /// The batch's loss, reduced as the loss was told to: the mean over the batch unless it says otherwise. With weights, one
  /// for each sample, each sample's loss counts so many times, but the mean still divides by the number of samples.
  public func callAsFunction(
    _ yTrue: Symbol, _ yPred: Symbol, weights: Symbol? = nil
  ) throws(NNError) -> Symbol {
    var values = try perSample(yTrue, yPred)
    if let weights {
      guard weights.shape.rank == 1, values.shape.rank > 0, weights.shape[0] == values.shape[0] else {
        throw .shape("\(className): weights of shape \(weights.shape) for losses of shape \(values.shape)")
      }
      let column = [weights.shape[0]] + [Int](repeating: 1, count: values.shape.rank - 1)
      values = try values * weights.reshaped(column)
    }
    switch options.reduction {
    case "none": return values
    case "sum": return try values.sum()
    default: return try values.mean()
    }
  }

  /// Throws unless labels of this tensor's shape and values go with an output of shape `output` (one sample's, without the
  /// batch axis). One pass over the memory: for the beginning of fit and evaluate.
  public func check(labels y: Tensor, output: Shape) throws(NNError) {
    guard y.shape.rank > 0 else {
      throw .shape("\(className): the labels are a scalar, expected one row for each sample")
    }
    try within(className) { () throws(NNError) in _ = try labels.shape(of: y.shape.sample, for: output) }
    try labels.check(y, classes: output.dimensions.last ?? 1)
  }

  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? {
    definition is any UserComponent ? nil : (className, whole.configuration)
  }

  /// All losses.
  public static let registry = Registry<Loss>("loss", LossEntry.all.map(\.loss))
}
