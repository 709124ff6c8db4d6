import KernelTable

/// The parts of an exported file, and their order.
struct CSource {
  private let prefix: String
  /// What the file says that it is.
  private let title: String
  private let weights: CWeights
  private let graph: InferenceGraph
  private let kernels: Int8Kernels
  private let samples: CSamples
  private let layout: CLayout
  private let names: CFileNames
  private let body: CBody

  /// What every graph goes through before it is written.
  static var rules: [any Rewriter.Rule] { [ProductEpilogue(), MaterializeFills()] }

  init(
    _ model: Model, name: String?, weights: String, samples: [Tensor]?, for call: String
  ) throws(NNError) {
    let prefix = try name.map { (name) throws(NNError) in try CNames.checked(name, for: call) } ?? CNames.model(model.name)
    let weights = try CWeights.named(weights, for: call)
    let (kernels, constants) = (Int8Kernels(), ConstantNames())
    let rules = CSource.rules + (weights == .int8 ? [QuantizeKernels(kernels: kernels, names: constants)] : [])
    let graph = try InferenceGraph(model, batch: 1, for: call, names: constants, rules: rules)
    let samples = try CSamples(model, graph, samples, isExact: weights == .float32, for: call)
    do throws(NNError) {
      try self.init(
        graph, samples, prefix: prefix, title: "\(model.className) '\(model.name)'", weights: weights, kernels: kernels,
        for: call)
    } catch { throw error.within(model.name) }
  }

  init(
    _ graph: InferenceGraph, _ samples: CSamples, prefix: String, title: String, weights: CWeights = .float32,
    kernels: Int8Kernels = Int8Kernels(), for call: String
  ) throws(NNError) {
    (self.prefix, self.title, self.weights, self.graph, self.kernels) = (prefix, title, weights, graph, kernels)
    layout = CLayout(graph)
    self.samples = samples
    guard graph.shapes.allSatisfy({ $0.count <= Int32.max }), layout.workspaceCount <= Int32.max else {
      throw NNError(.notSupported, "\(call): a value of the model is too large for C's int")
    }
    names = CFileNames(graph, prefix: prefix, kernels)
    var body = CBody(prefix: prefix, depth: 1)
    try CSource.writeSteps(graph, layout, names, call, &body)
    self.body = body
  }

  // MARK: The function's body

  private static func writeSteps(
    _ graph: InferenceGraph, _ layout: CLayout, _ names: CFileNames, _ call: String, _ body: inout CBody
  ) throws(NNError) {
    for (i, port) in graph.inputs.enumerated() where !graph.uses(port.value) { body.text.line("(void)\(names.inputs[i]);") }
    if layout.workspaceCount == 0 { body.text.line("(void)workspace;") }
    var values = CValues(graph, layout, names)
    for step in graph.steps {
      if step.operation.isView {
        values.view(step)
        continue
      }
      guard graph.shapes[step.outputs[0]].count > 0 else { continue }
      guard let form = CForms.form(of: step.operation) else {
        let layer = step.layers.last.map { "the layer '\($0)': " } ?? ""
        throw NNError(
          .notSupported, "\(call): \(layer)the operation \(step.operation.label) has no form in C")
      }
      body.text.line()
      body.text.comment(graph.description(of: step))
      for output in step.outputs { if let declaration = values.declare(output, step) { body.text.line(declaration) } }
      form.write(CStep(inputs: step.inputs.map { values[$0] }, outputs: step.outputs.map { values[$0] }), &body)
    }
    for (output, value) in layout.copies where graph.shapes[value].count > 0 {
      body.text.line()
      body.text.comment("output: \(graph.outputs[output].name)")
      let to = CValue(pointer: names.outputs[output], shape: graph.shapes[value])
      CCopy.write(values[value], to, &body)
    }
  }

  // MARK: The file

  func write(to sink: any ByteSink) throws(NNError) {
    let macro = prefix.uppercased()
    try sink.write(header)
    try sink.write(
      """
      #ifndef \(macro)_DECLARED
      #define \(macro)_DECLARED

      #include <stddef.h>

      /* Numbers of one sample, and of the workspace. */
      \(sizes)
      #ifdef __cplusplus
      extern "C" {
      #endif

      /* The outputs of n samples, one after another, as the inputs are. Returns 0, or -1 when there is no memory for the workspace. */
      int \(prefix)_predict(\(predictParameters));

      /* The outputs of one sample, without any memory but the caller's: workspace has room for \(macro)_WORKSPACE_SIZE numbers. */
      void \(prefix)_run(\(runParameters));

      #ifdef __cplusplus
      }
      #endif
      #endif

      #ifndef \(macro)_DECLARATIONS

      #include <math.h>
      #include <stdlib.h>

      #ifdef __cplusplus
      #define \(macro)_RESTRICT
      #else
      #define \(macro)_RESTRICT restrict
      #endif


      """)
    for (i, constant) in graph.constants.enumerated() { try write(constant, names.constants[i], to: sink) }
    for function in body.functions {
      let text = function.text.replacing("NAME_RESTRICT", with: "\(macro)_RESTRICT").replacing("NAME", with: prefix)
      try sink.write(text + "\n")
    }
    try sink.write("void \(prefix)_run(\(runParameters)) {\n\(body.text.text)}\n\n")
    try sink.write(predict)
    try CSelfTest(prefix: prefix, names: names, graph: graph, samples: samples).write(to: sink)
    try sink.write("#endif\n")
  }

