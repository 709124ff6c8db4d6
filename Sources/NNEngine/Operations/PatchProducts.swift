import KernelTable

/// How a convolution is cut: the windows of some outputs at a time are laid out as the rows of a matrix, which stays in the cache while it
/// is multiplied. Depends on the shapes only.
struct PatchTiling {
  let window: Window
  /// Outputs of all samples: the rows of the whole matrix, which never exists.
  let outputs: Int
  let channels: Int
  let filters: Int
  /// Numbers in one window.
  let depth: Int
  /// Rows that are laid out at a time; and of the last, incomplete tile.
  let tileRows: Int
  let lastRows: Int
  let tiles: Int
  /// Runs of tiles, which may be computed at the same time.
  let pieces: Int
  let plan: GemmPlan
  let lastPlan: GemmPlan
  /// Each piece's scratch memory, in floats: a tile's windows, sums where there are any, what a product needs.
  let patchFloats: Int
  let sumFloats: Int
  let pieceFloats: Int

  var scratchBytes: Int { 4 * pieces * pieceFloats }

  /// With `summing`, windowsᵀ · outputs is summed over all tiles, in a sum for each piece; else each tile gives its own outputs.
  init(_ window: Window, outputs: Int, channels: Int, filters: Int, _ kernels: KernelTable, summing: Bool = false) {
    (self.window, self.outputs, self.channels, self.filters) = (window, outputs, channels, filters)
    let depth = window.rows.size * window.columns.size * channels
    // 128 KiB of windows: a part of the second-level cache. Whole tiles of any of the products' kernels.
    let tileRows = max(48, min(1536, 32_768 / max(1, depth) / 24 * 24))
    self.depth = depth
    self.tileRows = min(tileRows, max(1, outputs))
    tiles = max(1, (outputs + tileRows - 1) / tileRows)
    lastRows = outputs - (tiles - 1) * tileRows
    let work = Float(outputs) * Float(depth) * Float(filters)
    var pieces = max(1, min(summing ? 8 : 16, tiles, Int(min(1e6, work / 160_000))))
    // Sums are as large as the kernel: no more of them than there is work for, and not more than 16 MiB.
    if summing { pieces = max(1, min(pieces, outputs / 32, 4_194_304 / max(1, depth * filters))) }
    self.pieces = pieces
    func makePlan(_ rows: Int) -> GemmPlan {
      kernels.gemmPlan(
        summing
          ? GemmShape(m: depth, n: filters, k: rows, transposeA: true) : GemmShape(m: rows, n: filters, k: depth))
    }
    (plan, lastPlan) = (makePlan(self.tileRows), makePlan(max(1, lastRows)))
    func padded(_ floats: Int) -> Int { (floats + 15) / 16 * 16 }
    patchFloats = padded(self.tileRows * depth + 3)
    sumFloats = summing ? padded(depth * filters + filters) : 0
    pieceFloats = patchFloats + sumFloats + padded(max(plan.scratchBytes, lastPlan.scratchBytes) / 4)
  }

  /// The tiles of one piece.
  func tiles(of piece: Int) -> Range<Int> { piece * tiles / pieces..<(piece + 1) * tiles / pieces }
  /// The outputs of one tile.
  func outputs(of tile: Int) -> Range<Int> {
    let first = tile * tileRows
    return first..<min(outputs, first + tileRows)
  }
}

/// A convolution's products, bound to memory: for each piece one task, moved from tile to tile, and one for the last tile.
final class PatchProducts {
  private let tiling: PatchTiling
  private let tasks: UnsafeMutablePointer<GemmTask>
  private let kernels: KernelTable
  private let x: Input
  private let scratch: Output
  private let (output, saved): (Output, Input?)
  /// The windows are the input as it lies there.
  private let isPlain: Bool

  init(
    _ tiling: PatchTiling, _ memory: Binding,
    _ task: (_ plan: GemmPlan, _ scratch: UnsafeMutableRawPointer?) -> GemmTask
  ) {
    self.tiling = tiling
    kernels = memory.kernels
    x = memory.input(0)
    // A convolution of something always has scratch memory: a tile's windows.
    scratch = memory.scratch.map { $0.assumingMemoryBound(to: Float.self) } ?? memory.output()
    isPlain = tiling.window.isIdentity
    tasks = .allocate(capacity: tiling.pieces + 1)
    for i in 0...tiling.pieces {
      let isLast = i == tiling.pieces
      let own = scratch + min(i, tiling.pieces - 1) * tiling.pieceFloats
      let task = task(isLast ? tiling.lastPlan : tiling.plan, own + tiling.patchFloats + tiling.sumFloats)
      (tasks + i).initialize(to: task)
    }
    (output, saved) = (tasks.pointee.c, tasks.pointee.saved)
  }

  deinit {
    tasks.deinitialize(count: tiling.pieces + 1)
    tasks.deallocate()
  }

  /// The outputs of one piece.
  func run(piece: Int) {
    for tile in tiling.tiles(of: piece) {
      let rows = tiling.outputs(of: tile)
      let task = task(piece, tile)
      task.pointee.a = windows(rows, piece)
      task.pointee.c = output + rows.lowerBound &* tiling.filters
      if let saved { task.pointee.saved = saved + rows.lowerBound &* tiling.filters }
      multiply(task)
    }
  }

  /// One piece's part of the gradients: of piece 0 in the results, of the others in `sums`.
  func sum(piece: Int, kernel: Output, bias: Output, dy: Input) {
    let kernelSum = piece == 0 ? kernel : sums(of: piece)
    let biasSum = piece == 0 ? bias : kernelSum + tiling.depth &* tiling.filters
    kernels.fill(tiling.filters, 0, biasSum)
    for tile in tiling.tiles(of: piece) {
      let rows = tiling.outputs(of: tile)
      let task = task(piece, tile)
      task.pointee.a = windows(rows, piece)
      task.pointee.b = dy + rows.lowerBound &* tiling.filters
      task.pointee.c = kernelSum
      task.pointee.accumulates = tile != tiling.tiles(of: piece).lowerBound
      multiply(task)
      kernels.windows.addRows(rows.count, tiling.filters, task.pointee.b, biasSum)
    }
  }

  /// A piece's sums for the kernel, and behind them those for the bias.
  func sums(of piece: Int) -> Output { scratch + piece &* tiling.pieceFloats + tiling.patchFloats }

  private func task(_ piece: Int, _ tile: Int) -> UnsafeMutablePointer<GemmTask> {
    tasks + (tile == tiling.tiles &- 1 ? tiling.pieces : piece)
  }

  private func windows(_ rows: Range<Int>, _ piece: Int) -> Input {
    if isPlain { return x + rows.lowerBound &* tiling.channels }
    let patches = scratch + piece &* tiling.pieceFloats
    kernels.windows.patches(rows, tiling.window, tiling.channels, x, patches)
    return UnsafePointer(patches)
  }

  private func multiply(_ task: UnsafeMutablePointer<GemmTask>) {
    for chunk in 0..<task.pointee.plan.allChunks { kernels.gemmRun(task, chunk) }
  }
}
