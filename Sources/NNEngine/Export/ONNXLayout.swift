import KernelTable

extension Identity: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) { graph.copy(step) }
}

extension Keep: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) { graph.copy(step) }
}

extension StopGradient: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) { graph.copy(step) }
}

extension Reshape: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let (from, to) = (graph.shape(step.inputs[0]), graph.shape(step.outputs[0]))
    graph.define(step.outputs[0], graph.reshaped(graph.value(step.inputs[0]), from, to))
  }
}

extension Transpose: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    graph.define(step.outputs[0], graph.node("Transpose", [graph.value(step.inputs[0])], [.init("perm", axes)]))
  }
}

extension BroadcastTo: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let from = graph.shape(step.inputs[0])
    var to = graph.shape(step.outputs[0])
    // What has its extent already need not be told: an extent of 1 leaves it.
    let added = to.count - from.count
    for (axis, extent) in from.enumerated() where to[added + axis] == extent { to[added + axis] = .fixed(1) }
    graph.define(step.outputs[0], graph.node("Expand", [graph.value(step.inputs[0]), graph.shape(vector: to)]))
  }
}

extension Concat: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let parts = step.inputs.map { graph.value($0) }
    graph.define(step.outputs[0], graph.node("Concat", parts, [.init("axis", axis)]))
  }
}

extension Slice: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    graph.define(step.outputs[0], graph.sliced(graph.value(step.inputs[0]), axis, from: first, to: first + count))
  }
}

extension RowGather: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let (table, indices) = (graph.value(step.inputs[0]), graph.cast(graph.value(step.inputs[1]), .int64))
    graph.define(step.outputs[0], graph.node("Gather", [table, indices], [.init("axis", 0)]))
  }
}

extension ONNXBuilder {
  fileprivate mutating func copy(_ step: InferenceGraph.Step) {
    define(step.outputs[0], node("Identity", [value(step.inputs[0])]))
  }

  /// Under another shape. An extent that depends on the batch is copied (0) or left to be computed (−1), where these can say it.
  mutating func reshaped(_ x: String, _ from: [ONNXExtent], _ to: [ONNXExtent]) -> String {
    var target: [Int] = []
    for (axis, extent) in to.enumerated() {
      switch extent {
      case .fixed(let n): target.append(n)
      case .batch: target.append(axis < from.count && from[axis] == extent ? 0 : -1)
      }
    }
    let says = target.count { $0 == -1 } <= 1
    return node("Reshape", [x, says ? integers(target) : shape(vector: to)])
  }

  /// A range of an axis, or every `step`-th of it.
  mutating func sliced(_ x: String, _ axis: Int, from first: Int, to end: Int, step: Int = 1) -> String {
    var inputs = [x, integers([first]), integers([end]), integers([axis])]
    if step != 1 { inputs.append(integers([step])) }
    return node("Slice", inputs)
  }
}
