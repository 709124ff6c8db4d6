import CCPU
import KernelTable

extension GemmRectangle {
  /// Packs B block by block over k, and goes through the rows of A with each block.
  func computePacked() {
    let blockK = task.pointee.plan.blockK
    let isOneBlock = depth <= blockK
    // A product that is consumed must be complete before its scratch is used for the next rows.
    let groupRows = isConsumed && !isOneBlock && task.pointee.plan.depthCuts == 1 ? productRows : rowEnd &- rowStart
    var group = rowStart
    while group < rowEnd {
      let groupEnd = min(rowEnd, group &+ groupRows)
      var p = 0
      repeat {
        let steps = min(blockK, depth &- p)
        if !isOneBlock || group == rowStart { packPanels(from: p, steps: steps) }
        multiplyBlock(rows: group..<groupEnd, from: p, steps: steps, isLast: p &+ steps == depth, isOneBlock)
        p &+= steps
      } while p < depth
      group = groupEnd
    }
  }

  private func packPanels(from p: Int, steps: Int) {
    if columnB == 1 {
      packRows(from: p, steps: steps)
      return
    }
    var j = columnStart
    while j < columnEnd {
      let lanes = nextLanes(quotient(columnEnd &- j, width))
      packTransposed(
        rows: min(lanes &* width, columnEnd &- j), steps: steps, b + (p &* stepB &+ j &* columnB), columnB,
        panels + (j &- columnStart) &* steps, lineWidth: lanes &* width)
      j &+= lanes &* width
    }
  }

  /// Row by row across all panels: memory is read in long runs.
  private func packRows(from p: Int, steps: Int) {
    var line = 0
    while line < steps {
      let source = b + (p &+ line) &* stepB
      if line &+ packAhead < steps { prefetchLine(source + packAhead &* stepB) }
      var j = columnStart
      while j < columnEnd {
        let lanes = nextLanes(quotient(columnEnd &- j, width))
        let out = panels + ((j &- columnStart) &* steps &+ line &* lanes &* width)
        packLine(source + j, out, lanes, last: min(width, columnEnd &- j &- (lanes &- 1) &* width))
        j &+= lanes &* width
      }
      line &+= 1
    }
  }

  /// Rows far apart are not fetched ahead by the processor.
  @inline(__always) private func prefetchLine(_ row: Input) {
    var j = columnStart
    while j < columnEnd {
      ccpu_prefetch(row + j)
      j &+= 16
    }
  }

  /// So many rows ahead of the one that is copied.
  private var packAhead: Int { @inline(__always) get { 6 } }

  private func multiplyBlock(rows: Range<Int>, from p: Int, steps: Int, isLast: Bool, _ isOneBlock: Bool) {
    // Groups of rows end tiles where the whole does not.
    let shared = isConsumed && !isOneBlock ? nil : sharedRows
    var sharedTile = sharedStart(p)
    var heights = TileHeights(rows.upperBound &- rows.lowerBound)
    var i = rows.lowerBound
    while i < rows.upperBound {
      let height = heights.next()
      let productStart = isOneBlock ? i : rows.lowerBound
      var (block, blockRow, blockStep) = (a + (i &* rowA &+ p &* stepA), rowA, stepA)
      if let shared {
        (block, blockRow, blockStep) = (UnsafePointer(shared + sharedTile), 1, 8)
        sharedTile &+= 8 &* task.pointee.plan.shape.k
      } else if packsRows(task.pointee.plan.shape) {
        packEight(rows: height, steps: steps, block, rowA, stepA, packedRows)
        (block, blockRow, blockStep) = (UnsafePointer(packedRows), 1, 8)
      }
      var j = columnStart
      while j < columnEnd {
        let lanes = nextLanes(quotient(columnEnd &- j, width))
        if isLast { prefetchTargets(i, height, j, lanes &* width) }
        let tile = TileOperands(
          a: block, aRow: blockRow, aStep: blockStep, b: panels + (j &- columnStart) &* steps, bStep: lanes &* width,
          steps: steps, whole: steps, c: destination(i, j, productStart: productStart), cStride: destinationStride,
          last: min(width, columnEnd &- j &- (lanes &- 1) &* width), continues: p > 0 || accumulates,
          weights: isLast ? descendingWeights(i, j) : nil, weightStride: task.pointee.plan.shape.n,
          numbers: descent ?? a)
        multiplyTile(rows: height, lanes: lanes, tile)
        j &+= lanes &* width
      }
      if isLast && task.pointee.plan.depthCuts == 1 { finish(rows: i..<i &+ height, productStart: productStart) }
      i &+= height
    }
  }

  /// Where the first of this rectangle's tiles lies among the packed rows, from step `p` on.
  private func sharedStart(_ p: Int) -> Int { 8 &* (rowStart / tileRows &* task.pointee.plan.shape.k &+ p) }

  /// Packs those of the rectangle's rows whose tiles are among `tiles`, counted over the whole product.
  func packShared(_ tiles: Range<Int>) {
    guard var out = sharedRows else { return }
    out += sharedStart(0)
    var tile = rowStart / tileRows
    var heights = TileHeights(rowEnd &- rowStart)
    var i = rowStart
    while i < rowEnd {
      let height = heights.next()
      if tiles.lowerBound <= tile && tile < tiles.upperBound {
        packEight(rows: height, steps: task.pointee.plan.shape.k, a + i &* rowA, rowA, stepA, out)
      }
      out += 8 &* task.pointee.plan.shape.k
      tile &+= 1
      i &+= height
    }
  }
}

/// Packs a part of A's rows for all chunks.
func gemmOpen(_ task: UnsafePointer<GemmTask>, _ number: Int) {
  let plan = task.pointee.plan
  let tiles = quotient(plan.shape.m, tileRows)
  let mine = (number &* tiles / plan.openingChunks)..<((number &+ 1) &* tiles / plan.openingChunks)
  var cut = 0
  while cut < plan.rowCuts {
    GemmRectangle(task, 0, rows: plan.rows(cut), columns: 0..<0, depthCut: 0).packShared(mine)
    cut &+= 1
  }
}

private func packEight(rows: Int, steps: Int, _ x: Input, _ rowStride: Int, _ stepStride: Int, _ out: Output) {
  if stepStride == 1 {
    packTransposed(rows: rows, steps: steps, x, rowStride, out, lineWidth: 8)
  } else {
    var p = 0
    while p < steps {
      packLine(x + p &* stepStride, out + p &* 8, rows)
      p &+= 1
    }
  }
}
