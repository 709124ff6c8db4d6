/// The names that a file gives to what it takes and holds.
struct CFileNames {
  /// The parameters.
  let inputs: [String]
  let outputs: [String]
  /// The arrays of the graph's constants.
  let constants: [String]
  private let scales: [String: String]
  /// Names inside the function: what is free.
  let local: CNames

  /// What the code of the forms calls its own.
  private static let locals = [
    "i", "j", "k", "l", "p", "q", "r", "s", "n", "x", "y", "row", "column", "image", "in_row", "in_column",
    "in_row_place", "in_column_place", "begin", "first", "end", "out", "count", "best", "total", "sum", "most", "number",
    "known", "workspace",
  ]

  init(_ graph: InferenceGraph, prefix: String, _ kernels: Int8Kernels) {
    var local = CNames(reserved: CFileNames.locals)
    inputs = graph.inputs.count == 1 ? ["x"] : graph.inputs.map { local.make($0.name) }
    outputs = graph.outputs.count == 1 ? ["y"] : graph.outputs.map { local.make($0.name) }
    self.local = local
    // Functions and the self-test have names in the same space.
    let functions = CFunction.names + ["predict", "run", "compare", "self_test"]
    let stored = inputs.map { "test_\($0)" } + outputs.map { "expected_\($0)" }
    var file = CNames(reserved: functions + stored)
    var (constants, scales): ([String], [String: String]) = ([], [:])
    for constant in graph.constants {
      let name = "\(prefix)_\(file.make(constant.name))"
      constants.append(name)
      if case .numbers(let tensor) = constant.contents, kernels[tensor] != nil {
        scales[name] = "\(prefix)_\(file.make(constant.name + "_scale"))"
      }
    }
    (self.constants, self.scales) = (constants, scales)
  }

  /// The array of an int8 kernel's scales.
  func scale(_ kernel: String) -> String { scales[kernel] ?? kernel }
  func hasScale(_ kernel: String) -> Bool { scales[kernel] != nil }
}

/// The values of a graph as expressions of C.
struct CValues {
  private let graph: InferenceGraph
  private let layout: CLayout
  private let names: CFileNames
  private var local: CNames
  private var values: [Int: CValue] = [:]

  init(_ graph: InferenceGraph, _ layout: CLayout, _ names: CFileNames) {
    (self.graph, self.layout, self.names) = (graph, layout, names)
    local = names.local
    for (i, input) in graph.inputs.enumerated() {
      values[input.value] = CValue(pointer: names.inputs[i], shape: input.shape)
    }
    for (i, constant) in graph.constants.enumerated() {
      let name = names.constants[i]
      var value = CValue(pointer: name, shape: graph.shapes[constant.value])
      if case .fill(let number) = constant.contents { value.fill = number }
      if names.hasScale(name) { value.scale = names.scale(name) }
      values[constant.value] = value
    }
  }

  subscript(value: Int) -> CValue { values[value] ?? CValue(pointer: "NULL", shape: graph.shapes[value]) }

  mutating func view(_ step: InferenceGraph.Step) {
    let source = self[step.inputs[0]]
    values[step.outputs[0]] = CValue(
      pointer: source.pointer, shape: graph.shapes[step.outputs[0]], fill: source.fill, scale: source.scale)
  }

  /// The declaration of a value that a step makes, where it needs one.
  mutating func declare(_ value: Int, _ step: InferenceGraph.Step) -> String? {
    switch layout.places[value] {
    case .output(let i):
      values[value] = CValue(pointer: names.outputs[i], shape: graph.shapes[value])
      return nil
    case .workspace(let buffer):
      let name = local.make(step.layers.last ?? step.operation.label)
      values[value] = CValue(pointer: name, shape: graph.shapes[value])
      let offset = layout.offsets[buffer]
      return "float *const \(name) = workspace\(offset == 0 ? "" : " + \(offset)");"
    default: return nil
    }
  }
}

/// Arrays of numbers, line by line: they may be large.
enum CArray {
  static func write(
    _ type: String, _ name: String, _ count: Int, perLine: Int, to sink: any ByteSink, _ number: (Int) -> String
  ) throws(NNError) {
    try sink.write("static const \(type) \(name)[\(count)] = {\n")
    var text = ""
    for i in 0..<count {
      text += i % perLine == 0 ? "  " : " "
      text += number(i)
      if i + 1 < count { text += "," }
      if i % perLine == perLine - 1 || i + 1 == count { text += "\n" }
      if text.utf8.count > 1 << 16 {
        try sink.write(text)
        text = ""
      }
    }
    try sink.write(text + "};\n\n")
  }

  static func write(_ type: String, _ name: String, _ tensor: Tensor, to sink: any ByteSink) throws(NNError) {
    try write(type, name, tensor.shape.count, perLine: 8, to: sink) { CNumber.text(tensor.floats[$0]) }
  }
}
