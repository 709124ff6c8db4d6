import KernelTable

/// Arithmetic on constants, done once while compiling, and operations without effect.
struct Simplify: Rewriter.Rule {
  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    switch node.operation {
    case let op as Reshape:
      let x = node.inputs[0]
      if x.shape == op.shape { return [x] }
      if let inner = x.node.operation as? Fill { return [try .fill(inner.value, op.shape)] }
      return x.node.operation is Reshape ? [try .make(op, x.node.inputs[0])] : nil
    case let op as BroadcastTo:
      return try constant(node.inputs[0]).map { (value) throws(NNError) in [try .fill(value, op.shape)] }
    case let op as Transpose:
      let s = Shape(unchecked: op.axes.map { node.inputs[0].shape[$0] })
      return try constant(node.inputs[0]).map { (value) throws(NNError) in [try .fill(value, s)] }
    case let op as Reduce where node.inputs[0].shape.count == node.shapes[0].count:
      // Over axes of extent 1 there is nothing to reduce.
      if op.reduction == .argMax || op.reduction == .argMin { return [try .fill(0, node.shapes[0])] }
      return [try node.inputs[0].reshaped(node.shapes[0].dimensions)]
    case let op as Binary:
      return try binary(op, node)
    default: return nil
    }
  }

  private func constant(_ x: Symbol) -> Float? { (x.node.operation as? Fill)?.value }

  private func binary(_ op: Binary, _ node: Node) throws(NNError) -> [Symbol]? {
    let (a, b) = (node.inputs[0], node.inputs[1])
    let shape = node.shapes[0]
    switch (op.function, constant(a), constant(b)) {
    case (.add, let x?, let y?): return [try .fill(x + y, shape)]
    case (.subtract, let x?, let y?): return [try .fill(x - y, shape)]
    case (.multiply, let x?, let y?): return [try .fill(x * y, shape)]
    case (.divide, let x?, let y?): return [try .fill(x / y, shape)]
    case (.multiply, 1, _) where b.shape == shape: return [b]
    case (.multiply, _, 1), (.divide, _, 1): return a.shape == shape ? [a] : nil
    case (.add, _, 0), (.subtract, _, 0): return a.shape == shape ? [a] : nil
    case (.add, 0, _): return b.shape == shape ? [b] : nil
    default: return nil
    }
  }
}
