import KernelTable

/// Runs a piece of graph node by node, at once: no rewriting and no planning, which cost more than a small computation, and gain nothing
/// where there is one node.
struct DirectRun {
  /// Elements of any value up to which several nodes are better run in this way, and one node on one thread.
  static let mostElements = 1 << 14

  private let pool: ThreadPool?
  private let limit: Int
  private var values: [(node: Node, results: [Tensor])] = []

  private init(_ node: Node) {
    let isAlone = node.inputs.allSatisfy { $0.node.operation.leaf != nil }
    let isSmall =
      node.shapes.allSatisfy { $0.count <= DirectRun.mostElements }
      && node.inputs.allSatisfy { $0.shape.count <= DirectRun.mostElements }
    pool = isAlone && !isSmall ? ThreadPool.shared : nil
    limit = isAlone ? Int.max : DirectRun.mostElements
  }

  /// nil: too large, or it reads variables that may change.
  static func value(of symbol: Symbol) throws(NNError) -> Tensor? {
    var run = DirectRun(symbol.node)
    return try run.results(of: symbol.node)?[symbol.index]
  }

  private mutating func results(of node: Node) throws(NNError) -> [Tensor]? {
    if let known = values.first(where: { $0.node === node }) { return known.results }
    guard node.shapes.allSatisfy({ $0.count <= limit }) else { return nil }
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
    if let leaf = node.operation.leaf {
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
    // As in a program, whose buffers hold what was there before, kernels write all of their results.
    for shape in node.shapes {
      let storage = try Storage(byteCount: shape.count * MemoryLayout<Float>.stride, zeroed: false)
      results.append(Tensor(shape: shape, dtype: .float32, storage: storage))
    }
    let kernels = CPU.shared
    let bytes = node.operation.scratchBytes(for: node, kernels.table)
    let scratch = bytes > 0 ? try Storage(byteCount: bytes, zeroed: false) : nil
    let binding = Binding(
      node: node, inputs: inputs.map(\.unsharedFloats), outputs: results.map(\.unsharedFloats),
      scratch: scratch?.bytes, kernels: kernels, pool: pool)
    withExtendedLifetime((inputs, scratch)) { node.operation.kernel(binding)?() }
    return results
  }
}
