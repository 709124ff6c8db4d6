import KernelTable

/// C[i] = op(A[i]) · op(B[i]) for each of a stack of matrices: inputs [batch, …, …] with the same batch.
struct BatchMatMul: Operation {
  static let name = "MatMul"
  var matMul = MatMul()
  var label: String { "Batch\(matMul.label)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard inputs[0].rank == 3, inputs[1].rank == 3, inputs[0][0] == inputs[1][0] else {
      throw .shape("matmul: expected two stacks of as many matrices, got shapes \(inputs[0]) and \(inputs[1])")
    }
    let g = try matMul.gemm(inputs[0].sample, inputs[1].sample)
    return [try Shape([inputs[0][0], g.m, g.n])]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    let (a, b) = (node.inputs[0], node.inputs[1])
    return try matMul.gradients(a, b, g) { (product, x, y) throws(NNError) in
      try .make(BatchMatMul(matMul: product), x, y)
    }
  }

  /// Each product is computed whole by one thread, in the scratch memory of its piece of the stack.
  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int {
    guard let plan = plan(node, kernels) else { return 0 }
    return plan.scratchBytes * pieces(node, plan.shape)
  }

  func kernel(_ memory: Binding) -> Kernel? {
    guard memory.count > 0, let plan = plan(memory.node, memory.kernels) else { return nil }
    let runner = BatchRunner(plan, pieces: pieces(memory.node, plan.shape), memory)
    return memory.overChunks(runner.pieces) { runner.run(piece: $0) }
  }

  private func plan(_ node: Node, _ kernels: KernelTable) -> GemmPlan? {
    // The shapes were checked when the node was made.
    guard let shape = try? matMul.gemm(node.inputs[0].shape.sample, node.inputs[1].shape.sample) else { return nil }
    return kernels.gemmPlan(shape)
  }

  /// Into how many pieces the stack is cut for threads: by the shapes only, each with enough work to be worth it.
  private func pieces(_ node: Node, _ shape: GemmShape) -> Int {
    let work = Float(shape.m) * Float(shape.n) * Float(shape.k) * Float(node.shapes[0][0])
    return max(1, min(16, node.shapes[0][0], Int(min(1e6, work / 160_000))))
  }
}

/// The products of a stack, bound to memory: for each piece one task, which is moved from product to product.
private final class BatchRunner {
  let pieces: Int
  private let batch: Int
  private let tasks: UnsafeMutablePointer<GemmTask>
  private let runChunk: @Sendable (UnsafePointer<GemmTask>, Int) -> Void
  private let (a, b, c): (Input, Input, Output)
  private let (stepA, stepB, stepC): (Int, Int, Int)

  init(_ plan: GemmPlan, pieces: Int, _ memory: Binding) {
    self.pieces = pieces
    batch = memory.shape(0)[0]
    runChunk = memory.kernels.gemmRun
    (a, b, c) = (memory.input(0), memory.input(1), memory.output())
    (stepA, stepB, stepC) = (memory.shape(0).sample.count, memory.shape(1).sample.count, plan.shape.m * plan.shape.n)
    tasks = .allocate(capacity: pieces)
    for i in 0..<pieces {
      let scratch = memory.scratch.map { $0 + i * plan.scratchBytes }
      (tasks + i).initialize(to: GemmTask(plan: plan, a: a, b: b, c: c, scratch: scratch))
    }
  }

  deinit {
    tasks.deinitialize(count: pieces)
    tasks.deallocate()
  }

  func run(piece: Int) {
    let task = tasks + piece
    for i in (piece &* batch / pieces)..<((piece &+ 1) &* batch / pieces) {
      task.pointee.a = a + i &* stepA
      task.pointee.b = b + i &* stepB
      task.pointee.c = c + i &* stepC
      for chunk in 0..<task.pointee.plan.allChunks { runChunk(task, chunk) }
    }
  }
}

extension Symbol {
  /// NumPy's product of stacks of matrices [..., m, k] and [..., k, n]: the axes in front are broadcast.
  static func stackedProduct(_ a: Symbol, _ b: Symbol) throws(NNError) -> Symbol {
    let (stackA, stackB) = (a.shape.dimensions.dropLast(2), b.shape.dimensions.dropLast(2))
    let stack = try Shape.broadcast(Shape(unchecked: Array(stackA)), Shape(unchecked: Array(stackB)), for: "matmul")
    func spread(_ x: Symbol) throws(NNError) -> Symbol {
      let matrix = Array(x.shape.dimensions.suffix(2))
      let whole = try Shape(stack.dimensions + matrix)
      return try x.broadcast(to: whole).reshaped([stack.count] + matrix)
    }
    let product = try product(spread(a), false, spread(b), false)
    return try product.reshaped(stack.dimensions + product.shape.dimensions.suffix(2))
  }

  private static func product(_ a: Symbol, _ ta: Bool, _ b: Symbol, _ tb: Bool) throws(NNError) -> Symbol {
    let matMul = MatMul(transposeA: ta, transposeB: tb)
    guard a.shape[0] == 1, b.shape[0] == 1 else { return try .make(BatchMatMul(matMul: matMul), a, b) }
    // One product is cut for the threads by itself.
    let c = try Symbol.make(
      matMul, a.reshaped(Array(a.shape.dimensions[1...])), b.reshaped(Array(b.shape.dimensions[1...])))
    return try c.reshaped([1] + c.shape.dimensions)
  }

  /// Keras's batch_dot: for each sample the sum of products over axis `axes.0` of a and `axes.1` of b, counted with the batch's axis
  /// 0, or from the end. The result has the batch's axis, the other axes of a, those of b; and at least one beside the batch's.
  public static func batchDot(_ a: Symbol, _ b: Symbol, axes: (Int, Int)) throws(NNError) -> Symbol {
    guard a.shape.rank > 1, b.shape.rank > 1 else {
      throw .shape("dot: inputs need an axis beside the batch's; shapes \(a.shape) and \(b.shape)")
    }
    let (i, j) = (try a.shape.axis(axes.0, for: "dot"), try b.shape.axis(axes.1, for: "dot"))
    guard i > 0, j > 0 else { throw .shape("dot: axis 0 is the batch's, over which nothing is summed") }
    guard a.shape[0] == b.shape[0], a.shape[i] == b.shape[j] else {
      throw .shape(
        "dot: axis \(i) of shape \(a.shape) and axis \(j) of shape \(b.shape) do not fit: extents \(a.shape[i]) and "
          + "\(b.shape[j]), batches \(a.shape[0]) and \(b.shape[0])")
    }
    if a.shape.rank == 2, b.shape.rank == 2 { return try (a * b).sum(axes: [1], keepDims: true) }
    let (left, right) = (try a.matrices(summing: i), try b.matrices(summing: j))
    // The left one is wanted [rest, k], the right one [k, rest].
    let product = try product(left.x, left.isFirst, right.x, !right.isFirst)
    return try product.reshaped([a.shape[0]] + left.rest + right.rest)
  }

  /// A stack of matrices with the summed axis as rows (`isFirst`) or columns, and the axes that the other one stands for.
  private func matrices(summing axis: Int) throws(NNError) -> (x: Symbol, isFirst: Bool, rest: [Int]) {
    let rest = (1..<shape.rank).filter { $0 != axis }
    let extents = rest.map { shape[$0] }
    let count = extents.reduce(1, *)
    if axis == 1 { return (try reshaped([shape[0], shape[axis], count]), true, extents) }
    let moved = try transposed([0] + rest + [axis])
    return (try moved.reshaped([shape[0], count, shape[axis]]), false, extents)
  }
}
