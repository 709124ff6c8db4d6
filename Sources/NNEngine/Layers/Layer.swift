/// A layer: a function with a name, and once it is built with variables. It has identity: models share layers, and with them
/// their variables. A whole model can be a layer of another.
public final class Layer {
  /// Keras's class name.
  public let className: String
  /// Unique within a model.
  public private(set) var name: String
  /// The declared shape of one input sample, nil when it follows from the layer before.
  public var declaredInputShape: Shape? { nested.map { $0.inputShape } ?? declaredShape }
  /// One sample's shape for each input; empty until the layer is built. A layer that is called again has those of its first call.
  public private(set) var inputShapes: [Shape] = []
  /// One sample's shape for each output; empty until the layer is built.
  public private(set) var outputShapes: [Shape] = []
  /// The model that is used as a layer, if this is one.
  public let nested: Model?

  /// What a user's class does, if this layer is of one.
  public let code: (any LayerCode)?
  /// The built-in layer that a user's class derives from.
  public internal(set) var base: Layer?
  /// The layers inside a layer of a user's class, the base among them.
  public private(set) var sublayers: [Layer] = []
  /// Whether `build` of a user's class is running, or its constructor: variables may be made.
  private var takesVariables = true

  private var declaredShape: Shape?
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
    (nested, code) = (nil, nil)
  }

  /// A layer of a user's class. `options` may hold what every layer takes: name, trainable, input_shape …
  public init(_ code: any LayerCode, options: Value.Table = Value.Table()) throws(NNError) {
    self.code = code
    className = code.className
    let options = try LayerBase.make(Arguments([], options))
    name = options.name ?? LayerNames.next(for: code.className)
    ownTrainable = options.trainable
    declaredShape = try options.sampleShape()
    (definition, nested) = (nil, nil)
    ownConfiguration = Value.Table()
  }

  /// A model as a layer; `Model.asLayer` keeps one for each model.
  init(_ model: Model) {
    className = model.className
    name = model.name
    (declaredShape, definition, nested, code) = (nil, nil, model, nil)
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
    set {
      if let nested {
        nested.trainable = newValue
        return
      }
      ownTrainable = newValue
      for layer in sublayers { layer.trainable = newValue }
    }
  }
  /// All variables: weights first, then statistics. Empty until the layer is built.
  public var variables: [Variable] {
    nested?.variables ?? (code == nil ? ownVariables : Model.unique(ownVariables + sublayers.flatMap(\.variables)))
  }
  /// The variables that training may change.
  public var weights: [Variable] { variables.filter { $0.role == .weight } }
  /// The weights, when the layer is trainable, without those that are not by themselves.
  public var trainableVariables: [Variable] { weightsOfTrainableLayers.filter(\.trainable) }
  private var weightsOfTrainableLayers: [Variable] {
    if let nested { return Model.unique(nested.layers.flatMap(\.weightsOfTrainableLayers)) }
    guard trainable else { return [] }
    let own = ownVariables.filter { $0.role == .weight }
    return code == nil ? own : Model.unique(own + sublayers.flatMap(\.weightsOfTrainableLayers))
  }
  /// All variables in Keras's files' order: those of trainable layers first. Single frozen variables stay where they are.
  var variablesInFiles: [Variable] {
    let trained = weightsOfTrainableLayers
    let known = Set(trained.map(ObjectIdentifier.init))
    return trained + variables.filter { !known.contains(ObjectIdentifier($0)) }
  }
  /// Statistics, and the weights that are frozen: each by itself, or with the layer.
  public var nonTrainableVariables: [Variable] {
    let trained = Set(trainableVariables.map(ObjectIdentifier.init))
    return variables.filter { !trained.contains(ObjectIdentifier($0)) }
  }
  /// The layers that are not models: the layer itself, with those inside it, or those of the model, of its models, …
  var leaves: [Layer] { nested?.layers.flatMap(\.leaves) ?? [self] + sublayers.flatMap(\.leaves) }

  /// Which of the leaves and of their variables are trainable, in an order that depends on the structure only.
  func appendTrainable(to flags: inout [Bool]) {
    if let nested {
      for layer in nested.layers { layer.appendTrainable(to: &flags) }
      return
    }
    flags.append(trainable)
    for variable in ownVariables { flags.append(variable.trainable) }
    for layer in sublayers { layer.appendTrainable(to: &flags) }
  }

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
    } else if let code {
      do throws(NNError) { try build(code, inputs) } catch { throw error.within(name) }
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
  static func outputShapes(
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
    for layer in sublayers { layer.unbuild() }
    (ownVariables, inputShapes, outputShapes, body) = (earlyVariables, [], [], nil)
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
    if nested != nil {
      context.origins?.enter(name)
      defer { context.origins?.leave() }
      return try body(inputs, context)
    }
    let before = context.isFrozen
    defer { context.isFrozen = before }
    context.isFrozen = !trainable
    do throws(NNError) {
      let results = try body(inputs, context)
      context.origins?.claim(results, for: name)
      return results
    } catch { throw error.within(name) }
  }

  /// Keras's get_config: name and trainable, the declared input shape, then the kind's own fields. A model's is its own.
  public var configuration: Value.Table {
    if let nested { return nested.configuration.table?["config"]?.table ?? Value.Table() }
    var table = commonConfiguration
    for entry in ownConfiguration.entries { table[entry.name] = entry.value }
    // What goes wrong in a user's get_config, `checkConfiguration` reports.
    let ofCode = code.flatMap { code in try? code.configuration(self) }
    for entry in ofCode?.entries ?? [] { table[entry.name] = entry.value }
    return table
  }

  /// The part that every layer has.
  public var commonConfiguration: Value.Table {
    var table = Value.Table([("name", .string(name)), ("trainable", .bool(trainable))])
    if let shape = declaredShape {
      table["batch_input_shape"] = .list([.null] + shape.dimensions.map { .integer($0) })
    }
    table["dtype"] = .string("float32")
    return table
  }

  /// What the layer's kind was made with, without what every layer has.
  public var kindConfiguration: Value.Table { ownConfiguration }

  // MARK: Layers of users' classes

  /// Variables that a user's class made in its constructor; they outlive a failed build.
  private var earlyVariables: [Variable] = []

  /// Takes the built-in layer that the class derives from, and what every layer has.
  public func adopt(_ base: Layer, options: Value.Table) throws(NNError) {
    let options = try LayerBase.make(Arguments([], options))
    if let given = options.name { name = given }
    if let shape = try options.sampleShape() ?? base.declaredShape { declaredShape = shape }
    base.name = name
    base.declaredShape = nil
    base.trainable = ownTrainable
    self.base = base
  }

  /// Ends construction: looks for the layers inside, and for variables.
  public func finishConstruction() throws(NNError) {
    try findSublayers()
    if !trainable { trainable = false }
    takesVariables = false
    earlyVariables = ownVariables
    for variable in ownVariables { variable.path = name + "/" + variable.name }
  }

  private func findSublayers() throws(NNError) {
    var known: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    let found = try (base.map { [$0] } ?? []) + (code?.sublayers() ?? [])
    for layer in found where layer !== self && layer.contains(self) {
      throw NNError(.invalidArgument, "a layer cannot be inside '\(layer.name)', which it contains", path: [name])
    }
    sublayers = found.filter { known.insert(ObjectIdentifier($0)).inserted }
  }

  /// A new variable of a user's class, in its constructor or its build.
  public func addWeight(_ arguments: Arguments) throws(NNError) -> Variable {
    guard takesVariables else {
      throw NNError(.state, "add_weight: weights are made in init or build, not later", path: [name])
    }
    let options = try WeightOptions.make(arguments)
    guard !ownVariables.contains(where: { $0.name == options.name }) else {
      throw .invalid("add_weight: the layer has a weight '\(options.name)' already")
    }
    var factory = VariableFactory()
    let variable = try factory.make(
      options.name, options.shape, options.initializer, role: options.trainable ? .weight : .statistic,
      regularizer: options.regularizer, constraint: options.constraint)
    ownVariables.append(variable)
    return variable
  }

  private func build(_ code: any LayerCode, _ inputs: [Shape]) throws(NNError) {
    try findSublayers()
    let wasBuilt = Set(sublayers.filter(\.isBuilt).map(ObjectIdentifier.init))
    func isNew(_ layer: Layer) -> Bool { layer.isBuilt && !wasBuilt.contains(ObjectIdentifier(layer)) }
    let call = { [weak self] (inputs: [Symbol], context: CallContext) throws(NNError) -> [Symbol] in
      guard let self else { throw NNError(.internal, "the layer is gone") }
      return try emit(code, inputs, context)
    }
    do throws(NNError) {
      takesVariables = true
      defer { takesVariables = false }
      try code.build(self, inputs)
      takesVariables = false
      try findSublayers()
      let outputs = try Layer.outputShapes(inputs, className, call)
      try findSublayers()
      try code.check(self, inputs, outputs)
      (inputShapes, outputShapes, body) = (inputs, outputs, call)
    } catch {
      for layer in sublayers where isNew(layer) { layer.unbuild() }
      ownVariables = earlyVariables
      throw error
    }
    ownVariables = ownVariables.filter { $0.role == .weight } + ownVariables.filter { $0.role != .weight }
    for variable in ownVariables { variable.path = name + "/" + variable.name }
    for layer in sublayers where layer !== base && isNew(layer) {
      for variable in layer.variables { variable.path = name + "/" + variable.path }
    }
  }

  private func emit(
    _ code: any LayerCode, _ inputs: [Symbol], _ context: CallContext
  ) throws(NNError) -> [Symbol] {
    let scope = SymbolScope(context)
    defer { scope.end() }
    var results: [Symbol] = []
    for value in try code.call(self, inputs.map { ScopedSymbol($0, scope) }, scope) {
      guard let symbol = try ScopedSymbol.symbol(from: value) else {
        throw .invalid("\(className): call must return a tensor, got \(value.text)")
      }
      results.append(symbol)
    }
    guard !results.isEmpty else { throw .invalid("\(className): call returned no tensor") }
    return results
  }
}
