import CCPU
import KernelTable

/// Runs one of a product's parts. A chunk computes a rectangle of C, over all of k or a part of it.
func gemmRun(_ task: UnsafePointer<GemmTask>, _ number: Int) {
  let plan = task.pointee.plan
  if number < plan.openingChunks {
    if plan.shape.laysOutB { openSkippingZeros(task, number) } else { gemmOpen(task, number) }
    return
  }
  let chunk = number &- plan.openingChunks
  if chunk >= plan.chunks {
    gemmClose(task, plan.closingRows(chunk &- plan.chunks))
    return
  }
  if skipsZeros(task) {
    guard let rows = plan.skippingRows(chunk) else { return }
    GemmRectangle(task, chunk, rows: rows, columns: 0..<plan.shape.n, depthCut: 0).computeSkippingZeros()
    return
  }
  let rest = chunk % (plan.rowCuts &* plan.columnCuts)
  let rectangle = GemmRectangle(
    task, chunk, rows: plan.rows(rest / plan.columnCuts), columns: plan.columns(rest % plan.columnCuts),
    depthCut: chunk / (plan.rowCuts &* plan.columnCuts))
  if rectangle.computeSparseRow() { return }
  if plan.isTransposed {
    rectangle.computeTransposed()
  } else if plan.isPacked {
    rectangle.computePacked()
  } else {
    rectangle.computeInPlace()
  }
}

/// Adds up what the cuts of k made of some rows, in their order, and does what follows the product.
private func gemmClose(_ task: UnsafePointer<GemmTask>, _ rows: Range<Int>) {
  let plan = task.pointee.plan
  guard let partial = GemmRectangle.partial(task, 0) else { return }
  let (n, stride) = (plan.shape.n, plan.partialStride)
  let rectangle = GemmRectangle(task, 0, rows: rows, columns: 0..<n, depthCut: nil)
  var i = rows.lowerBound
  while i < rows.upperBound {
    let row = rectangle.result + i &* rectangle.resultStride
    var sum = UnsafePointer(task.pointee.accumulates ? row : partial + i &* stride)
    var cut = task.pointee.accumulates ? 0 : 1
    while cut < plan.depthCuts {
      zipLanes(n, sum, UnsafePointer(partial + (cut &* plan.shape.m &+ i) &* stride), row) { $0 + $1 }
      sum = UnsafePointer(row)
      cut &+= 1
    }
    i &+= 1
  }
  rectangle.finish(rows: rows, productStart: rows.lowerBound)
}

/// The part of C that a chunk computes, with all it needs to know.
struct GemmRectangle {
  let task: UnsafePointer<GemmTask>
  let rowStart: Int
  let rowEnd: Int
  let columnStart: Int
  let columnEnd: Int
  /// Steps of k.
  let depth: Int
  /// Where the product goes, unless it is consumed: C, or a part of the scratch memory if k is cut.
  let result: Output
  let resultStride: Int

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
  /// They are more than stay in the nearest cache anyway.
  let prefetches: Bool
  /// Share of the weights that is kept, and rate, if tiles move them themselves.
  let descent: Input?

  let panels: Output
  let product: Output
  let packedRows: Output
  let productRows: Int
  /// All rows of A, packed by the opening chunks, tile by tile.
  let sharedRows: Output?
  /// All of B, laid out by the opening chunks, and the list of what of A is not 0, where zeros are skipped.
  let sharedPanels: Input
  let lists: Output

  /// `depthCut`: which part of k, where it is cut.
  init(_ task: UnsafePointer<GemmTask>, _ chunk: Int, rows: Range<Int>, columns: Range<Int>, depthCut: Int?) {
    let plan = task.pointee.plan
    let shape = plan.shape
    let steps = plan.depth(depthCut ?? 0)
    isConsumed = GemmEpilogue.isConsumed(task)
    // The sum of the cuts, too, stays in scratch memory if it is consumed.
    let partial = depthCut != nil || isConsumed ? GemmRectangle.partial(task, depthCut ?? 0) : nil
    self.task = task
    rowStart = rows.lowerBound
    rowEnd = rows.upperBound
    columnStart = columns.lowerBound
    columnEnd = columns.upperBound
    depth = steps.upperBound &- steps.lowerBound
    result = partial ?? task.pointee.c
    resultStride = partial == nil ? task.pointee.strideC : plan.partialStride
    rowA = shape.transposeA ? 1 : task.pointee.strideA
    stepA = shape.transposeA ? task.pointee.strideA : 1
    stepB = shape.transposeB ? 1 : task.pointee.strideB
    columnB = shape.transposeB ? task.pointee.strideB : 1
    a = task.pointee.a + steps.lowerBound &* stepA
    b = task.pointee.b + steps.lowerBound &* stepB
    hasBias = task.pointee.bias != nil
    accumulates = task.pointee.accumulates && partial == nil
    targets = GemmEpilogue.targets(task)
    prefetches = shape.m &* shape.n > 4096
    descent = plan.depthCuts == 1 && !plan.isTransposed ? GemmEpilogue.descent(task) : nil
    let layout = GemmScratch(plan)
    productRows = layout.productRows
    // Read in place and stored, a product needs no scratch; nor does one without elements.
    precondition(
      task.pointee.scratch != nil || task.pointee.plan.scratchBytes == 0
        || (plan.isInPlace && !isConsumed && plan.depthCuts == 1),
      "A matrix product was bound without the scratch memory that its plan asks for.")
    let memory = task.pointee.scratch?.assumingMemoryBound(to: Float.self)
    sharedRows = plan.openingChunks > 0 && !shape.laysOutB ? memory : nil
    sharedPanels = UnsafePointer(memory ?? task.pointee.c) + plan.openingChunks &* ZeroSkipping.noteFloats
    panels = memory.map { $0 + (layout.shared &+ chunk &* (layout.bytes / 4)) } ?? task.pointee.c
    product = panels + layout.panels
    packedRows = product + layout.product
    lists = packedRows + layout.rows
  }

