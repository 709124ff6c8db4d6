import KernelTable

/// The product of two matrices of float32, at once: what a graph of one node does, without the graph, which costs more than a small product.
enum DirectMatMul {
  /// nil: something else, or a misfit, of which the graph's way says what is wrong.
  static func apply(_ a: Tensor, _ b: Tensor) throws(NNError) -> Tensor? {
    guard a.dtype == .float32, b.dtype == .float32, a.shape.rank == 2, b.shape.rank == 2, a.shape[1] == b.shape[0],
      a.shape.count > 0, b.shape.count > 0, !ReferenceMode.isOn
    else { return nil }
    var shape = GemmShape(m: a.shape[0], n: b.shape[1], k: a.shape[1])
    shape.keepsDepth = true
    let kernels = CPU.shared
    let plan = kernels.table.gemmPlan(shape)
    let result = Shape(unchecked: [shape.m, shape.n])
    let storage = try Storage(byteCount: result.count * MemoryLayout<Float>.stride, zeroed: false)
    let value = Tensor(shape: result, dtype: .float32, storage: storage)
    let scratch = plan.scratchBytes > 0 ? try Storage(byteCount: plan.scratchBytes, zeroed: false) : nil
    var task = GemmTask(plan: plan, a: a.floats, b: b.floats, c: value.unsharedFloats, scratch: scratch?.bytes)
    let isSmall = max(a.shape.count, b.shape.count, result.count) <= DirectRun.mostElements
    withExtendedLifetime((a, b, scratch)) {
      withUnsafePointer(to: &task) { task in
        if isSmall || plan.chunks == 1 {
          for part in 0..<plan.allChunks { kernels.table.gemmRun(task, part) }
        } else {
          share(task, kernels)
        }
      }
    }
    return value
  }

  private static func share(_ task: UnsafePointer<GemmTask>, _ kernels: CPU.SharedTable) {
    let (plan, run) = (task.pointee.plan, kernels.table.gemmRun)
    nonisolated(unsafe) let task = task
    let first = plan.openingChunks
    ThreadPool.shared.run(first) { run(task, $0) }
    ThreadPool.shared.run(plan.chunks) { run(task, first &+ $0) }
    ThreadPool.shared.run(plan.closingChunks) { run(task, first &+ plan.chunks &+ $0) }
  }
}
