import KernelTable

/// Runs a small piece of graph node by node, at once: no rewriting, no planning, one thread. Making a program of it would cost more than
/// the computation.
struct DirectRun {
  /// Elements of any value up to which this is the better way.
  private static let mostElements = 1 << 14

  private var values: [(node: Node, results: [Tensor])] = []

  /// nil: too large, or it reads variables that may change.
  static func value(of symbol: Symbol) throws(NNError) -> Tensor? {
    var run = DirectRun()
    return try run.results(of: symbol.node)?[symbol.index]
  }

  private mutating func results(of node: Node) throws(NNError) -> [Tensor]? {
    if let known = values.first(where: { $0.node === node }) { return known.results }
    guard node.shapes.allSatisfy({ $0.count <= DirectRun.mostElements }) else { return nil }
    var inputs: [Tensor] = []
    for input in node.inputs {
      guard let results = try results(of: input.node) else { return nil }
      inputs.append(results[input.index])
    }
    guard let results = try compute(node, inputs) else { return nil }
    values.append((node, results))
    return results
  }

  private func compute(_ node: Node, _ inputs: [Tensor]) throws(NNError) -> [Tensor]? {
    if let leaf = node.operation as? any Leaf {
      switch try leaf.place() {
      case .tensor(let tensor): return [tensor]
      case .constant(let storage): return [Tensor(shape: node.shapes[0], dtype: .float32, storage: storage)]
      default: return nil
      }
    }
    if node.operation.isView {
      return [
        Tensor(shape: node.shapes[0], dtype: .float32, storage: inputs[0].storage, byteOffset: inputs[0].byteOffset)
      ]
    }
    var results: [Tensor] = []
    for shape in node.shapes { results.append(try Tensor(zeros: shape)) }
    let kernels = CPU.shared
    let bytes = node.operation.scratchBytes(for: node, kernels.table)
    let scratch = bytes > 0 ? try Storage(byteCount: bytes) : nil
    let binding = Binding(
      node: node, inputs: inputs.map(\.unsharedFloats), outputs: results.map(\.unsharedFloats),
      scratch: scratch?.bytes, kernels: kernels, pool: nil)
    withExtendedLifetime((inputs, scratch)) { node.operation.kernel(binding)?() }
    return results
  }
}
