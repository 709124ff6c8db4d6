import KernelTable

func gemmPlan(_ shape: GemmShape) -> GemmPlan {
  let blockM = 16
  return GemmPlan(
    shape: shape, chunks: max(1, (shape.m + blockM - 1) / blockM), scratchBytes: 4 * shape.m * shape.n, strategy: 0,
    blockM: blockM, blockN: 0, blockK: 0)
}

func gemmRun(_ task: UnsafePointer<GemmTask>, _ chunk: Int) {
  let shape = task.pointee.plan.shape
  let first = chunk &* task.pointee.plan.blockM
  let last = min(shape.m, first &+ task.pointee.plan.blockM)
  guard let scratch = task.pointee.scratch else { return }
  let product = scratch.assumingMemoryBound(to: Float.self)
  let rowA = shape.transposeA ? 1 : task.pointee.strideA
  let stepA = shape.transposeA ? task.pointee.strideA : 1
  let stepB = shape.transposeB ? 1 : task.pointee.strideB
  let columnB = shape.transposeB ? task.pointee.strideB : 1
  var i = first
  while i < last {
    let row = !GemmEpilogue.isConsumed(task) ? task.pointee.c + i &* task.pointee.strideC : product + i &* shape.n
    var j = 0
    while j < shape.n {
      var total: Float = 0
      var p = 0
      while p < shape.k {
        total += task.pointee.a[i &* rowA &+ p &* stepA] * task.pointee.b[p &* stepB &+ j &* columnB]
        p &+= 1
      }
      row[j] = total
      j &+= 1
    }
    finish(task, row: i, from: 0, count: shape.n, row)
    i &+= 1
  }
}

/// What follows the product: bias, function, update, on a part of one row.
func finish(_ task: UnsafePointer<GemmTask>, row: Int, from column: Int, count: Int, _ values: Output) {
  if let bias = task.pointee.bias {
    zipLanes(count, values, bias + column, values) { $0 + $1 }
  }
  GemmEpilogue.applyFunction(task, row: row, column: column, count: count, values)
  GemmEpilogue.applyUpdate(task, row: row, column: column, count: count, values)
}
