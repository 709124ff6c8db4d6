/// A model's structure as Keras's JSON.
extension Model {
  /// The class names of models in configurations; "Functional" is how Keras writes "Model" from 2.3 on.
  static let classNames = ["Sequential", "Model", "Functional"]

  /// {"class_name": "Sequential", "config": {"name", "layers": [{class_name, config}, …]}}; of a functional model also "inbound_nodes",
  /// "input_layers" and "output_layers".
  public var configuration: Value {
    let config = network.map(functionalConfiguration) ?? sequentialConfiguration
    return .table(Value.Table([("class_name", .string(className)), ("config", .table(config))]))
  }

  private var sequentialConfiguration: Value.Table {
    let layers = (inputLayer.map { [$0] } ?? []) + self.layers
    return Value.Table([("name", .string(name)), ("layers", .list(layers.map(\.encoded)))])
  }

  private func functionalConfiguration(_ network: Network) -> Value.Table {
    // Keras numbers the calls of each layer.
    var numbers: [ObjectIdentifier: Int] = [:]
    var counts: [ObjectIdentifier: Int] = [:]
    for call in network.calls {
      let layer = ObjectIdentifier(call.layer)
      numbers[ObjectIdentifier(call)] = counts[layer, default: 0]
      counts[layer, default: 0] += 1
    }
    func reference(_ output: LayerOutput, _ more: [Value] = []) -> Value {
      .list(
        [
          .string(output.call.layer.name), .integer(numbers[ObjectIdentifier(output.call)] ?? 0),
          .integer(output.index),
        ] + more)
    }
    let layers = network.layers.map { layer -> Value in
      let calls = network.calls.filter { $0.layer === layer && !$0.inputs.isEmpty }
      let nodes = calls.map { call in Value.list(call.inputs.map { reference($0, [.table(Value.Table())]) }) }
      var table = layer.encoded.table ?? Value.Table()
      table["name"] = .string(layer.name)
      table["inbound_nodes"] = .list(nodes)
      return .table(table)
    }
    return Value.Table([
      ("name", .string(name)), ("layers", .list(layers)),
      ("input_layers", .list(network.inputs.map { reference($0) })),
      ("output_layers", .list(network.outputs.map { reference($0) })),
    ])
  }

  /// A new model, with fresh weights, from what `configuration` gives; also from the bare list of layers of old Keras files.
  public convenience init(configuration: Value) throws(NNError) {
    guard let table = configuration.table, let className = table["class_name"]?.string else {
      throw .invalid("model configuration: expected a table with 'class_name' and 'config', got \(configuration.text)")
    }
    guard Model.classNames.contains(className) else {
      throw NNError(
        .notSupported,
        "model configuration: class '\(className)' is not known; expected 'Sequential', 'Model' or 'Functional'")
    }
    let config = table["config"] ?? .null
    let list = config.table?["layers"] ?? config
    guard case .list(let items) = list else {
      throw .invalid("model configuration: expected a list of layers, got \(list.text)")
    }
    var layers: [Layer] = []
    for (i, item) in items.enumerated() {
      guard let layer = try Layer.decode(item) else {
        throw .invalid("model configuration: layer \(i + 1) is \(item.text), expected {class_name, config}")
      }
      layers.append(layer)
    }
    let name = config.table?["name"]?.string
    guard className != "Sequential" else {
      try self.init(name: name, layers: layers)
      return
    }
    var reader = try NetworkReader(layers, items)
    try reader.makeCalls()
    try self.init(
      name: name, inputs: reader.outputs(config.table?["input_layers"], "input_layers"),
      outputs: reader.outputs(config.table?["output_layers"], "output_layers"))
  }

  /// Throws what goes wrong where users' classes tell their configurations.
  public func checkConfiguration() throws(NNError) {
    if let userLayer {
      throw NNError(
        .notSupported,
        "a model of a class of your own has no configuration: make another one by \(userLayer.className)(…)",
        path: [name])
    }
    for layer in layers.flatMap(\.leaves) {
      do throws(NNError) { _ = try layer.code?.configuration(layer) } catch { throw error.within(layer.name) }
    }
  }

