/// A layer: a function with a name, and once it is built with variables. It has identity: models share layers, and with them
/// their variables. A whole model can be a layer of another.
public final class Layer {
  /// Keras's class name.
  public let className: String
  /// Unique within a model.
  public let name: String
  /// The declared shape of one input sample, nil when it follows from the layer before.
  public var declaredInputShape: Shape? { nested.map { $0.inputShape } ?? declaredShape }
  /// One sample's shape for each input; empty until the layer is built. A layer that is called again has those of its first call.
  public private(set) var inputShapes: [Shape] = []
  /// One sample's shape for each output; empty until the layer is built.
  public private(set) var outputShapes: [Shape] = []
  /// The model that is used as a layer, if this is one.
  public let nested: Model?

  private let declaredShape: Shape?
  /// What kind of layer it is; nil for a model.
  let definition: (any LayerFunction)?
  private let ownConfiguration: Value.Table
  private var ownVariables: [Variable] = []
  private var ownTrainable: Bool
  private var body: (([Symbol], CallContext) throws(NNError) -> [Symbol])?

  init<D: LayerFunction>(_ configuration: LayerConfiguration<D>) throws(NNError) {
    className = D.className
    name = configuration.base.name ?? LayerNames.next(for: D.className)
    ownTrainable = configuration.base.trainable
    let implied = (configuration.definition as? any ShapeDeclaring)?.impliedInputShape
    declaredShape = try configuration.base.sampleShape() ?? implied
    definition = configuration.definition
    ownConfiguration = configuration.definition.configuration
    nested = nil
  }

  /// A model as a layer; `Model.asLayer` keeps one for each model.
  init(_ model: Model) {
    className = model.className
    name = model.name
    (declaredShape, definition, nested) = (nil, nil, model)
    ownTrainable = true
    ownConfiguration = Value.Table()
  }

  /// A layer of a class of the registry.
  public static func make(_ className: String, _ arguments: Arguments = Arguments()) throws(NNError) -> Layer {
    try registry.entry(className).make(arguments)
  }

  /// Whether the variables exist.
  public var isBuilt: Bool { body != nil }
  /// The layer has no function of its own: it only says what shape comes in.
  var isInput: Bool { definition is InputLayer }
  /// Whether training changes the weights; takes effect at the next call of fit.
  public var trainable: Bool {
    get { nested?.trainable ?? ownTrainable }
    set { if let nested { nested.trainable = newValue } else { ownTrainable = newValue } }
  }
  /// All variables: weights first, then statistics. Empty until the layer is built.
  public var variables: [Variable] { nested?.variables ?? ownVariables }
  /// The variables that training may change.
  public var weights: [Variable] { variables.filter { $0.role == .weight } }
  /// The weights, when the layer is trainable.
  public var trainableVariables: [Variable] { nested?.trainableVariables ?? (trainable ? weights : []) }
  /// Statistics, and the weights when the layer is frozen.
  public var nonTrainableVariables: [Variable] {
    nested?.nonTrainableVariables ?? (trainable ? variables.filter { $0.role != .weight } : variables)
  }
  /// The layers that are not models: the layer itself, or those of the model, of its models, …
  var leaves: [Layer] { nested?.layers.flatMap(\.leaves) ?? [self] }

  /// One input sample's shape; nil until the layer is built. Of several inputs the first.
  public var inputShape: Shape? { inputShapes.first }
  /// One output sample's shape; nil until the layer is built. Of several outputs the first.
  public var outputShape: Shape? { outputShapes.first }

  /// Makes the variables for input samples of this shape.
  public func build(_ input: Shape) throws(NNError) { try build([input]) }

  /// Makes the variables for input samples of these shapes, one for each input. A second time they must be such that the variables fit.
  public func build(_ inputs: [Shape]) throws(NNError) {
    if isBuilt {
      if inputs == inputShapes { return }
      guard variables.isEmpty, !isInput, let definition else {
        throw NNError(
          .shape, "the layer was built for inputs of shape \(text(inputShapes)), got \(text(inputs))", path: [name])
      }
      // Layers without variables are functions; they take other inputs too, if those are such as they take at all.
      do throws(NNError) { try Layer.check(definition, inputs) } catch { throw error.within(name) }
      return
    }
    if nested == nil, let declared = declaredShape, inputs != [declared] {
      throw NNError(
        .shape, "the layer declares inputs of shape \(declared.batched), got \(text(inputs))", path: [name])
    }
    if let nested {
      // The model names itself in its errors.
      try nested.prepare(inputs)
      body = { (inputs, context) throws(NNError) in try nested.call(inputs, context) }
      outputShapes = nested.outputShapes
      inputShapes = inputs
    } else if let definition {
      do throws(NNError) { try build(definition, inputs) } catch { throw error.within(name) }
    }
  }

