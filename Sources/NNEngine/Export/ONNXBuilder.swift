/// A graph of ONNX while it is written: which nodes there are, and what its values are called.
struct ONNXBuilder {
  /// With the shapes of its values, for any batch size.
  let source: BatchedGraph
  private(set) var graph: ONNX.Graph
  private var known: [Int: InferenceGraph.Constant] = [:]
  /// What each value is called.
  private var names: [Int: String] = [:]
  /// What the same images are called with their channels in front, as ONNX's windows take them. Turned round only where somebody asks, so
  /// that neighbours hand over as they are.
  private var channelsFirst: [Int: String] = [:]
  /// Small constants, and others that were rearranged, by what they hold.
  private var made: [String: String] = [:]
  private var taken = UniqueNames()
  private var layers: [String] = []

  static func graph(_ source: BatchedGraph, name: String, for call: String) throws(NNError) -> ONNX.Graph {
    var builder = try ONNXBuilder(source, name: name)
    for step in source.graph.steps {
      guard let form = step.operation as? any ONNXForm else { throw builder.cannot(step, "has no form in ONNX", call) }
      guard step.outputs.allSatisfy({ source.graph.shapes[$0].count > 0 }) else {
        throw builder.cannot(step, "has a result without elements, which ONNX cannot say in general", call)
      }
      builder.layers = step.layers
      do throws(NNError) { try form.write(step, &builder) } catch { throw builder.cannot(step, error.message, call) }
    }
    builder.layers = []
    builder.finish()
    return builder.graph
  }

  private init(_ source: BatchedGraph, name: String) throws(NNError) {
    self.source = source
    graph = ONNX.Graph(name: name)
    for constant in source.graph.constants {
      var contents = constant.contents
      // A tensor of a user's may hold whole numbers.
      if case .numbers(let tensor) = contents { contents = .numbers(try tensor.astype(.float32)) }
      known[constant.value] = .init(name: constant.name, value: constant.value, contents: contents)
    }
    for port in source.graph.inputs {
      let name = unique(port.name)
      names[port.value] = name
      graph.inputs.append(ONNX.Port(name: name, shape: source.shapes[port.value]))
    }
    for port in source.graph.outputs {
      graph.outputs.append(ONNX.Port(name: unique(port.name), shape: source.shapes[port.value]))
    }
  }

  /// Gives the outputs their names: values that are made here are called so at once, others are copied.
  private mutating func finish() {
    let outputs = graph.outputs.map(\.name)
    var renamed: [String: String] = [:]
    for (port, output) in zip(source.graph.outputs, outputs) {
      let name = value(port.value)
      if renamed[name] == nil, graph.nodes.contains(where: { $0.outputs.contains(name) }) {
        renamed[name] = output
      } else {
        graph.nodes.append(
          ONNX.Node(
            name: unique("\(output)/Identity"), type: "Identity", inputs: [name], outputs: [output], attributes: [],
            documentation: ""))
      }
    }
    for i in graph.nodes.indices {
      graph.nodes[i].inputs = graph.nodes[i].inputs.map { renamed[$0] ?? $0 }
      graph.nodes[i].outputs = graph.nodes[i].outputs.map { renamed[$0] ?? $0 }
    }
  }

  private func cannot(_ step: InferenceGraph.Step, _ why: String, _ call: String) -> NNError {
    let layer = step.layers.last.map { "the layer '\($0)': " } ?? ""
    return NNError(.notSupported, "\(call): \(layer)the operation \(step.operation.label) \(why)")
  }

  // MARK: Values

  func shape(_ value: Int) -> [ONNXExtent] { source.shapes[value] }

  mutating func define(_ value: Int, _ name: String) { names[value] = name }
  mutating func define(channelsFirst name: String, _ value: Int) { channelsFirst[value] = name }

  /// The name of a value.
  mutating func value(_ value: Int) -> String {
    if let name = names[value] { return name }
    let name: String
    if let images = channelsFirst[value] {
      name = node("Transpose", [images], [.init("perm", [0, 2, 3, 1])])
    } else {
      switch known[value]?.contents {
      case .numbers(let tensor): name = initializer(known[value]?.name ?? "constant", tensor)
      case .fill(let number): name = filled(number, shape(value))
      case nil: name = ""  // Steps come in order: there is none.
      }
    }
    names[value] = name
    return name
  }

