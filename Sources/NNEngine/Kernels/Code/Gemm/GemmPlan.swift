import KernelTable

/// How a product reads B.
enum GemmStrategy {
  /// Where it is, by rows. The best, as long as the caches can hold what the tiles come back to.
  static var inPlace: Int { 0 }
  /// Copied, block by block, into panels as wide as a tile: where B is stored by columns, or too large to be read in
  /// pieces of rows, or its rows lie so that they drive each other out of the caches.
  static var packed: Int { 1 }
  /// Where it is, by columns, if A has few rows: then these are transposed, and the product.
  static var transposed: Int { 2 }
}

func gemmPlan(_ shape: GemmShape) -> GemmPlan {
  var shape = shape
  (shape.m, shape.n, shape.k) = (max(0, shape.m), max(0, shape.n), max(0, shape.k))
  shape.skipsZeros = shape.skipsZeros && ZeroSkipping.isWorthTrying(shape)
  if GemmCost.multipliesTransposed(shape) { return transposedPlan(shape) }
  let packed = GemmCost(shape, isPacked: true).best()
  let inPlace = shape.transposeB ? packed : GemmCost(shape, isPacked: false).best()
  let isPacked = shape.transposeB || packed.cost < inPlace.cost
  if cutsDepth(shape) && (!isPacked || GemmCost.cutsPacked) { return cutDepth(shape, isPacked: isPacked) }
  let best = isPacked ? packed : inPlace
  var plan = GemmPlan(
    shape: shape, chunks: best.rowCuts &* best.columnCuts, scratchBytes: 0,
    strategy: isPacked ? GemmStrategy.packed : GemmStrategy.inPlace, blockM: best.rowCuts, blockN: best.columnCuts,
    blockK: best.depth)
  if shape.laysOutB {
    plan.openingChunks = ZeroSkipping.openingChunks(shape)
  } else if isPacked && packsRows(shape) && plan.columnCuts > 2 && Float(shape.m) * Float(shape.k) < 4e6 {
    // Packed once for all instead of once for each cut of the columns, unless that took too much memory.
    plan.openingChunks = min(16, quotient(shape.m, tileRows))
  }
  let scratch = GemmScratch(plan)
  plan.scratchBytes = 4 &* scratch.shared &+ plan.chunks &* scratch.bytes
  return plan
}

private func transposedPlan(_ shape: GemmShape) -> GemmPlan {
  let work = Float(shape.m) * Float(shape.n) * Float(shape.k)
  // Each chunk transposes A for itself, so that narrow ones would do little else.
  let most = min(Int(min(1e6, work / GemmCost.leastWork)), quotient(shape.n, 4 &* columnUnit))
  let cuts = most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1
  var plan = GemmPlan(
    shape: shape, chunks: cuts, scratchBytes: 0, strategy: GemmStrategy.transposed, blockM: 1, blockN: cuts,
    blockK: max(1, min(shape.k, GemmCost.inPlaceDepth)))
  plan.scratchBytes = plan.chunks &* GemmScratch(plan).bytes
  return plan
}

/// Few rows of A meet a large B, which is read once and, in training, has been moved by the product that made its gradient: each
/// thread then reads again the rows of B that it has moved. They are in its cache, and the other threads' are not.
private func cutsDepth(_ shape: GemmShape) -> Bool {
  !shape.keepsDepth && !shape.transposeA && !shape.transposeB && shape.m <= 64 && shape.k >= 128 && shape.n >= 64
    && shape.k &* shape.n >= 32_768
}

