import CCPU
import KernelTable

/// Computes one chunk of a product: a rectangle of C.
func gemmRun(_ task: UnsafePointer<GemmTask>, _ chunk: Int) {
  let plan = task.pointee.plan
  let rectangle = GemmRectangle(
    task, chunk, rows: plan.rows(chunk / plan.columnCuts), columns: plan.columns(chunk % plan.columnCuts))
  if plan.isPacked { rectangle.computePacked() } else { rectangle.computeInPlace() }
}

/// The part of C that a chunk computes, with all it needs to know.
struct GemmRectangle {
  let task: UnsafePointer<GemmTask>
  let rowStart: Int
  let rowEnd: Int
  let columnStart: Int
  let columnEnd: Int

  /// A's element (i, p) is a[i · rowA + p · stepA]; B's (p, j) is b[p · stepB + j · columnB].
  let a: Input
  let rowA: Int
  let stepA: Int
  let b: Input
  let stepB: Int
  let columnB: Int

  let isConsumed: Bool
  let hasBias: Bool
  let accumulates: Bool
  let targets: (weights: Output?, slots: (Output?, Output?, Output?))

  let panels: Output
  let product: Output
  let packedRows: Output
  let productRows: Int

  init(_ task: UnsafePointer<GemmTask>, _ chunk: Int, rows: Range<Int>, columns: Range<Int>) {
    let shape = task.pointee.plan.shape
    self.task = task
    rowStart = rows.lowerBound
    rowEnd = rows.upperBound
    columnStart = columns.lowerBound
    columnEnd = columns.upperBound
    a = task.pointee.a
    rowA = shape.transposeA ? 1 : task.pointee.strideA
    stepA = shape.transposeA ? task.pointee.strideA : 1
    b = task.pointee.b
    stepB = shape.transposeB ? 1 : task.pointee.strideB
    columnB = shape.transposeB ? task.pointee.strideB : 1
    isConsumed = GemmEpilogue.isConsumed(task)
    hasBias = task.pointee.bias != nil
    accumulates = task.pointee.accumulates
    targets = GemmEpilogue.targets(task)
    let layout = GemmScratch(task.pointee.plan)
    productRows = layout.productRows
    // Read in place and stored, a product needs no scratch; nor does one without elements.
    precondition(
      task.pointee.scratch != nil || task.pointee.plan.scratchBytes == 0
        || (!task.pointee.plan.isPacked && !isConsumed),
      "A matrix product was bound without the scratch memory that its plan asks for.")
    let base = task.pointee.scratch.map { ($0 + chunk &* layout.bytes).assumingMemoryBound(to: Float.self) }
    panels = base ?? task.pointee.c
    product = panels + layout.panels
    packedRows = product + layout.product
  }
}

extension GemmRectangle {
  /// Where the product's element (i, j) is written.
  @inline(__always) func destination(_ i: Int, _ j: Int, productStart: Int) -> Output {
    isConsumed
      ? product + ((i &- productStart) &* productStride &+ j &- columnStart)
      : task.pointee.c + (i &* task.pointee.strideC &+ j)
  }

  /// Whole rows lie close together, so that what follows takes several at once.
  var productStride: Int {
    @inline(__always) get {
      let count = columnEnd &- columnStart
      return count == task.pointee.plan.shape.n ? count : roundedUp(count, width)
    }
  }
  var destinationStride: Int { @inline(__always) get { isConsumed ? productStride : task.pointee.strideC } }

  /// What follows the product, on finished rows: bias, function, update.
  func finish(rows: Range<Int>, productStart: Int) {
    guard hasBias || isConsumed || GemmEpilogue.hasFunction(task) else { return }
    let (row, height, count) = (rows.lowerBound, rows.upperBound &- rows.lowerBound, columnEnd &- columnStart)
    let values = destination(row, columnStart, productStart: productStart)
    let stride = destinationStride
    if let bias = task.pointee.bias {
      var i = 0
      while i < height {
        zipLanes(count, values + i &* stride, bias + columnStart, values + i &* stride) { $0 + $1 }
        i &+= 1
      }
    }
    GemmEpilogue.applyFunction(task, row: row, rows: height, column: columnStart, count: count, values, stride: stride)
    if isConsumed {
      GemmEpilogue.applyUpdate(task, row: row, rows: height, column: columnStart, count: count, values, stride: stride)
    }
  }

  /// Fetches what the update of a tile will read and write, while the tile is computed: it would else wait for memory, row by row.
  @inline(__always) func prefetchTargets(_ i: Int, _ height: Int, _ j: Int, _ columns: Int) {
    guard let weights = targets.weights else { return }
    prefetch(weights, i, height, j, columns)
    if let slot = targets.slots.0 { prefetch(slot, i, height, j, columns) }
    if let slot = targets.slots.1 { prefetch(slot, i, height, j, columns) }
    if let slot = targets.slots.2 { prefetch(slot, i, height, j, columns) }
  }

  @inline(__always) private func prefetch(_ matrix: Output, _ i: Int, _ height: Int, _ j: Int, _ columns: Int) {
    let n = task.pointee.plan.shape.n
    var line = matrix + (i &* n &+ j)
    var row = 0
    while row < height {
      var column = 0
      while column < columns {
        ccpu_prefetch(line + column)
        column &+= 16
      }
      line += n
      row &+= 1
    }
  }
}

/// The height of the next tile, so that all are about equally high.
@inline(__always) func nextRows(_ left: Int) -> Int { quotient(left, quotient(left, tileRows)) }

/// The width of the next tile. Four lanes are two and two rather than three and one, which would be slower.
@inline(__always) func nextLanes(_ left: Int) -> Int {
  tileLanes > 2 && left == 4 ? 2 : min(left, tileLanes)
}