  private static func check<D: LayerFunction>(_ definition: D, _ inputs: [Shape]) throws(NNError) {
    var factory = VariableFactory()
    _ = try definition.build(inputs: inputs, &factory)
  }

  private func text(_ shapes: [Shape]) -> String { shapes.map(\.batched).joined(separator: ", ") }

  private func build<D: LayerFunction>(_ definition: D, _ inputs: [Shape]) throws(NNError) {
    var factory = VariableFactory()
    let weights = try definition.build(inputs: inputs, &factory)
    let call = { (inputs: [Symbol], context: CallContext) throws(NNError) -> [Symbol] in
      let y = try definition.call(inputs: inputs, weights, context)
      if let regularizer = definition.activityRegularizer {
        // Keras divides by the batch size.
        context.add(loss: try regularizer.penalty(y) * (1 / Float(max(1, y.shape.dimensions.first ?? 1))))
      }
      return [y]
    }
    let outputs = try Layer.outputShapes(inputs, className, call)
    ownVariables = factory.variables.filter { $0.role == .weight } + factory.variables.filter { $0.role != .weight }
    for variable in ownVariables { variable.path = name + "/" + variable.name }
    (inputShapes, outputShapes, body) = (inputs, outputs, call)
  }

  /// Traced once on two samples, only for the shapes that come out.
  private static func outputShapes(
    _ inputs: [Shape], _ className: String, _ call: ([Symbol], CallContext) throws(NNError) -> [Symbol]
  ) throws(NNError) -> [Shape] {
    var probes: [Symbol] = []
    for shape in inputs { probes.append(try .fill(0, shape.batch(2))) }
    var result: [Shape] = []
    for output in try call(probes, CallContext(training: false)) {
      guard output.shape.rank > 0, output.shape[0] == 2 else {
        throw .shape(
          "\(className) turns a batch of 2 samples into shape \(output.shape): the batch axis must stay in front")
      }
      result.append(output.shape.sample)
    }
    return result
  }

  /// The shapes that come out for inputs of these shapes; builds the layer when it is not built yet.
  func outputShapes(for inputs: [Shape]) throws(NNError) -> [Shape] {
    try build(inputs)
    guard inputs != inputShapes, let body else { return outputShapes }
    do throws(NNError) { return try Layer.outputShapes(inputs, className, body) } catch { throw error.within(name) }
  }

  /// Forgets the variables, after a build of the whole model failed.
  func unbuild() {
    nested?.unbuild()
    (ownVariables, inputShapes, outputShapes, body) = ([], [], [], nil)
  }

  /// Emits the layer's function; builds it first when it is not built yet.
  public func call(_ x: Symbol, _ context: CallContext) throws(NNError) -> Symbol {
    let outputs = try call([x], context)
    guard outputs.count == 1 else { throw .shape("\(name) has \(outputs.count) outputs, expected one") }
    return outputs[0]
  }

  /// Emits the layer's function of several inputs; builds it first when it is not built yet.
  public func call(_ inputs: [Symbol], _ context: CallContext) throws(NNError) -> [Symbol] {
    for x in inputs where x.shape.rank == 0 { throw NNError(.shape, "the input has no batch axis", path: [name]) }
    try build(inputs.map(\.shape.sample))
    guard let body else { throw NNError(.internal, "not built", path: [name]) }
    if nested != nil { return try body(inputs, context) }
    context.isFrozen = !trainable
    do throws(NNError) { return try body(inputs, context) } catch { throw error.within(name) }
  }

  /// Keras's get_config: name and trainable, the declared input shape, then the kind's own fields. A model's is its own.
  public var configuration: Value.Table {
    if let nested { return nested.configuration.table?["config"]?.table ?? Value.Table() }
    var table = Value.Table([("name", .string(name)), ("trainable", .bool(trainable))])
    if let shape = declaredShape {
      table["batch_input_shape"] = .list([.null] + shape.dimensions.map { .integer($0) })
    }
    table["dtype"] = .string("float32")
    for entry in ownConfiguration.entries { table[entry.name] = entry.value }
    return table
  }
}
