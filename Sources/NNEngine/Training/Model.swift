import Synchronization

/// A stack of layers with all that training adds: optimizer, loss, metrics, history. Layers may be shared with other models.
public final class Model {
  /// Keras's name: "sequential", "sequential_1".
  public let name: String
  /// The layers in order; the entry, if it was declared by an InputLayer, is not among them.
  public private(set) var layers: [Layer] = []
  /// What came with an InputLayer.
  private(set) var inputLayer: Layer?
  /// Optimizer, loss and metrics, after compile.
  var compilation: Compilation?
  /// Whether somebody asked the last fit to end: after its batch, or after its epoch. Keras's stop_training.
  public var stopTraining = false
  /// What the last fit recorded.
  public internal(set) var history: History?
  /// Counts changes after which programs must be made anew.
  private(set) var generation = 0
  let programs = ProgramCache()
  /// Where dropout's random numbers come from.
  let random: ModelRandom
  private let cancelled = Atomic<Bool>(false)

  /// A Sequential model of these layers.
  public init(name: String? = nil, layers: [Layer] = []) throws(NNError) {
    if let name, name.isEmpty { throw .invalid("Sequential: 'name' must not be empty") }
    self.name = name ?? LayerNames.next(for: "Sequential")
    random = try ModelRandom()
    for layer in layers { try add(layer) }
  }

  /// Appends a layer, and builds it when the shape that comes in is known.
  public func add(_ layer: Layer) throws(NNError) {
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
    if let input = layers.isEmpty
      ? inputLayer?.declaredInputShape ?? layer.declaredInputShape : layers.last?.outputShape
    {
      do throws(NNError) { try layer.build(input) } catch { throw error.within(name) }
    }
    layers.append(layer)
    changed()
  }

  /// Removes the last layer and returns it.
  @discardableResult
  public func pop() throws(NNError) -> Layer {
    guard let last = layers.popLast() else { throw NNError(.state, "pop: the model has no layers", path: [name]) }
    changed()
    return last
  }

  /// Builds all layers for samples of this shape (without the batch axis).
  public func build(inputShape: [Int]) throws(NNError) {
    var shape = try Shape(inputShape)
    guard !shape.dimensions.contains(0) else { throw .shape("build: extents must be positive, got \(shape)") }
    guard !layers.isEmpty else { throw NNError(.state, "build: the model has no layers", path: [name]) }
    if let declared = self.inputShape, declared != shape {
      throw NNError(
        .shape, "build: the model takes inputs of shape \(declared.batched), got \(shape.batched)", path: [name])
    }
    var new: [Layer] = []
    for layer in layers {
      do throws(NNError) {
        if !layer.isBuilt { new.append(layer) }
        try layer.build(shape)
      } catch {
        // A shape that does not fit must leave the model as it was, ready for one that does.
        for layer in new { layer.unbuild() }
        throw error.within(name)
      }
      shape = layer.outputShape ?? shape
    }
  }

  private func changed() { generation += 1 }

  /// Whether every layer has its variables.
  public var isBuilt: Bool { !layers.isEmpty && layers.allSatisfy(\.isBuilt) }
  /// One input sample's shape; nil while it is not known.
  public var inputShape: Shape? {
    layers.first?.inputShape ?? inputLayer?.declaredInputShape ?? layers.first?.declaredInputShape
  }
  /// One output sample's shape; nil until the model is built.
  public var outputShape: Shape? { isBuilt ? layers.last?.outputShape : nil }
  /// Setting it sets every layer's.
  public var trainable: Bool {
    get { layers.contains { $0.trainable } }
    set { for layer in layers { layer.trainable = newValue } }
  }

  /// The layer with this name.
  public func layer(named wanted: String) throws(NNError) -> Layer {
    if let found = layers.first(where: { $0.name == wanted }) { return found }
    throw NNError(
      .notFound, "no layer named '\(wanted)'" + Suggestion.hint(for: wanted, among: layers.map(\.name)), path: [name])
  }

  /// Emits the model's function into a graph.
  func call(_ x: Symbol, _ context: CallContext) throws(NNError) -> Symbol {
    var y = x
    for layer in layers { do throws(NNError) { y = try layer.call(y, context) } catch { throw error.within(name) } }
    return y
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
  /// Whether fit, evaluate or predict is running.
  var isActive: Bool { activities > 0 }
}