  /// Where cut number `depthCut` of k puts its product, if k is cut.
  static func partial(_ task: UnsafePointer<GemmTask>, _ depthCut: Int) -> Output? {
    let plan = task.pointee.plan
    guard plan.depthCuts > 1, let scratch = task.pointee.scratch else { return nil }
    return scratch.assumingMemoryBound(to: Float.self) + depthCut &* plan.shape.m &* plan.partialStride
  }
}

extension GemmRectangle {
  /// Where the product's element (i, j) is written.
  @inline(__always) func destination(_ i: Int, _ j: Int, productStart: Int) -> Output {
    keepsProduct
      ? product + ((i &- productStart) &* productStride &+ j &- columnStart)
      : result + (i &* resultStride &+ j)
  }

  /// The product is consumed row by row from a place of its own.
  private var keepsProduct: Bool { @inline(__always) get { isConsumed && task.pointee.plan.depthCuts == 1 } }

  /// Whole rows lie close together, so that what follows takes several at once.
  var productStride: Int {
    @inline(__always) get {
      let count = columnEnd &- columnStart
      return count == task.pointee.plan.shape.n ? count : roundedUp(count, width)
    }
  }
  var destinationStride: Int { @inline(__always) get { keepsProduct ? productStride : resultStride } }

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
    if isConsumed && descent == nil {
      GemmEpilogue.applyUpdate(task, row: row, rows: height, column: columnStart, count: count, values, stride: stride)
    }
  }

  /// The weights that the tile at (i, j) moves, if tiles do.
  @inline(__always) func descendingWeights(_ i: Int, _ j: Int) -> Output? {
    descent == nil ? nil : targets.weights.map { $0 + (i &* task.pointee.plan.shape.n &+ j) }
  }

  /// Fetches what the update will read and write, while tiles are computed: it would else wait for memory, row by row.
  @inline(__always) func prefetchTargets(_ i: Int, _ height: Int, _ j: Int, _ columns: Int) {
    guard let weights = targets.weights, prefetches else { return }
    prefetch(weights, i, height, j, columns)
    if let slot = targets.slots.0 { prefetch(slot, i, height, j, columns) }
    if let slot = targets.slots.1 { prefetch(slot, i, height, j, columns) }
    if let slot = targets.slots.2 { prefetch(slot, i, height, j, columns) }
  }

  @inline(__always) private func prefetch(_ matrix: Output, _ i: Int, _ height: Int, _ j: Int, _ columns: Int) {
    let n = task.pointee.plan.shape.n
    if columnEnd &- columnStart == n {
      // The rows are one piece of memory. Each tile fetches its share in order, so that the processor sees what comes after it: of the
      // tile's own rows, or, where tiles do the update themselves, of the next ones.
      let next = matrix + (i &+ (descent == nil ? 0 : height)) &* n
      var line = next + height &* j
      let end = next + height &* min(n, j &+ columns)
      while line < end {
        ccpu_prefetch(line)
        line += 16
      }
      return
    }
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

/// The heights of the tiles of some rows, about equal, the higher ones first.
struct TileHeights {
  private let least: Int
  private var higher: Int

  @inline(__always) init(_ rows: Int) {
    let tiles = max(1, quotient(rows, tileRows))
    least = rows / tiles
    higher = rows &- least &* tiles
  }

  @inline(__always) mutating func next() -> Int {
    higher &-= 1
    return higher < 0 ? least : least &+ 1
  }
}

/// The width of the next tile. Four lanes are two and two rather than three and one, which would be slower.
@inline(__always) func nextLanes(_ left: Int) -> Int {
  tileLanes > 2 && left == 4 ? 2 : min(left, tileLanes)
}
