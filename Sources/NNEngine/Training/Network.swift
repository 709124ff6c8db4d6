/// The calls between the inputs and the outputs of a functional model, in the order in which Keras 2 has them.
struct Network {
  let inputs: [LayerOutput]
  let outputs: [LayerOutput]
  /// Every call after those that it depends on.
  let calls: [LayerCall]
  /// Each layer once: by depth (the longest way to an output), then in the order in which they were met from the outputs.
  let layers: [Layer]
  /// Whether each layer is called once, on what one other puts out: the network is a stack.
  let isStack: Bool

  init(inputs: [LayerOutput], outputs: [LayerOutput], _ call: String) throws(NNError) {
    guard !inputs.isEmpty, !outputs.isEmpty else {
      throw .invalid("\(call): a functional model needs at least one input and one output")
    }
    for input in inputs where !input.call.layer.isInput || input.call.inputs.count > 0 {
      throw .invalid("\(call): '\(input.call.layer.name)' is no input; make inputs with Input(shape)")
    }
    guard Set(inputs).count == inputs.count else { throw .invalid("\(call): an input is given twice") }
    var walk = Walk(inputs: Set(inputs.map { ObjectIdentifier($0.call) }))
    for output in outputs { walk.visit(output.call) }
    if let missing = walk.foreign {
      throw .invalid(
        "\(call): the graph is disconnected: the outputs depend on the input '\(missing.layer.name)', which is not among 'inputs'"
      )
    }
    let depths = walk.depths(inputs)
    self.inputs = inputs
    self.outputs = outputs
    calls = depths.calls
    layers = depths.layers
    var names: Set<String> = []
    for layer in layers where !names.insert(layer.name).inserted {
      throw .invalid("\(call): two layers are named '\(layer.name)'; names must be unique in a model")
    }
    isStack =
      depths.isOneEach && calls.allSatisfy { $0.inputs.count <= 1 && $0.outputShapes.count == 1 }
      && calls.count == layers.count
  }

  /// Walks back from the outputs.
  private struct Walk {
    let inputs: Set<ObjectIdentifier>
    var finished: [LayerCall] = []
    private var seen: Set<ObjectIdentifier> = []
    /// In the order in which they are met.
    var layerOrder: [ObjectIdentifier: Int] = [:]
    /// An entry that is not among the inputs.
    var foreign: LayerCall?

    init(inputs: Set<ObjectIdentifier>) { self.inputs = inputs }

    /// Depth first, each call after its inputs; a stack of its own, since networks are deep.
    mutating func visit(_ root: LayerCall) {
      var stack: [(call: LayerCall, next: Int)] = []
      if enter(root) { stack.append((root, 0)) }
      while let (call, next) = stack.last {
        if next < call.inputs.count {
          stack[stack.count - 1].next += 1
          let input = call.inputs[next].call
          if enter(input) { stack.append((input, 0)) }
        } else {
          finished.append(call)
          stack.removeLast()
        }
      }
    }

    /// False when the call was met before.
    private mutating func enter(_ call: LayerCall) -> Bool {
      guard seen.insert(ObjectIdentifier(call)).inserted else { return false }
      let layer = ObjectIdentifier(call.layer)
      if layerOrder[layer] == nil { layerOrder[layer] = layerOrder.count }
      if call.layer.isInput, !inputs.contains(ObjectIdentifier(call)) { foreign = call }
      return true
    }

    func depths(_ inputs: [LayerOutput]) -> (calls: [LayerCall], layers: [Layer], isOneEach: Bool) {
      var ofCall: [ObjectIdentifier: Int] = [:]
      var ofLayer: [ObjectIdentifier: Int] = [:]
      var order = layerOrder
      for call in finished.reversed() {
        let (id, layer) = (ObjectIdentifier(call), ObjectIdentifier(call.layer))
        let depth = max(ofCall[id] ?? 0, ofLayer[layer] ?? 0)
        ofCall[id] = depth
        ofLayer[layer] = depth
        for input in call.inputs {
          let before = ObjectIdentifier(input.call)
          ofCall[before] = max(ofCall[before] ?? 0, depth + 1)
        }
      }
      var calls = finished
      for input in inputs where ofCall[ObjectIdentifier(input.call)] == nil {
        // An input that no output needs.
        ofCall[ObjectIdentifier(input.call)] = 0
        ofLayer[ObjectIdentifier(input.call.layer)] = 0
        order[ObjectIdentifier(input.call.layer)] = order.count
        calls.append(input.call)
      }
      let position = Dictionary(uniqueKeysWithValues: calls.enumerated().map { (ObjectIdentifier($1), $0) })
      func depth(_ call: LayerCall) -> Int { ofCall[ObjectIdentifier(call)] ?? 0 }
      func place(_ call: LayerCall) -> Int { position[ObjectIdentifier(call)] ?? 0 }
      calls.sort { (-depth($0), place($0)) < (-depth($1), place($1)) }
      var layers: [Layer] = []
      var known: Set<ObjectIdentifier> = []
      for call in calls where known.insert(ObjectIdentifier(call.layer)).inserted { layers.append(call.layer) }
      func key(_ layer: Layer) -> (Int, Int) {
        (-(ofLayer[ObjectIdentifier(layer)] ?? 0), order[ObjectIdentifier(layer)] ?? 0)
      }
      layers.sort { key($0) < key($1) }
      return (calls, layers, Set(calls.map(depth)).count == calls.count)
    }
  }

  /// Emits the calls; one symbol for each input.
  func call(_ symbols: [Symbol], _ context: CallContext) throws(NNError) -> [Symbol] {
    var values: [LayerOutput: Symbol] = [:]
    for (input, symbol) in zip(inputs, symbols) { values[input] = symbol }
    for call in calls where !call.inputs.isEmpty {
      var arguments: [Symbol] = []
      for input in call.inputs { arguments.append(try Network.value(of: input, values)) }
      let results = try call.layer.call(arguments, context)
      for (output, result) in zip(call.outputs, results) { values[output] = result }
    }
    var result: [Symbol] = []
    for output in outputs { result.append(try Network.value(of: output, values)) }
    return result
  }

  private static func value(of output: LayerOutput, _ values: [LayerOutput: Symbol]) throws(NNError) -> Symbol {
    guard let value = values[output] else {
      throw NNError(.internal, "\(output.call.layer.name) was not called before its output was needed")
    }
    return value
  }
}
