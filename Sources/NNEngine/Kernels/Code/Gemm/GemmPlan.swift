import KernelTable

/// How a product reads B.
enum GemmStrategy {
  /// Where it is, by rows. The best, as long as the caches can hold what the tiles come back to.
  static var inPlace: Int { 0 }
  /// Copied, block by block, into panels as wide as a tile: where B is stored by columns, or too large to be read in
  /// pieces of rows, or its rows lie so that they drive each other out of the caches.
  static var packed: Int { 1 }
}

func gemmPlan(_ shape: GemmShape) -> GemmPlan {
  let shape = GemmShape(
    m: max(0, shape.m), n: max(0, shape.n), k: max(0, shape.k), transposeA: shape.transposeA,
    transposeB: shape.transposeB)
  let packed = GemmCost(shape, isPacked: true).best()
  let inPlace = shape.transposeB ? packed : GemmCost(shape, isPacked: false).best()
  let isPacked = shape.transposeB || packed.cost < inPlace.cost
  if cutsDepth(shape) && (!isPacked || GemmCost.cutsPacked) { return cutDepth(shape, isPacked: isPacked) }
  let best = isPacked ? packed : inPlace
  var plan = GemmPlan(
    shape: shape, chunks: best.rowCuts &* best.columnCuts, scratchBytes: 0,
    strategy: isPacked ? GemmStrategy.packed : GemmStrategy.inPlace, blockM: best.rowCuts, blockN: best.columnCuts,
    blockK: best.depth)
  // Packed once for all instead of once for each cut of the columns, unless that took too much memory.
  if isPacked && packsRows(shape) && plan.columnCuts > 2 && Float(shape.m) * Float(shape.k) < 4e6 {
    plan.openingChunks = min(16, quotient(shape.m, tileRows))
  }
  let scratch = GemmScratch(plan)
  plan.scratchBytes = 4 &* scratch.shared &+ plan.chunks &* scratch.bytes
  return plan
}

/// Few rows of A meet a large B, which is read once and, in training, has been moved by the product that made its gradient: each
/// thread then reads again the rows of B that it has moved. They are in its cache, and the other threads' are not.
private func cutsDepth(_ shape: GemmShape) -> Bool {
  !shape.transposeA && !shape.transposeB && shape.m <= 64 && shape.k >= 128 && shape.n >= 64
    && shape.k &* shape.n >= 32_768
}

private func cutDepth(_ shape: GemmShape, isPacked: Bool) -> GemmPlan {
  let rowCuts = isPacked ? 1 : quotient(shape.m, tileRows)
  let columnCuts = rowCuts > 1 ? 1 : min(isPacked ? 4 : 2, quotient(shape.n, columnUnit))
  var plan = GemmPlan(
    shape: shape, chunks: 0, scratchBytes: 0, strategy: isPacked ? GemmStrategy.packed : GemmStrategy.inPlace,
    blockM: rowCuts, blockN: columnCuts, blockK: isPacked ? min(256, quotient(shape.k, 2)) : 1)
  plan.depthCuts = 2
  plan.chunks = plan.depthCuts &* plan.rowCuts &* plan.columnCuts
  plan.closingChunks = max(1, min(shape.m, shape.m &* shape.n / 2400))
  let scratch = GemmScratch(plan)
  plan.scratchBytes = 4 &* scratch.shared &+ plan.chunks &* scratch.bytes
  return plan
}

extension GemmPlan {
  // What the kernels' own fields mean here.
  var rowCuts: Int { @inline(__always) get { blockM } }
  var columnCuts: Int { @inline(__always) get { blockN } }
  var isPacked: Bool { @inline(__always) get { strategy == GemmStrategy.packed } }

  /// The rows of cut number `i`: whole tiles, as evenly as they go.
  func rows(_ i: Int) -> Range<Int> { cut(i, of: rowCuts, extent: shape.m, unit: tileRows) }
  /// The columns of cut number `i`: whole lanes.
  func columns(_ i: Int) -> Range<Int> { cut(i, of: columnCuts, extent: shape.n, unit: columnUnit) }

  /// The steps of k of cut number `i`.
  func depth(_ i: Int) -> Range<Int> {
    depthCuts == 1 ? 0..<shape.k : cut(i, of: depthCuts, extent: shape.k, unit: 8)
  }
  /// The rows that closing chunk number `i` finishes.
  func closingRows(_ i: Int) -> Range<Int> { cut(i, of: closingChunks, extent: shape.m, unit: 1) }
  /// Floats from row to row in the products of the cuts of k.
  var partialStride: Int { @inline(__always) get { roundedUp(shape.n, 16) } }

  private func cut(_ i: Int, of cuts: Int, extent: Int, unit: Int) -> Range<Int> {
    let units = quotient(extent, unit)
    return min(extent, i &* units / cuts &* unit)..<min(extent, (i &+ 1) &* units / cuts &* unit)
  }
}

/// Where columns are cut: three lanes or five are still two good tiles if tiles are three lanes wide, else they are not.
var columnUnit: Int { @inline(__always) get { tileLanes == 2 ? 2 &* width : width } }

/// Scratch memory, in floats: what all chunks share, and behind it each chunk's own.
struct GemmScratch {
  /// All rows of A, packed eight wide; or what the cuts of k make.
  let shared: Int
  /// Packed part of B.
  let panels: Int
  /// A product that is consumed, not stored: this many rows of it at a time.
  let productRows: Int
  let product: Int
  /// Packed rows of A, eight wide.
  let rows: Int

  init(_ plan: GemmPlan) {
    let columns = quotient(quotient(plan.shape.n, columnUnit), plan.columnCuts) &* columnUnit
    let partial = plan.depthCuts > 1 ? plan.depthCuts &* plan.shape.m &* plan.partialStride : 0
    shared = plan.openingChunks > 0 ? quotient(plan.shape.m, tileRows) &* 8 &* roundedUp(plan.shape.k, 8) : partial
    panels = plan.isPacked ? columns &* plan.blockK : 0
    // Where B is packed several times for one product, once for many rows.
    let again = plan.isPacked && plan.shape.k > plan.blockK && plan.shape.transposeA
    productRows = again ? 8 &* tileRows : tileRows
    product = plan.depthCuts > 1 ? 0 : productRows &* columns
    rows = plan.isPacked ? 8 &* plan.blockK : 0
  }

  /// Of one chunk.
  var bytes: Int { roundedUp(4 &* (panels &+ product &+ rows), 64) }
}

/// a / b, rounded up.
@inline(__always) func quotient(_ a: Int, _ b: Int) -> Int { (a &+ b &- 1) / b }

@inline(__always) func roundedUp(_ a: Int, _ b: Int) -> Int { quotient(a, b) &* b }
