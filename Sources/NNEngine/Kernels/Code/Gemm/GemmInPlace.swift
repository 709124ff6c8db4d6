import KernelTable

extension GemmRectangle {
  /// Reads both operands where they are, B by rows.
  func computeInPlace() {
    let blockK = task.pointee.plan.blockK
    if depth > blockK && rowEnd &- rowStart > tileRows { computeInBlocks(blockK) } else { computeByRows() }
  }

  /// Tile by tile, along whole rows of C.
  private func computeByRows() {
    var heights = TileHeights(rowEnd &- rowStart)
    var i = rowStart
    while i < rowEnd {
      let height = heights.next()
      var j = columnStart
      while j < columnEnd {
        let left = quotient(columnEnd &- j, width)
        // A single row has registers to spare, and waits for its additions unless there are many.
        let lanes = height > 1 ? nextLanes(left) : left >= 6 ? 6 : min(left, 3)
        prefetchTargets(i, height, j, lanes &* width)
        multiplyInPlace(i, height, j, lanes, from: 0, steps: depth, productStart: i)
        j &+= lanes &* width
      }
      if task.pointee.plan.depthCuts == 1 { finish(rows: i..<i &+ height, productStart: i) }
      i &+= height
    }
  }

  /// Some steps of k at a time: what of B a tile reads, and its pages, then stays at hand for the tiles below, as if it were packed.
  private func computeInBlocks(_ blockK: Int) {
    var group = rowStart
    while group < rowEnd {
      let groupEnd = min(rowEnd, group &+ rowsInBlocks)
      let allHeights = TileHeights(groupEnd &- group)
      var p = 0
      while p < depth {
        let blocks = quotient(depth &- p, blockK)
        let steps = quotient(depth &- p, blocks)
        var j = columnStart
        while j < columnEnd {
          let lanes = nextLanes(quotient(columnEnd &- j, width))
          var heights = allHeights
          var i = group
          while i < groupEnd {
            let height = heights.next()
            if blocks == 1 { prefetchTargets(i, height, j, lanes &* width) }
            multiplyInPlace(i, height, j, lanes, from: p, steps: steps, productStart: group)
            i &+= height
          }
          j &+= lanes &* width
        }
        p &+= steps
      }
      if task.pointee.plan.depthCuts == 1 { finish(rows: group..<groupEnd, productStart: group) }
      group = groupEnd
    }
  }

  @inline(__always) private func multiplyInPlace(
    _ i: Int, _ height: Int, _ j: Int, _ lanes: Int, from p: Int, steps: Int, productStart: Int
  ) {
    // Only behind the last of B's rows is there nothing to read.
    let isLast = p &+ steps == depth
    let tile = TileOperands(
      a: a + (i &* rowA &+ p &* stepA), aRow: rowA, aStep: stepA, b: b + (p &* stepB &+ j), bStep: stepB, steps: steps,
      whole: isLast ? wholeSteps(steps, readingTo: j &+ lanes &* width) : steps,
      c: destination(i, j, productStart: productStart), cStride: destinationStride,
      last: min(width, columnEnd &- j &- (lanes &- 1) &* width), continues: p > 0 || accumulates,
      weights: isLast ? descendingWeights(i, j) : nil, weightStride: task.pointee.plan.shape.n, numbers: descent ?? a)
    multiplyTile(rows: height, lanes: lanes, tile)
  }

  /// How many of B's rows may be read up to column `end`, which may lie behind the last: there the next row begins, but
  /// nothing is behind the last row.
  @inline(__always) func wholeSteps(_ depth: Int, readingTo end: Int) -> Int {
    let over = end &- task.pointee.plan.shape.n
    return over <= 0 ? depth : max(0, depth &- quotient(over, stepB))
  }
}
