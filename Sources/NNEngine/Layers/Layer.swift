/// A layer: a definition, a name, and once it is built its variables. It has identity: models share layers, and with them
/// their variables.
public final class Layer {
  /// Keras's class name.
  public let className: String
  /// Unique within a model.
  public let name: String
  /// Whether training changes the weights; takes effect at the next call of fit.
  public var trainable: Bool
  /// The declared shape of one input sample, nil when it follows from the layer before.
  public let declaredInputShape: Shape?
  /// All variables: weights first, then statistics. Empty until the layer is built.
  public private(set) var variables: [Variable] = []
  /// One input sample's shape; nil until the layer is built.
  public private(set) var inputShape: Shape?
  /// One output sample's shape; nil until the layer is built.
  public private(set) var outputShape: Shape?

  let definition: any LayerDefinition
  private let ownConfiguration: Value.Table
  private var body: ((Symbol, CallContext) throws(NNError) -> Symbol)?

  init<D: LayerDefinition>(_ configuration: LayerConfiguration<D>) throws(NNError) {
    className = D.className
    name = configuration.base.name ?? LayerNames.next(for: D.className)
    trainable = configuration.base.trainable
    let implied = (configuration.definition as? any ShapeDeclaring)?.impliedInputShape
    declaredInputShape = try configuration.base.sampleShape() ?? implied
    definition = configuration.definition
    ownConfiguration = configuration.definition.configuration
  }

  /// A layer of a class of the registry.
  public static func make(_ className: String, _ arguments: Arguments = Arguments()) throws(NNError) -> Layer {
    try registry.entry(className).make(arguments)
  }

  /// Whether the variables exist.
  public var isBuilt: Bool { body != nil }
  /// The definition's type has no function of its own: it only says what shape comes in.
  var isInput: Bool { definition is InputLayer }
  /// The variables that training may change.
  public var weights: [Variable] { variables.filter { $0.role == .weight } }
  /// The weights, when the layer is trainable.
  public var trainableVariables: [Variable] { trainable ? weights : [] }
  /// Statistics, and the weights when the layer is frozen.
  public var nonTrainableVariables: [Variable] { trainable ? variables.filter { $0.role != .weight } : variables }

  /// Makes the variables for input samples of this shape. A second time the shape must be the same.
  public func build(_ input: Shape) throws(NNError) {
    if let inputShape {
      guard inputShape == input else {
        throw NNError(
          .shape, "the layer was built for inputs of shape \(inputShape.batched), got \(input.batched)", path: [name])
      }
      return
    }
    if let declared = declaredInputShape, declared != input {
      throw NNError(
        .shape, "the layer declares inputs of shape \(declared.batched), got \(input.batched)", path: [name])
    }
    do throws(NNError) { try build(definition, input) } catch { throw error.within(name) }
  }

  private func build<D: LayerDefinition>(_ definition: D, _ input: Shape) throws(NNError) {
    var factory = VariableFactory()
    let weights = try definition.build(input, &factory)
    let call = { (x: Symbol, context: CallContext) throws(NNError) -> Symbol in
      let y = try definition.call(x, weights, context)
      if let regularizer = definition.activityRegularizer {
        // Keras divides by the batch size.
        context.add(loss: try regularizer.penalty(y) * (1 / Float(max(1, y.shape.dimensions.first ?? 1))))
      }
      return y
    }
    // Traced once on two samples, only for the shape that comes out.
    let probe = try Symbol.fill(0, input.batch(2))
    let output = try call(probe, CallContext(training: false)).shape
    guard output.rank > 0, output[0] == 2 else {
      throw .shape("\(className) turns a batch of 2 samples into shape \(output): the batch axis must stay in front")
    }
    variables = factory.variables.filter { $0.role == .weight } + factory.variables.filter { $0.role != .weight }
    for variable in variables { variable.path = name + "/" + variable.name }
    inputShape = input
    outputShape = output.sample
    body = call
  }

  /// Forgets the variables, after a build of the whole model failed.
  func unbuild() { (variables, inputShape, outputShape, body) = ([], nil, nil, nil) }

  /// Emits the layer's function; builds it first when it is not built yet.
  public func call(_ x: Symbol, _ context: CallContext) throws(NNError) -> Symbol {
    guard x.shape.rank > 0 else { throw NNError(.shape, "the input has no batch axis", path: [name]) }
    try build(x.shape.sample)
    guard let body else { throw NNError(.internal, "not built", path: [name]) }
    context.isFrozen = !trainable
    do throws(NNError) { return try body(x, context) } catch { throw error.within(name) }
  }

  /// Keras's get_config: name and trainable, the declared input shape, then the kind's own fields.
  public var configuration: Value.Table {
    var table = Value.Table([("name", .string(name)), ("trainable", .bool(trainable))])
    if let shape = declaredInputShape {
      table["batch_input_shape"] = .list([.null] + shape.dimensions.map { .integer($0) })
    }
    table["dtype"] = .string("float32")
    for entry in ownConfiguration.entries { table[entry.name] = entry.value }
    return table
  }
}

extension Layer: Registered {
  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? { (className, configuration) }

  /// All kinds of layers.
  public static let registry = Registry<Layer>(
    "layer",
    [
      entry(InputLayer.self), entry(Dense.self), entry(ActivationLayer.self), entry(ReLU.self), entry(LeakyReLU.self),
      entry(PReLU.self), entry(RReLU.self), entry(ELU.self), entry(ThresholdedReLU.self), entry(SoftmaxLayer.self),
      entry(Flatten.self), entry(ReshapeLayer.self), entry(Permute.self), entry(RepeatVector.self),
      entry(Rescaling.self), entry(BatchNormalization.self), entry(LayerNormalization.self), entry(DropoutLayer.self),
      entry(AlphaDropout.self), entry(GaussianNoise.self), entry(GaussianDropout.self),
      entry(ActivityRegularization.self), entry(Embedding.self), entry(Normalization.self),
    ])

  private static func entry<D: LayerDefinition>(_ type: D.Type) -> Registry<Layer>.Entry {
    .init(LayerConfiguration<D>.self) { (configuration) throws(NNError) in try Layer(configuration) }
  }
}
