import KernelTable

/// Where the values of an exported function lie: in what the caller gives, in a constant, or in the workspace, at an offset that values share
/// which live at other times.
struct CLayout {
  enum Place: Equatable {
    case input(Int)
    /// The caller's memory of an output, in which the value is made.
    case output(Int)
    /// By its position among the graph's constants.
    case constant(Int)
    case workspace(buffer: Int)
  }

  /// For each value.
  private(set) var places: [Place]
  /// Outputs that are copied at the end: what somebody else needs in its own place, too.
  private(set) var copies: [(output: Int, value: Int)] = []
  /// Where each buffer begins, in floats.
  private(set) var offsets: [Int] = []
  /// Floats of the whole workspace.
  private(set) var workspaceCount = 0

  /// For each value the one whose memory it shows: itself, unless it is a view.
  private var sources: [Int]
  /// For each value that is no view the last step that looks at it.
  private var lastUse: [Int]

  init(_ graph: InferenceGraph) {
    places = [Place](repeating: .workspace(buffer: -1), count: graph.shapes.count)
    sources = Array(graph.shapes.indices)
    lastUse = [Int](repeating: -1, count: graph.shapes.count)
    for (i, input) in graph.inputs.enumerated() { places[input.value] = .input(i) }
    for (i, constant) in graph.constants.enumerated() { places[constant.value] = .constant(i) }
    for (i, step) in graph.steps.enumerated() {
      if step.operation.isView {
        sources[step.outputs[0]] = sources[step.inputs[0]]
      } else {
        for input in step.inputs { lastUse[sources[input]] = i }
      }
    }
    let made = Set(graph.steps.filter { !$0.operation.isView }.flatMap(\.outputs))
    for (i, output) in graph.outputs.enumerated() {
      let source = sources[output.value]
      if made.contains(source), places[source] == .workspace(buffer: -1) {
        places[source] = .output(i)
      } else {
        copies.append((i, output.value))
        lastUse[source] = graph.steps.count
      }
    }
    // What lies in an output stays there.
    var intervals: [MemoryPlan.Interval] = []
    for (i, step) in graph.steps.enumerated() where !step.operation.isView {
      for output in step.outputs where places[output] == .workspace(buffer: -1) {
        if output == step.outputs[0], let buffer = overwritable(step, i, graph) {
          places[output] = .workspace(buffer: buffer)
          intervals[buffer].last = max(i, lastUse[output])
        } else {
          places[output] = .workspace(buffer: intervals.count)
          let bytes = graph.shapes[output].count * MemoryLayout<Float>.stride
          intervals.append(.init(bytes: bytes, first: i, last: max(i, lastUse[output])))
        }
      }
    }
    let plan = MemoryPlan(intervals)
    offsets = plan.offsets.map { $0 / MemoryLayout<Float>.stride }
    workspaceCount = plan.total / MemoryLayout<Float>.stride
    for step in graph.steps where step.operation.isView { places[step.outputs[0]] = places[sources[step.inputs[0]]] }
  }

  /// The buffer of an input that nobody needs after this step and that the operation can write over.
  private func overwritable(_ step: InferenceGraph.Step, _ i: Int, _ graph: InferenceGraph) -> Int? {
    for (j, input) in step.inputs.enumerated() where step.operation.resultOverwriting(j) == 0 {
      let source = sources[input]
      guard case .workspace(let buffer) = places[source], lastUse[source] == i,
        graph.shapes[input].count == graph.shapes[step.outputs[0]].count,
        !step.inputs.enumerated().contains(where: { $0 != j && places[sources[$1]] == places[source] })
      else { continue }
      return buffer
    }
    return nil
  }
}
