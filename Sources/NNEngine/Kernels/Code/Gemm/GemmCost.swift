import KernelTable

/// What it costs to cut a product in this way or that, in parts of the time of its multiply-adds. Found by measuring: with AVX-512 on a
/// processor with 32 KiB and 1 MiB of first- and second-level cache (Zen 4), with AVX2 on one with 32 and 512 KiB (Zen 3); only speed
/// depends on it.
struct GemmCost {
  let shape: GemmShape
  let isPacked: Bool
  let rowTiles: Int
  let columnUnits: Int
  let work: Float

  init(_ shape: GemmShape, isPacked: Bool) {
    self.shape = shape
    self.isPacked = isPacked
    rowTiles = quotient(shape.m, tileRows)
    columnUnits = quotient(shape.n, columnUnit)
    work = Float(shape.m) * Float(shape.n) * Float(shape.k)  // as an Int it might overflow
  }

  struct Choice {
    var rowCuts = 1
    var columnCuts = 1
    var depth = 1
    var cost = Float.infinity
  }

  func best() -> Choice {
    let most = max(1, min(32, Int(min(1e6, work / GemmCost.leastWork))))
    let widest = shape.keepsRows ? 1 : quotient(quotient(shape.n, width), tileLanes &* leastTiles)
    let mostColumns = max(1, min(most, widest))
    var best = Choice(depth: depth(columns(1)))
    var columnCuts = 1
    while columnCuts <= mostColumns {
      var rowCuts = 1
      while rowCuts &* columnCuts <= most && rowCuts <= max(1, rowTiles) {
        let cost = overhead(rowCuts, columnCuts) + 0.3 * imbalance(rowCuts &* columnCuts)
        if cost < best.cost {
          best = Choice(rowCuts: rowCuts, columnCuts: columnCuts, depth: depth(columns(columnCuts)), cost: cost)
        }
        rowCuts &+= 1
      }
      columnCuts &+= 1
    }
    return best
  }

  /// Columns of the widest chunk.
  private func columns(_ cuts: Int) -> Int { quotient(columnUnits, cuts) &* columnUnit }

  /// Steps of k at once: a block of B that is packed should stay in the second-level cache, what tiles read in place, in the first.
  private func depth(_ columns: Int) -> Int {
    let deepest = isPacked ? max(32, min(512, 80_000 / max(1, columns))) : GemmCost.inPlaceDepth
    return shape.k <= deepest ? max(1, shape.k) : quotient(shape.k, quotient(shape.k, deepest))
  }

  private func overhead(_ rowCuts: Int, _ columnCuts: Int) -> Float {
    let width = columns(columnCuts)
    let rows = Float(quotient(shape.m, rowCuts))
    let columns = Float(width)
    let chunkCost = Float(rowCuts &* columnCuts) * 10_000 / max(1, work)
    // A is read for every cut of the columns, from farther away if it is large.
    let readA = (4 * Float(shape.m) * Float(shape.k) > 1e6 ? 8 : 1) / columns
    if isPacked {
      let shallow = 8 / Float(depth(width))  // C is read and written again for every block
      return (shape.transposeB ? 8 : 10) / rows + readA + (packsRows(shape) ? 4 : 0) / columns + shallow + chunkCost
    }
    let distance = self.distance(rows: rows, columns: columns)
    let collisions: Float = (shape.n &* 4) % 1024 == 0 && shape.k >= 128 ? 0.5 : 0
    let brokenLines = 2 / columns  // rows of B do not begin at cache lines: one more is read than there are
    return 0.5 / rows + readA + brokenLines + distance + collisions + chunkCost
  }

  #if AVX512
    /// Steps of k at a time where B is read in place.
    static var inPlaceDepth: Int { Int.max }
    /// Multiply-adds for which another thread is worth while: about 3 µs.
    static var leastWork: Float { 160_000 }
    /// Tiles side by side in the narrowest chunk.
    private var leastTiles: Int { 1 }
    /// Whether the small matrices of a product are transposed instead of a B that is stored by columns. (Not tried at this level.)
    static func multipliesTransposed(_ shape: GemmShape) -> Bool { false }
    /// Whether products with few rows of A that pack B cut k.
    static var cutsPacked: Bool { false }
    /// Every row of tiles reads the whole block of B: cheap from the nearest cache, dear from memory.
    private func distance(rows: Float, columns: Float) -> Float {
      let block = 4 * columns * Float(shape.k)
      return block > 500_000 ? 0.2 : block > 130_000 ? 0.05 : 0
    }
  #else
    /// So many steps of some rows of A and of a tile's columns are in the nearest cache, and the addresses of their pages at hand. (96 to 200
    /// are about as good where B is large, 150 and more better where it is not.)
    static var inPlaceDepth: Int { 200 }
    static var leastWork: Float { 40_000 }
    private var leastTiles: Int { shape.transposeB ? 4 : 1 }
    static func multipliesTransposed(_ shape: GemmShape) -> Bool {
      shape.transposeB && !shape.transposeA && shape.m <= 64 && shape.n >= 16
    }
    static var cutsPacked: Bool { true }
    /// Rows of tiles that go through B together fetch it once, but if it is large then from afar, and the addresses of its pages, too; and C is
    /// read and written again for every block of steps.
    private func distance(rows: Float, columns: Float) -> Float {
      let whole = 4 * Float(shape.k) * Float(shape.n)
      let fetching: Float = whole > 260_000 ? 4 : whole > 64_000 ? 1 : 0
      let blocks: Float = shape.k > GemmCost.inPlaceDepth ? 8 / Float(GemmCost.inPlaceDepth) : 0
      // What makes gradients moves weights, which are fetched in the order of memory if rows are whole.
      let pieces: Float = shape.transposeA && columns < Float(shape.n) ? 0.15 : 0
      return fetching / min(rows, Float(rowsInBlocks)) + blocks + pieces
    }
  #endif

  /// The part of the time that threads wait for the last chunk, for 2, 4, 8 and 16 of them.
  private func imbalance(_ chunks: Int) -> Float {
    var rounded = 0
    var threads = 2
    while threads <= 16 {
      rounded &+= quotient(chunks, threads) &* threads
      threads &*= 2
    }
    return Float(rounded) / Float(4 &* chunks) - 1
  }
}

/// Rows of A (or, transposed, steps) at a distance near a multiple of 1 KiB would drive each other out of the nearest cache:
/// a packed product then packs A too.
func packsRows(_ shape: GemmShape) -> Bool { ((shape.transposeA ? shape.m : shape.k) &* 4) % 1024 == 0 }
