import KernelTable

/// C[m, n] = op(A) · op(B) for matrices.
struct MatMul: Operation {
  static let name = "MatMul"
  var transposeA = false
  var transposeB = false
  var label: String { "MatMul\(transposeA ? " Aᵀ" : "")\(transposeB ? " Bᵀ" : "")" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let g = try gemm(inputs[0], inputs[1])
    return [Shape(unchecked: [g.m, g.n])]
  }

  func gemm(_ a: Shape, _ b: Shape) throws(NNError) -> GemmShape {
    guard a.rank == 2, b.rank == 2 else { throw .shape("matmul: expected two matrices, got shapes \(a) and \(b)") }
    let (m, k) = transposeA ? (a[1], a[0]) : (a[0], a[1])
    let (k2, n) = transposeB ? (b[1], b[0]) : (b[0], b[1])
    guard k == k2 else {
      throw .shape("matmul: shapes \(a) and \(b) do not fit: the inner extents are \(k) and \(k2)")
    }
    return GemmShape(m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    return try gradients(node.inputs[0], node.inputs[1], g) { (product, x, y) throws(NNError) in
      try .make(product, x, y)
    }
  }

  /// The cotangents of both operands, in products that `make` makes.
  func gradients(
    _ a: Symbol, _ b: Symbol, _ g: Symbol, _ make: (MatMul, Symbol, Symbol) throws(NNError) -> Symbol
  ) throws(NNError) -> [Symbol?] {
    func product(_ x: Symbol, _ tx: Bool, _ y: Symbol, _ ty: Bool) throws(NNError) -> Symbol {
      try make(MatMul(transposeA: tx, transposeB: ty), x, y)
    }
    // Each line is d(op(A)·op(B)), with the transposes moved onto the operands as they are stored.
    let da = transposeA ? try product(b, transposeB, g, true) : try product(g, false, b, !transposeB)
    let db = transposeB ? try product(g, true, a, transposeA) : try product(a, !transposeA, g, false)
    return [da, db]
  }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int {
    Product(matMul: self).scratchBytes(for: node, kernels)
  }
  func kernel(_ memory: Binding) -> Kernel? { Product(matMul: self).kernel(memory) }
}

/// A matrix product with what follows it done while each part of the result is in the cache: a bias, then a function or the
/// factor f′ that turns a cotangent of f's output into one of its input. Inputs: a, b, [bias], [saved].
struct Product: Operation {
  static let name = "Gemm"
  enum Epilogue: Hashable {
    case none
    case map(Map)
    case gradient(MapGradient)
  }
  var matMul: MatMul
  var hasBias = false
  var epilogue = Epilogue.none

  var label: String {
    matMul.label + (hasBias ? " + bias" : "") + epilogue.label
  }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] { try matMul.shapes(of: inputs) }

  /// Rewrites come after differentiation, so nobody asks; the definition in small operations would answer.
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.internal, "a fused product has no gradient of its own")
  }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int {
    gemm(node).map { kernels.gemmPlan($0).scratchBytes } ?? 0
  }

  private func gemm(_ node: Node) -> GemmShape? {
    // The shapes were checked when the node was made.
    var shape = try? matMul.gemm(node.inputs[0].shape, node.inputs[1].shape)
    shape?.skipsZeros = node.inputs[0].mayBeSparse
    return shape
  }

  func kernel(_ memory: Binding) -> Kernel? {
    guard let task = task(memory) else { return nil }
    let runner = GemmRunner(task)
    let kernel = runner.kernel(memory)
    guard task.plan.shape.skipsZeros, task.plan.shape.m == 1, let weight = FiniteWeight(memory.node.inputs[1]) else {
      return kernel
    }
    return {
      runner.hasFiniteB = weight.isKnownFinite
      kernel()
    }
  }

  func task(_ memory: Binding) -> GemmTask? {
    guard let shape = gemm(memory.node) else { return nil }
    var task = GemmTask(
      plan: memory.kernels.gemmPlan(shape), a: memory.input(0), b: memory.input(1), c: memory.output(),
      scratch: memory.scratch)
    if hasBias { task.bias = memory.input(2) }
    epilogue.bind(to: &task, saved: hasBias ? 3 : 2, memory)
    return task
  }
}

extension Product.Epilogue {
  /// What a listing adds to the product's name.
  var label: String {
    switch self {
    case .none: ""
    case .map(let f): " + \(f.label)"
    case .gradient(let f): " * \(f.label)"
    }
  }

  /// Tells a product's kernel what to do; input `saved` is what the derivative is taken at.
  func bind(to task: inout GemmTask, saved: Int, _ memory: Binding) {
    switch self {
    case .none: break
    case .map(let f):
      task.function = memory.kernels.scalarFunction(f.function)
      task.parameters = f.parameters
    case .gradient(let f):
      task.function = memory.kernels.scalarFunction(f.function)
      task.parameters = f.parameters
      task.saved = memory.input(saved)
    }
  }
}

/// Keeps a bound product at a fixed address.
final class GemmRunner {
  private let task: UnsafeMutablePointer<GemmTask>

  init(_ task: GemmTask) {
    self.task = .allocate(capacity: 1)
    self.task.initialize(to: task)
  }

  /// Between runs.
  var hasFiniteB: Bool {
    get { task.pointee.hasFiniteB }
    set { task.pointee.hasFiniteB = newValue }
  }

  deinit {
    task.deinitialize(count: 1)
    task.deallocate()
  }

  func kernel(_ memory: Binding) -> Kernel {
    let run = memory.kernels.gemmRun
    let task = UnsafePointer(task)
    // The closure holds the runner, and with it the task's memory.
    let plan = task.pointee.plan
    let first = plan.openingChunks
    let chunks = memory.overChunks(plan.chunks) { [self] chunk in
      _ = self
      run(task, first &+ chunk)
    }
    guard plan.openingChunks + plan.closingChunks > 0 else { return chunks }
    let opening = memory.overChunks(plan.openingChunks) { run(task, $0) }
    let closing = memory.overChunks(plan.closingChunks) { run(task, first &+ plan.chunks &+ $0) }
    return {
      opening()
      chunks()
      closing()
    }
  }
}
