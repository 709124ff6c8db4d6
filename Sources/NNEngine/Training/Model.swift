import Synchronization

/// Layers with all that training adds: optimizer, loss, metrics, history. A Sequential model is a stack that can grow; a functional
/// model is a network with any number of inputs and outputs. Layers may be shared with other models, and a model can be a layer of another.
public final class Model {
  /// Keras's name: "sequential", "sequential_1", "model".
  public let name: String
  /// The layers: of a Sequential in order, without an InputLayer; of a functional model by depth, the inputs first.
  public private(set) var layers: [Layer] = []
  /// What came with an InputLayer.
  private(set) var inputLayer: Layer?
  /// The one layer of a model of a user's class: its code is the model's. nil for others.
  public let userLayer: Layer?
  /// The calls of a functional model; nil for a Sequential.
  let network: Network?
  /// Optimizer, loss and metrics, after compile.
  var compilation: Compilation?
  /// Whether somebody asked the last fit to end: after its batch, or after its epoch. Keras's stop_training.
  public var stopTraining = false
  /// What the last fit recorded.
  public internal(set) var history: History?
  /// A training that was cancelled and can go on.
  var interrupted: Trainer?
  /// Counts changes after which programs must be made anew.
  private(set) var generation = 0
  let programs = ProgramCache()
  /// Where dropout's random numbers come from.
  let random: ModelRandom
  private let cancelled = Atomic<Bool>(false)
  private weak var layer: Layer?
  /// What the last `prepare` has built.
  private var newlyBuilt: [Layer] = []

  /// A Sequential model of these layers.
  public init(name: String? = nil, layers: [Layer] = []) throws(NNError) {
    if let name, name.isEmpty { throw .invalid("Sequential: 'name' must not be empty") }
    self.name = name ?? LayerNames.next(for: "Sequential")
    (network, userLayer) = (nil, nil)
    random = try ModelRandom()
    for layer in layers { try add(layer) }
  }

  /// A model of a user's class, which is that of this layer. `Layer.finishConstruction` comes after.
  public init(_ layer: Layer) throws(NNError) {
    name = layer.name
    (network, userLayer) = (nil, layer)
    random = try ModelRandom()
    layers = [layer]
  }

  /// A functional model: everything between `inputs` (made by `LayerOutput.input`) and `outputs`.
  public init(name: String? = nil, inputs: [LayerOutput], outputs: [LayerOutput]) throws(NNError) {
    if let name, name.isEmpty { throw .invalid("Model: 'name' must not be empty") }
    let network = try Network(inputs: inputs, outputs: outputs, "Model")
    self.name = name ?? LayerNames.next(for: "Model")
    (self.network, userLayer) = (network, nil)
    random = try ModelRandom()
    layers = network.layers
  }

  /// Whether layers can be added.
  public var isSequential: Bool { network == nil && userLayer == nil }
  /// The layers as users count them: those inside a model of a user's class.
  public var visibleLayers: [Layer] { userLayer?.sublayers ?? layers }

  /// Appends a layer, and builds it when the shape that comes in is known.
  public func add(_ layer: Layer) throws(NNError) {
    guard isSequential else {
      throw NNError(.state, "add: layers can be added to a Sequential only; this is a \(kindText)", path: [name])
    }
    if layer.isInput {
      guard layers.isEmpty, inputLayer == nil else {
        throw NNError(.invalidArgument, "an InputLayer can only be the first layer", path: [name])
      }
      guard layer.declaredInputShape != nil else {
        throw NNError(.invalidArgument, "InputLayer needs 'input_shape'", path: [name])
      }
      inputLayer = layer
      return
    }
    if layers.contains(where: { $0 === layer }) {
      throw NNError(
        .invalidArgument, "layer '\(layer.name)' is in the model already; a Sequential holds each layer once",
        path: [name])
    }
    if layers.contains(where: { $0.name == layer.name }) {
      throw NNError(
        .invalidArgument, "two layers are named '\(layer.name)'; names must be unique in a model", path: [name])
    }
    if layer.contains(asLayer) {
      throw NNError(.invalidArgument, "a model cannot be a layer of itself, nor of one of its layers", path: [name])
    }
    let input =
      layers.isEmpty ? inputLayer?.declaredInputShape ?? layer.declaredInputShape : layers.last?.outputShape
    if let input {
      do throws(NNError) {
        try layer.build(input)
        guard layer.outputShapes.count == 1, layer.nested?.inputCount ?? 1 == 1 else {
          throw NNError(.shape, "a layer of a Sequential must have one input and one output", path: [layer.name])
        }
      } catch { throw error.within(name) }
    }
    layers.append(layer)
    changed()
  }

  /// Removes the last layer and returns it.
  @discardableResult
  public func pop() throws(NNError) -> Layer {
    guard isSequential else {
      throw NNError(.state, "pop: only a Sequential can lose layers; this is a \(kindText)", path: [name])
    }
    guard let last = layers.popLast() else { throw NNError(.state, "pop: the model has no layers", path: [name]) }
    changed()
    return last
  }

  /// Builds all layers for samples of this shape (without the batch axis).
  public func build(inputShape: [Int]) throws(NNError) {
    let shape = try Shape(inputShape)
    guard !shape.dimensions.contains(0) else { throw .shape("build: extents must be positive, got \(shape)") }
    guard !layers.isEmpty else { throw NNError(.state, "build: the model has no layers", path: [name]) }
    try prepare([shape])
  }

