/// One call of a layer in a functional model: a node of the network that `Model(inputs:outputs:)` is made from. Immutable; has
/// identity. A layer that is shared is called several times.
public final class LayerCall {
  /// The layer that is called.
  public let layer: Layer
  /// What it is called with; none for the entry of a model.
  public private(set) var inputs: [LayerOutput]
  /// One sample's shape for each output.
  public let outputShapes: [Shape]

  init(_ layer: Layer, _ inputs: [LayerOutput]) throws(NNError) {
    self.layer = layer
    self.inputs = inputs
    outputShapes = try layer.outputShapes(for: inputs.map(\.shape))
  }

  /// The entry of a model.
  init(input layer: Layer) throws(NNError) {
    self.layer = layer
    inputs = []
    guard let shape = layer.declaredInputShape else {
      throw NNError(.invalidArgument, "an input needs a shape", path: [layer.name])
    }
    outputShapes = try layer.outputShapes(for: [shape])
  }

  /// Its results.
  public var outputs: [LayerOutput] { outputShapes.indices.map { LayerOutput(call: self, index: $0) } }

  /// Chains of calls are as long as a network is deep, so letting go of one must not recurse.
  deinit {
    var pending = inputs.map(\.call)
    inputs = []
    while var call = pending.popLast() {
      if isKnownUniquelyReferenced(&call) {
        pending += call.inputs.map(\.call)
        call.inputs = []
      }
    }
  }
}

/// What a call of a layer puts out: a shape, and where it comes from (a KerasTensor). No numbers: these come when a model that is made
/// of such outputs is called on tensors.
public struct LayerOutput: Hashable {
  /// The call.
  public let call: LayerCall
  /// Which of the call's outputs.
  public let index: Int

  /// One sample's shape.
  public var shape: Shape { call.outputShapes[index] }

  /// The same output of the same call.
  public static func == (a: LayerOutput, b: LayerOutput) -> Bool { a.call === b.call && a.index == b.index }
  /// By identity.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(call))
    hasher.combine(index)
  }

  /// The entry of a functional model, for samples of this shape (Keras's Input).
  public static func input(shape: [Int], name: String? = nil) throws(NNError) -> LayerOutput {
    var arguments = Value.Table([("input_shape", .list(shape.map { .integer($0) }))])
    if let name { arguments["name"] = .string(name) }
    let call = try LayerCall(input: Layer.make(InputLayer.className, Arguments([], arguments)))
    return LayerOutput(call: call, index: 0)
  }
}

extension Layer {
  /// Calls the layer in a functional model; builds it when this is its first call.
  public func callAsFunction(_ inputs: [LayerOutput]) throws(NNError) -> [LayerOutput] {
    guard !isInput else {
      throw NNError(.invalidArgument, "an InputLayer is an entry; it cannot be called", path: [name])
    }
    guard !inputs.isEmpty else { throw NNError(.invalidArgument, "called without inputs", path: [name]) }
    return try LayerCall(self, inputs).outputs
  }

  /// Calls a layer of one output on one input.
  public func callAsFunction(_ input: LayerOutput) throws(NNError) -> LayerOutput {
    let outputs = try self([input])
    guard outputs.count == 1 else { throw .shape("\(name) has \(outputs.count) outputs, expected one") }
    return outputs[0]
  }
}
