import KernelTable

/// How a product reads B.
enum GemmStrategy {
  /// Where it is: with few rows it would not be worth the copy.
  static var inPlace: Int { 0 }
  /// Copied, block by block, into panels as wide as a tile.
  static var packed: Int { 1 }
}

/// Bytes of B that a chunk keeps packed: they should stay in the second-level cache.
private var blockBytes: Int { @inline(__always) get { 320 << 10 } }

/// A chunk smaller than this many multiply-adds (about 4 µs) is not worth another thread.
private var leastWork: Int { @inline(__always) get { 250_000 } }

func gemmPlan(_ shape: GemmShape) -> GemmPlan {
  let (m, n, k) = (max(0, shape.m), max(0, shape.n), max(0, shape.k))
  let rowBlocks = max(1, quotient(m, tileRows))
  let panels = max(1, quotient(quotient(n, width), tileLanes))
  // In floating point: the product of three extents can exceed an Int.
  let work = Float(m) * Float(n) * Float(k)
  let wanted = max(1, min(work < 5e8 ? 16 : 32, Int(min(1e6, work / Float(leastWork)))))
  let strategy = m <= 2 &* tileRows && !shape.transposeB ? GemmStrategy.inPlace : GemmStrategy.packed

  // The side that is longer is cut first.
  var rowCuts = 1
  var columnCuts = 1
  if n > m {
    columnCuts = min(panels, wanted)
    rowCuts = min(rowBlocks, max(1, (wanted &+ columnCuts / 2) / columnCuts))
  } else {
    rowCuts = min(rowBlocks, wanted)
    columnCuts = min(panels, max(1, (wanted &+ rowCuts / 2) / rowCuts))
  }
  let blockM = quotient(rowBlocks, rowCuts) &* tileRows
  let blockN = quotient(panels, columnCuts) &* tileLanes &* width
  let chunks = max(1, quotient(m, blockM)) &* max(1, quotient(n, blockN))
  let columns = roundedUp(min(blockN, max(1, n)), width)
  let deepest = max(64, blockBytes / (4 &* columns))
  let blockK = max(1, k <= deepest ? k : quotient(k, quotient(k, deepest)))
  var plan = GemmPlan(
    shape: shape, chunks: chunks, scratchBytes: 0, strategy: strategy, blockM: blockM, blockN: blockN, blockK: blockK)
  plan.scratchBytes = chunks &* GemmScratch(plan).bytes
  return plan
}

/// One chunk's scratch memory, in floats.
struct GemmScratch {
  /// Packed part of B.
  let panels: Int
  /// A product that is consumed, not stored: this many rows of it at a time.
  let productRows: Int
  let product: Int
  /// Packed rows of A.
  let rows: Int

  init(_ plan: GemmPlan) {
    let columns = roundedUp(min(plan.blockN, max(1, plan.shape.n)), width)
    let isPacked = plan.strategy == GemmStrategy.packed
    panels = isPacked ? columns &* plan.blockK : 0
    // Where B is packed several times for one product, once for many rows.
    let again = isPacked && plan.shape.k > plan.blockK && plan.shape.transposeA
    productRows = min(plan.blockM, again ? 8 &* tileRows : tileRows)
    product = productRows &* columns
    rows = isPacked ? tileRows &* plan.blockK : 0
  }

  var bytes: Int { roundedUp(4 &* (panels &+ product &+ rows), 64) }
}

/// a / b, rounded up.
@inline(__always) func quotient(_ a: Int, _ b: Int) -> Int { (a &+ b &- 1) / b }

@inline(__always) func roundedUp(_ a: Int, _ b: Int) -> Int { quotient(a, b) &* b }
