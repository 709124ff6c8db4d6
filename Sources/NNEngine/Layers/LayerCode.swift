/// What a user's class of layers does, in whatever language it is written. It holds the instance's own fields, but not the layer:
/// that is handed to it.
public protocol LayerCode: AnyObject {
  /// The class's name.
  var className: String { get }
  /// The class's own part of get_config.
  func configuration(_ layer: Layer) throws(NNError) -> Value.Table
  /// The layers among the instance's fields, in the order in which they came there.
  func sublayers() throws(NNError) -> [Layer]
  /// Makes the variables, by `Layer.addWeight`.
  func build(_ layer: Layer, _ inputs: [Shape]) throws(NNError)
  /// The layer's function: called when a program is made, on symbols.
  func call(_ layer: Layer, _ inputs: [ScopedSymbol], _ scope: SymbolScope) throws(NNError) -> [Value]
  /// Compares the shapes that come out with what the class says, if it does.
  func check(_ layer: Layer, _ inputs: [Shape], _ outputs: [Shape]) throws(NNError)
  /// A training step of the class's own, for models: the named numbers that it returns; nil when it has none. What it updates it tells
  /// the scope.
  func trainStep(_ data: [Value], _ scope: SymbolScope) throws(NNError) -> Value.Table?
  /// Makes another layer of the same class from a configuration.
  var maker: CustomLayers.Maker { get }
}

/// The arguments of add_weight.
struct WeightOptions: Configurable {
  var name = "weight"
  var shape: [Int] = []
  var dtype = "float32"
  var initializer = Initializer(Preset<GlorotUniform>())
  var regularizer: Regularizer?
  var trainable = true
  var constraint: Constraint?

  static let className = "add_weight"
  static let doc = "A new variable of a layer."
  static let fields: [Field<WeightOptions>] = [
    Field("name", \.name, check: Check("a name") { !$0.isEmpty && !$0.contains("/") }, "Its name in the layer."),
    Field("shape", \.shape, "Its extents; a single number when not given."),
    Field("dtype", \.dtype, check: .oneOf("float32"), "Type of its elements."),
    Field("initializer", \.initializer, "First values."),
    Field("regularizer", \.regularizer, "Penalty on it, added to the loss."),
    Field("trainable", \.trainable, "Whether training changes it."),
    Field("constraint", \.constraint, "Applied to it after each update."),
  ]
}

extension Layer {
  /// Records the layer's function inside another's, or inside a function that gradients are taken of.
  public func callAsFunction(_ inputs: [ScopedSymbol], training: Bool? = nil) throws(NNError) -> [ScopedSymbol] {
    guard let scope = inputs.first?.scope else { throw .invalid("\(name): called without inputs") }
    guard let context = scope.context else {
      throw NNError(.state, "layers can be called inside layers and models, not in losses and the like", path: [name])
    }
    var symbols: [Symbol] = []
    for input in inputs { symbols.append(try input.value()) }
    let outputs = try context.behaving(training: training) { () throws(NNError) in try call(symbols, context) }
    return outputs.map { ScopedSymbol($0, scope) }
  }

  /// Computes the layer's function at once. Its statistics change as they do in a step.
  public func callAsFunction(_ inputs: [Tensor], training: Bool = false) throws(NNError) -> [Tensor] {
    let random = try ModelRandom()
    let context = CallContext(training: training, random: random.key)
    var symbols: [Symbol] = []
    for tensor in inputs { symbols.append(try .literal(tensor)) }
    let program = try Program(
      outputs: call(symbols, context), assignments: context.updates, options: Program.Options.current)
    if context.isRandom { random.beginStep() }
    program.run()
    var results: [Tensor] = []
    for i in program.outputIndices { results.append(try program.value(i)) }
    return results
  }
}
