/// What training makes small: a function of the labels and the model's output for each sample.
public protocol LossDefinition: Configurable {
  /// Which labels it accepts.
  static var labels: LabelKind { get }
  /// One number for each sample (more when the output has more than two axes); labels come in the shape that `labels` asks for.
  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol
}

/// A loss function.
public struct Loss: Registered, Sendable {
  let definition: any LossDefinition

  init(_ definition: any LossDefinition) { self.definition = definition }

  private var name: String { type(of: definition).className }
  /// Which labels it accepts.
  public var labels: LabelKind { type(of: definition).labels }

  /// The loss of each sample; both arguments have the batch as their first axis.
  public func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try within(name) { () throws(NNError) in try definition.perSample(labels.matched(yTrue, to: yPred), yPred) }
  }

  /// The mean over the batch, a scalar.
  public func mean(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try perSample(yTrue, yPred).mean()
  }

  /// Throws unless labels of this tensor's shape and values go with an output of shape `output` (one sample's, without the
  /// batch axis). One pass over the memory: for the beginning of fit and evaluate.
  public func check(labels y: Tensor, output: Shape) throws(NNError) {
    guard y.shape.rank > 0 else { throw .shape("\(name): the labels are a scalar, expected one row for each sample") }
    try within(name) { () throws(NNError) in _ = try labels.shape(of: y.shape.sample, for: output) }
    try labels.check(y, classes: output.dimensions.last ?? 1)
  }

  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? { (name, definition.configuration) }

  /// All losses.
  public static let registry = Registry<Loss>(
    "loss",
    [
      .init(MeanSquaredError.self, aliases: ["mean_squared_error", "mse", "MSE"]) { Loss($0) },
      .init(BinaryCrossentropy.self, aliases: ["binary_crossentropy", "bce", "BCE"]) { Loss($0) },
      .init(CategoricalCrossentropy.self, aliases: ["categorical_crossentropy"]) { Loss($0) },
      .init(SparseCategoricalCrossentropy.self, aliases: ["sparse_categorical_crossentropy"]) { Loss($0) },
    ])
}