  /// The name of a value whose shape may be a broadcast one: a number that is the same everywhere is a scalar.
  mutating func operand(_ value: Int) -> String {
    if case .fill(let number) = known[value]?.contents { return scalar(number) }
    return self.value(value)
  }

  /// Whether a value is one number everywhere.
  func isFill(_ value: Int) -> Bool { if case .fill = known[value]?.contents { true } else { false } }

  /// The name of images [n, rows, columns, channels] as [n, channels, rows, columns].
  mutating func channelsFirst(_ value: Int) -> String {
    if let name = channelsFirst[value] { return name }
    let name = node("Transpose", [self.value(value)], [.init("perm", [0, 3, 1, 2])])
    channelsFirst[value] = name
    return name
  }

  /// The name of images with channels in front, where they are had in that order only.
  func onlyChannelsFirst(_ value: Int) -> String? { names[value] == nil ? channelsFirst[value] : nil }

  /// A value with its axes in another order; a constant is stored so.
  mutating func transposed(_ value: Int, _ axes: [Int]) throws(NNError) -> String {
    guard case .numbers(let tensor) = known[value]?.contents, let constant = known[value] else {
      return node("Transpose", [self.value(value)], [.init("perm", axes)])
    }
    let key = "\(value) \(axes)"
    if let name = made[key] { return name }
    let program = try Program(outputs: [Symbol.literal(tensor).transposed(axes)], options: .reference)
    program.run()
    let name = initializer(constant.name, try program.value(0))
    made[key] = name
    return name
  }

  // MARK: Constants

  /// A scalar.
  mutating func scalar(_ number: Float) -> String {
    let key = "number_\(number)"
    if let name = made[key] { return name }
    let name = unique(key)
    graph.initializers.append(.init(name: name, contents: .number(number)))
    made[key] = name
    return name
  }

  /// A vector of whole numbers.
  mutating func integers(_ list: [Int]) -> String {
    let key = "integers_" + list.map(String.init).joined(separator: "_")
    if let name = made[key] { return name }
    let name = unique(key)
    graph.initializers.append(.init(name: name, contents: .integers(list)))
    made[key] = name
    return name
  }

  private mutating func initializer(_ name: String, _ tensor: Tensor) -> String {
    let name = unique(name)
    graph.initializers.append(.init(name: name, contents: .numbers(tensor)))
    return name
  }

  private mutating func filled(_ number: Float, _ shape: [ONNXExtent]) -> String {
    node("ConstantOfShape", [self.shape(vector: shape)], [.init("value", element: number)])
  }

  /// A shape as a vector, computed where it depends on the batch.
  mutating func shape(vector shape: [ONNXExtent]) -> String {
    var parts: [String] = []
    var fixed: [Int] = []
    for extent in shape {
      switch extent {
      case .fixed(let n): fixed.append(n)
      case .batch(let times):
        if !fixed.isEmpty { parts.append(integers(fixed)) }
        fixed = []
        parts.append(batchSize(times))
      }
    }
    if !fixed.isEmpty || parts.isEmpty { parts.append(integers(fixed)) }
    return parts.count == 1 ? parts[0] : node("Concat", parts, [.init("axis", 0)])
  }

  private mutating func batchSize(_ times: Int) -> String {
    if let name = made["batch \(times)"] { return name }
    let name: String
    if times == 1 {
      name = node("Shape", [value(source.graph.inputs[0].value)], [.init("start", 0), .init("end", 1)])
    } else {
      name = node("Mul", [batchSize(1), integers([times])])
    }
    made["batch \(times)"] = name
    return name
  }

  // MARK: Nodes

  /// Adds a node; its name is its result's.
  mutating func node(_ type: String, _ inputs: [String], _ attributes: [ONNX.Attribute] = []) -> String {
    let name = unique(layers.isEmpty ? type : "\(layers[0])/\(type)")
    graph.nodes.append(
      ONNX.Node(
        name: name, type: type, inputs: inputs, outputs: [name], attributes: attributes,
        documentation: layers.joined(separator: ", ")))
    return name
  }

  /// To another type of elements.
  mutating func cast(_ x: String, _ type: ONNX.ElementType) -> String {
    node("Cast", [x], [.init("to", type.rawValue)])
  }

  private mutating func unique(_ name: String) -> String { taken.make(name.isEmpty ? "value" : name) }
}
