import KernelTable

/// dropout(x) · w [+ bias] from base = x · w, which stays while masks come and go: only what is dropped is computed. Inputs: x, w,
/// base, key, [bias].
struct DropoutProduct: Operation {
  static let name = "DropoutProduct"
  let dropout: Dropout
  var hasBias = false

  /// More than this share of inputs dropped, and the whole product is faster.
  static let highestRate: Float = 0.35

  var label: String { "\(dropout.label) · MatMul" + (hasBias ? " + bias" : "") }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] { try MatMul().shapes(of: inputs) }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.internal, "a fused product has no gradient of its own")
  }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int {
    let (rows, depth) = (node.inputs[0].shape[0], node.inputs[0].shape[1])
    return chunks(rows) * DropoutProductTask.scratchBytes(depth: depth)
  }

  private func chunks(_ rows: Int) -> Int {
    (rows + DropoutProductTask.rowsPerChunk - 1) / DropoutProductTask.rowsPerChunk
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (rows, depth, columns) = (memory.shape(0)[0], memory.shape(0)[1], memory.shape(1)[1])
    guard rows > 0, columns > 0, let scratch = memory.scratch else { return nil }
    let task = DropoutProductTask(
      depth: depth, columns: columns, x: memory.input(0), weights: memory.input(1), base: memory.input(2),
      bias: hasBias ? memory.input(4) : nil, y: memory.output(),
      key: UnsafeRawPointer(memory.input(3)).assumingMemoryBound(to: UInt32.self), stream: dropout.stream,
      rate: dropout.rate)
    let run = memory.kernels.random.dropoutProduct
    let (size, bytes) = (DropoutProductTask.rowsPerChunk, DropoutProductTask.scratchBytes(depth: depth))
    return memory.overChunks(chunks(rows)) { chunk in
      run(task, chunk &* size..<min(rows, (chunk &+ 1) &* size), scratch + chunk &* bytes)
    }
  }
}

/// Where an input that stays is dropped from again and again before a product, computes the whole product once and then only
/// what is dropped.
struct RepeatedDropout: Rewriter.Rule {
  /// What changes from run to run.
  let key: Variable

  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    switch node.operation {
    case let op as MatMul where !op.transposeA && !op.transposeB: return try product(node)
    case let op as Binary where op.function == .add:
      if let fused = try bias(node, node.inputs[0], node.inputs[1], graph) { return fused }
      return try bias(node, node.inputs[1], node.inputs[0], graph)
    default: return nil
    }
  }

  private func product(_ node: Node) throws(NNError) -> [Symbol]? {
    var source = node.inputs[0]
    while source.node.operation is Reshape { source = source.node.inputs[0] }
    guard let dropout = source.node.operation as? Dropout, dropout.rate <= DropoutProduct.highestRate,
      !changes(source.node.inputs[0]), !changes(node.inputs[1])
    else { return nil }
    let x = try source.node.inputs[0].reshaped(node.inputs[0].shape.dimensions)
    let base = try Symbol.make(MatMul(), x, node.inputs[1])
    return [try .make(DropoutProduct(dropout: dropout), x, node.inputs[1], base, source.node.inputs[1])]
  }

  private func changes(_ symbol: Symbol) -> Bool {
    Traversal.postorder([symbol.node]).contains { ($0.operation as? Read)?.variable === key }
  }

  private func bias(_ node: Node, _ value: Symbol, _ bias: Symbol, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    guard var product = value.node.operation as? DropoutProduct, !product.hasBias, graph.isUsedOnce(value),
      bias.shape.dimensions == [value.shape[1]], node.shapes[0] == value.shape
    else { return nil }
    product.hasBias = true
    return [Symbol(try Node(product, value.node.inputs + [bias]))]
  }
}