  private var sizes: String {
    let macro = prefix.uppercased()
    var lines = ""
    for (name, port) in zip(names.inputs + names.outputs, graph.inputs + graph.outputs) {
      lines += "#define \(macro)_\(name.uppercased())_SIZE \(port.shape.count)\n"
    }
    return lines + "#define \(macro)_WORKSPACE_SIZE \(max(1, layout.workspaceCount))\n"
  }

  private var predictParameters: String {
    (names.inputs.map { "const float *\($0)" } + ["size_t n"] + names.outputs.map { "float *\($0)" })
      .joined(separator: ", ")
  }

  private var runParameters: String {
    (names.inputs.map { "const float *\($0)" } + names.outputs.map { "float *\($0)" } + ["float *workspace"])
      .joined(separator: ", ")
  }

  private var predict: String {
    let macro = prefix.uppercased()
    let arguments = (names.inputs + names.outputs).map { "\($0) + i * \(macro)_\($0.uppercased())_SIZE" }
    return """
      int \(prefix)_predict(\(predictParameters)) {
        float *const workspace = (float *)malloc(\(macro)_WORKSPACE_SIZE * sizeof(float));
        if (workspace == NULL) return -1;
        for (size_t i = 0; i < n; ++i) {
          \(prefix)_run(\((arguments + ["workspace"]).joined(separator: ", ")));
        }
        free(workspace);
        return 0;
      }


      """
  }

  private func write(
    _ constant: InferenceGraph.Constant, _ name: String, to sink: any ByteSink
  ) throws(NNError) {
    guard case .numbers(let tensor) = constant.contents, tensor.shape.count > 0 else { return }
    var text = CText()
    text.comment("\(constant.name) \(tensor.shape)")
    try sink.write(text.text)
    if let kernel = kernels[tensor] {
      let (values, scales) = (kernel.values, kernel.scales)
      try CArray.write("signed char", name, values.count, perLine: 20, to: sink) { "\(values[$0])" }
      try CArray.write("float", names.scale(name), scales.count, perLine: 8, to: sink) { CNumber.text(scales[$0]) }
    } else {
      let numbers = try tensor.astype(.float32)
      try CArray.write("float", name, numbers, to: sink)
    }
  }

  private var header: String {
    let macro = prefix.uppercased()
    var text = CText()
    text.comment("\(title) as C99: \(layerWords)")
    func port(_ name: String, _ port: InferenceGraph.Port) -> String {
      var line = CText()
      line.comment("\(name): \(port.shape.sample), \(port.name)")
      return line.text.dropFirst(3).dropLast(4) + ""
    }
    var words = """

         Made by libnn. Needs the C library and libm only; reentrant. Each sample is row-major, samples stand one after another.

           cc -std=c99 -O3 -c \(prefix).c                                  to use it; link with -lm
           cc -std=c99 -O2 -D\(macro)_SELF_TEST \(prefix).c -lm && ./a.out   to test it: \(samples.count) samples, with the results of libnn
           #define \(macro)_DECLARATIONS, #include "\(prefix).c"           for the declarations alone


      """
    for (name, input) in zip(names.inputs, graph.inputs) { words += "   in   \(port(name, input))\n" }
    for (name, output) in zip(names.outputs, graph.outputs) { words += "   out  \(port(name, output))\n" }
    words += "\n   Weights: \(weightWords)\n"
    let head = text.text.dropLast(4)
    return head + "\n" + words + "*/\n\n"
  }

  private var layerWords: String {
    let count = graph.constants.reduce(0) { sum, constant in
      if case .numbers(let tensor) = constant.contents { sum + tensor.shape.count } else { sum }
    }
    return "\(graph.steps.count { !$0.operation.isView }) steps, \(count) weights."
  }

  private var weightWords: String {
    guard weights == .int8 else { return "float32. Normalizations are folded into the kernels beside them." }
    let distance = DecimalText.scientific(samples.distance, places: 1)
    return """
      int8 for kernels, with a float32 scale for each output; the rest float32. Over the samples of the self-test the
         outputs differ from those of the float32 model by \(distance) of the largest at most.
      """
  }
}

extension InferenceGraph {
  /// Whether anything is made of a value.
  func uses(_ value: Int) -> Bool {
    steps.contains { $0.inputs.contains(value) && ($0.operation.isView ? uses($0.outputs[0]) : true) }
      || outputs.contains { $0.value == value }
  }

  /// "dense, batch_normalization: MatMul + bias + elu (784,) -> (300,)"
  func description(of step: Step) -> String {
    let layers = step.layers.isEmpty ? "" : step.layers.joined(separator: ", ") + ": "
    func text(_ value: Int) -> String {
      let shape = shapes[value]
      return (shape.rank > 1 && shape[0] == 1 ? shape.sample : shape).description
    }
    let known = Set(constants.map(\.value))
    let inputs = step.inputs.filter { !known.contains($0) }.map(text)
    return "\(layers)\(step.operation.label) \(inputs.joined(separator: ", ")) -> \(text(step.outputs[0]))"
  }
}

/// Products read their operands by pointers: numbers that are the same everywhere are written out for them.
struct MaterializeFills: Rewriter.Rule {
  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    switch node.operation {
    case is MatMul, is Product, is BatchMatMul, is Convolution: break
    default: return nil
    }
    guard node.inputs.prefix(2).contains(where: { $0.node.operation is Fill }) else { return nil }
    var inputs = node.inputs
    for (i, input) in inputs.prefix(2).enumerated() {
      guard let fill = input.node.operation as? Fill else { continue }
      inputs[i] = try .literal(Tensor(Double(fill.value), shape: fill.shape))
    }
    return [Symbol(try Node(node.operation, inputs))]
  }
}