  /// Builds all layers for inputs of these shapes; a built model checks them.
  func prepare(_ shapes: [Shape]) throws(NNError) {
    guard shapes.count == inputCount else {
      throw NNError(.shape, "the model takes \(inputCount) inputs, got \(shapes.count)", path: [name])
    }
    for (i, (declared, given)) in zip(inputShapes, shapes).enumerated() where declared != given {
      let which = inputCount == 1 ? "" : " as input \(i + 1)"
      throw NNError(
        .shape, "build: the model takes inputs of shape \(declared.batched)\(which), got \(given.batched)", path: [name]
      )
    }
    guard network == nil, var shape = shapes.first else { return }
    guard !layers.isEmpty else { throw NNError(.state, "the model has no layers", path: [name]) }
    newlyBuilt = []
    for layer in layers {
      do throws(NNError) {
        if !layer.isBuilt { newlyBuilt.append(layer) }
        try layer.build(shape)
      } catch {
        // A shape that does not fit must leave the model as it was, ready for one that does.
        unbuild()
        throw userLayer == nil ? error.within(name) : error
      }
      shape = layer.outputShape ?? shape
    }
  }

  /// Forgets what the last `prepare` has built.
  func unbuild() {
    for layer in newlyBuilt { layer.unbuild() }
    newlyBuilt = []
  }

  private func changed() { generation += 1 }
  /// Changes with the structure of this model and of the models in it.
  var structure: [Int] { [generation] + layers.flatMap { $0.nested?.structure ?? [] } }

  /// Whether every layer has its variables.
  public var isBuilt: Bool { !layers.isEmpty && layers.allSatisfy(\.isBuilt) }
  /// How many tensors the model takes.
  public var inputCount: Int { network?.inputs.count ?? 1 }
  /// One sample's shape for each input; empty while it is not known.
  public var inputShapes: [Shape] {
    if let network { return network.inputs.map(\.shape) }
    let shape = layers.first?.inputShape ?? inputLayer?.declaredInputShape ?? layers.first?.declaredInputShape
    return shape.map { [$0] } ?? []
  }
  /// One sample's shape for each output; empty until the model is built.
  public var outputShapes: [Shape] {
    if let network { return network.outputs.map(\.shape) }
    return isBuilt ? layers.last?.outputShapes ?? [] : []
  }
  /// One input sample's shape; nil while it is not known. Of several inputs the first.
  public var inputShape: Shape? { inputShapes.first }
  /// One output sample's shape; nil until the model is built. Of several outputs the first.
  public var outputShape: Shape? { outputShapes.first }
  /// The names of the inputs: those of the layers that they come from.
  public var inputNames: [String] {
    network?.inputs.map(\.call.layer.name) ?? [inputLayer?.name ?? layers.first.map { $0.name + "_input" } ?? "input"]
  }
  /// The names of the outputs: those of the layers that make them.
  public var outputNames: [String] {
    guard let network else { return [layers.last?.name ?? "output"] }
    var counts: [String: Int] = [:]
    return network.outputs.map { output in
      let name = output.call.layer.name
      defer { counts[name, default: 0] += 1 }
      return counts[name].map { "\(name)_\($0)" } ?? name
    }
  }
  /// Setting it sets every layer's; a model is trainable when one of its layers is.
  public var trainable: Bool {
    get { layers.contains { $0.trainable } }
    set { for layer in layers { layer.trainable = newValue } }
  }
  /// "Sequential", or Keras 2's name of functional models, "Model".
  public var className: String { userLayer?.className ?? (isSequential ? "Sequential" : "Model") }
  private var kindText: String { userLayer.map { "model of the class \($0.className)" } ?? "functional model" }

  /// The layer with this name.
  public func layer(named wanted: String) throws(NNError) -> Layer {
    let layers = visibleLayers
    if let found = layers.first(where: { $0.name == wanted }) { return found }
    throw NNError(
      .notFound, "no layer named '\(wanted)'" + Suggestion.hint(for: wanted, among: layers.map(\.name)), path: [name])
  }

  /// The model as a layer of another model; the same object as long as somebody holds it.
  public var asLayer: Layer {
    if let layer { return layer }
    let new = Layer(self)
    layer = new
    return new
  }

  /// Emits the model's function into a graph.
  func call(_ inputs: [Symbol], _ context: CallContext) throws(NNError) -> [Symbol] {
    do throws(NNError) {
      if let network { return try network.call(inputs, context) }
      if let userLayer {
        // It has the model's name, which is said once.
        return try userLayer.call(inputs, context)
      }
      var values = inputs
      for layer in layers { values = try layer.call(values, context) }
      return values
    } catch { throw userLayer == nil ? error.within(name) : error }
  }

  // MARK: Cancelling

  /// Asks a running fit, evaluate or predict to end after the present batch. One atomic store: may be called from another thread or a
  /// signal handler.
  public func cancel() { cancelled.store(true, ordering: .relaxed) }
  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
  /// Calls of fit, evaluate and predict that are on the stack: a callback may evaluate the model that is being trained.
  private var activities = 0

  /// Begins something that can be cancelled. Earlier requests are forgotten, except those to a call that is still running.
  func beginActivity() {
    if activities == 0 { cancelled.store(false, ordering: .relaxed) }
    activities += 1
  }
  func endActivity() { activities -= 1 }
  /// Around a training whose `cancel` may come before its `train` does.
  package func beginTraining() { beginActivity() }
  package func endTraining() { endActivity() }
  /// Whether fit, evaluate or predict is running.
  var isActive: Bool { activities > 0 }
}