  /// A model of the same structure, layers shared where they are shared here, with fresh weights. Not compiled.
  public func clone() throws(NNError) -> Model {
    try checkConfiguration()
    let classes = layers.flatMap(\.leaves).compactMap(\.code)
    let clone = try CustomLayers.knowing(classes) { () throws(NNError) in try Model(configuration: configuration) }
    if isSequential, isBuilt, !clone.isBuilt, let shape = inputShape { try clone.build(inputShape: shape.dimensions) }
    return clone
  }
}

/// Makes the calls that a configuration's "inbound_nodes" tell of.
private struct NetworkReader {
  /// A call that is still to be made: its layer, its number, and what it is called with.
  private struct Pending {
    let layer: Layer
    let number: Int
    let inputs: [(layer: String, call: Int, output: Int)]
  }

  private struct Place: Hashable {
    let layer: String
    let call: Int
  }

  private var pending: [Pending] = []
  private var made: [Place: LayerCall] = [:]

  init(_ layers: [Layer], _ items: [Value]) throws(NNError) {
    for (layer, item) in zip(layers, items) {
      if layer.isInput {
        made[Place(layer: layer.name, call: 0)] = try LayerCall(input: layer)
        continue
      }
      guard case .list(let nodes)? = item.table?["inbound_nodes"] else {
        throw .invalid("model configuration: layer '\(layer.name)' has no 'inbound_nodes'")
      }
      for (number, node) in nodes.enumerated() {
        let inputs = try NetworkReader.references(node, "inbound_nodes of '\(layer.name)'")
        guard !inputs.isEmpty else {
          throw .invalid("model configuration: a call of '\(layer.name)' has no inputs")
        }
        pending.append(Pending(layer: layer, number: number, inputs: inputs))
      }
    }
  }

  /// Each call when its inputs are there.
  mutating func makeCalls() throws(NNError) {
    while !pending.isEmpty {
      var later: [Pending] = []
      for call in pending {
        let isReady = call.inputs.allSatisfy { made[Place(layer: $0.layer, call: $0.call)] != nil }
        // A layer's calls keep their order.
        let isNext = call.number == 0 || made[Place(layer: call.layer.name, call: call.number - 1)] != nil
        guard isReady, isNext else {
          later.append(call)
          continue
        }
        var inputs: [LayerOutput] = []
        for input in call.inputs { inputs.append(try output(input)) }
        made[Place(layer: call.layer.name, call: call.number)] = try LayerCall(call.layer, inputs)
      }
      guard later.count < pending.count else {
        throw .invalid(
          "model configuration: 'inbound_nodes' of '\(later[0].layer.name)' name calls that do not exist, or run in a circle"
        )
      }
      pending = later
    }
  }

  func outputs(_ value: Value?, _ field: String) throws(NNError) -> [LayerOutput] {
    var result: [LayerOutput] = []
    for reference in try NetworkReader.references(value ?? .null, field) { result.append(try output(reference)) }
    return result
  }

  private func output(_ reference: (layer: String, call: Int, output: Int)) throws(NNError) -> LayerOutput {
    guard let call = made[Place(layer: reference.layer, call: reference.call)],
      call.outputShapes.indices.contains(reference.output)
    else {
      throw .invalid(
        "model configuration: there is no output \(reference.output) of call \(reference.call) of a layer '\(reference.layer)'"
      )
    }
    return LayerOutput(call: call, index: reference.output)
  }

  /// [[name, call, output, …], …], or one such triple alone.
  private static func references(
    _ value: Value, _ field: String
  ) throws(NNError) -> [(layer: String, call: Int, output: Int)] {
    guard case .list(var items) = value else {
      throw .invalid("model configuration: '\(field)' must be a list, got \(value.text)")
    }
    if items.first?.string != nil { items = [value] }
    var result: [(layer: String, call: Int, output: Int)] = []
    for item in items {
      guard case .list(let parts) = item, parts.count >= 3, let name = parts[0].string,
        case .integer(let call) = parts[1], case .integer(let output) = parts[2], call >= 0, output >= 0
      else { throw .invalid("model configuration: '\(field)' must hold [layer, call, output], got \(item.text)") }
      if parts.count > 3, let arguments = parts[3].table, !arguments.entries.isEmpty {
        throw NNError(
          .notSupported, "model configuration: the call of '\(name)' has arguments ('\(arguments.entries[0].name)')")
      }
      result.append((name, call, output))
    }
    return result
  }
}