private func cutDepth(_ shape: GemmShape, isPacked: Bool) -> GemmPlan {
  let rowCuts = isPacked || shape.k / 2 > GemmCost.inPlaceDepth ? 1 : quotient(shape.m, tileRows)
  let columnCuts = rowCuts > 1 ? 1 : min(shape.m > tileRows ? 4 : 2, quotient(shape.n, columnUnit))
  var plan = GemmPlan(
    shape: shape, chunks: 0, scratchBytes: 0, strategy: isPacked ? GemmStrategy.packed : GemmStrategy.inPlace,
    blockM: rowCuts, blockN: columnCuts, blockK: isPacked ? min(256, quotient(shape.k, 2)) : GemmCost.inPlaceDepth)
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
  var isTransposed: Bool { @inline(__always) get { strategy == GemmStrategy.transposed } }
  var isInPlace: Bool { @inline(__always) get { strategy == GemmStrategy.inPlace } }

  /// The rows of cut number `i`: whole tiles, as evenly as they go.
  func rows(_ i: Int) -> Range<Int> { cut(i, of: rowCuts, extent: shape.m, unit: tileRows) }
  /// The columns of cut number `i`: whole lanes.
  func columns(_ i: Int) -> Range<Int> { cut(i, of: columnCuts, extent: shape.n, unit: columnUnit) }

  /// Into how many pieces rows are cut where zeros are skipped, each with all columns: a piece takes many rows through B.
  var skippingCuts: Int { min(chunks, max(1, shape.m / 64)) }
  /// The rows of a chunk's piece, if it has one: some chunks have none, all over the place, so that threads have equally many.
  func skippingRows(_ chunk: Int) -> Range<Int>? {
    let (cuts, piece) = (skippingCuts, chunk &* skippingCuts / chunks)
    let isFirst = chunk == 0 || (chunk &- 1) &* cuts / chunks != piece
    return isFirst ? cut(piece, of: cuts, extent: shape.m, unit: tileRows) : nil
  }

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

/// Rows of C that are computed with a block of B while it is at hand.
var rowsInBlocks: Int { @inline(__always) get { 8 &* tileRows } }

/// Scratch memory, in floats: what all chunks share, and behind it each chunk's own.
struct GemmScratch {
  /// All rows of A, packed eight wide; or B, where zeros are skipped; or what the cuts of k make.
  let shared: Int
  /// Packed part of B; or of A, transposed.
  let panels: Int
  /// A product that is consumed, not stored: this many rows of it at a time.
  let productRows: Int
  let product: Int
  /// Packed rows of A, eight wide; or the transposed product.
  let rows: Int
  /// What of A is not 0.
  let lists: Int

  init(_ plan: GemmPlan) {
    let columns = quotient(quotient(plan.shape.n, columnUnit), plan.columnCuts) &* columnUnit
    let partial = plan.depthCuts > 1 ? plan.depthCuts &* plan.shape.m &* plan.partialStride : 0
    let skipping = plan.shape.laysOutB ? ZeroSkipping(plan) : nil
    let row = plan.shape.skipsZeros ? 2 &* GemmRectangle.sparseRowEntries(plan.shape.k) : 0
    lists = skipping?.listFloats ?? row
    shared =
      skipping?.sharedFloats(plan)
      ?? (plan.openingChunks > 0 ? quotient(plan.shape.m, tileRows) &* 8 &* roundedUp(plan.shape.k, 8) : partial)
    if plan.isTransposed {
      let rowLanes = roundedUp(plan.shape.m, width)
      (panels, rows) = (plan.blockK &* rowLanes, columns &* rowLanes)
      (productRows, product) = (plan.shape.m, plan.shape.m &* columns)
      return
    }
    panels = plan.isPacked ? columns &* plan.blockK : 0
    // Where B is packed several times for one product, once for many rows.
    let again = plan.shape.k > plan.blockK && (plan.shape.transposeA || !plan.isPacked)
    productRows = again ? rowsInBlocks : tileRows
    product = plan.depthCuts > 1 ? 0 : max(productRows &* columns, skipping?.productFloats ?? 0)
    rows = plan.isPacked ? 8 &* plan.blockK : 0
  }

  /// Of one chunk.
  var bytes: Int { roundedUp(4 &* (panels &+ product &+ rows &+ lists), 64) }
}

/// a / b, rounded up.
@inline(__always) func quotient(_ a: Int, _ b: Int) -> Int { (a &+ b &- 1) / b }

@inline(__always) func roundedUp(_ a: Int, _ b: Int) -> Int { quotient(a, b) &* b }
