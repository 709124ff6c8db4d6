import KernelTable

extension MatMul: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    try Product(matMul: self).write(step, &graph)
  }
}

extension Product: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let inputs = step.inputs.prefix(hasBias ? 3 : 2).map { graph.value($0) }
    let product: String
    if hasBias || matMul.transposeA || matMul.transposeB {
      let flags = [("transA", matMul.transposeA), ("transB", matMul.transposeB)].filter(\.1)
      product = graph.node("Gemm", inputs, flags.map { ONNX.Attribute($0.0, 1) })
    } else {
      product = graph.node("MatMul", inputs)
    }
    graph.define(step.outputs[0], try graph.apply(epilogue, product))
  }
}

extension BatchMatMul: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    func operand(_ i: Int, _ isTransposed: Bool) throws(NNError) -> String {
      isTransposed ? try graph.transposed(step.inputs[i], [0, 2, 1]) : graph.value(step.inputs[i])
    }
    let (a, b) = (try operand(0, matMul.transposeA), try operand(1, matMul.transposeB))
    graph.define(step.outputs[0], graph.node("MatMul", [a, b]))
  }
}

extension ONNXBuilder {
  /// What follows a product.
  mutating func apply(_ epilogue: Product.Epilogue, _ x: String) throws(NNError) -> String {
    switch epilogue {
    case .none: return x
    case .map(let map): return try apply(map, x)
    case .gradient: throw NNError(.notSupported, "is a gradient's, which has no form in ONNX")
    }
  }
}

extension Reduce: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let x = graph.value(step.inputs[0])
    let axes = Array(first..<end)
    let keep = ONNX.Attribute("keepdims", 0)
    let y: String
    switch reduction {
    case .sum: y = graph.node("ReduceSum", [x, graph.integers(axes)], [keep])
    case .product: y = graph.node("ReduceProd", [x], [.init("axes", axes), keep])
    case .max: y = graph.node("ReduceMax", [x], [.init("axes", axes), keep])
    case .min: y = graph.node("ReduceMin", [x], [.init("axes", axes), keep])
    case .argMax: y = try place("ArgMax", x, step, &graph)
    case .argMin: y = try place("ArgMin", x, step, &graph)
    }
    graph.define(step.outputs[0], y)
  }

  /// ONNX looks along one axis.
  private func place(
    _ type: String, _ x: String, _ step: InferenceGraph.Step, _ graph: inout ONNXBuilder
  ) throws(NNError) -> String {
    var line = x
    if end - first != 1 {
      let from = graph.shape(step.inputs[0])
      guard let joined = ONNXExtent.product(from[first..<end]) else {
        throw NNError(.notSupported, "joins axes that both depend on the batch size")
      }
      line = graph.reshaped(x, from, from[..<first] + [joined] + from[end...])
    }
    return graph.cast(graph.node(type, [line], [.init("axis", first), .init("keepdims", 0)]), .float)
  }
}

extension ONNXExtent {
  /// nil: no multiple of the batch size.
  fileprivate static func product(_ extents: some Sequence<ONNXExtent>) -> ONNXExtent? {
    var (number, isFixed) = (1, true)
    for extent in extents {
      switch extent {
      case .fixed(let n): number *= n
      case .batch(let times):
        guard isFixed else { return nil }
        (number, isFixed) = (number * times, false)
      }
    }
    return isFixed ? .fixed(number) : .batch(times: number)
  }
}

extension Softmax: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    graph.define(step.outputs[0], graph.node("Softmax", [graph.value(step.inputs[0])], [.init("axis", -1)]))
  }
}

extension LogSoftmax: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    graph.define(step.outputs[0], graph.node("LogSoftmax", [graph.value(step.inputs[0])], [.init("axis", -1)]))
  }
}
