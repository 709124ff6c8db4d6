import KernelTable

extension GemmRectangle {
  /// Reads both operands where they are, B by rows.
  func computeInPlace() {
    var i = rowStart
    while i < rowEnd {
      let height = nextRows(rowEnd &- i)
      var j = columnStart
      while j < columnEnd {
        let left = quotient(columnEnd &- j, width)
        // A single row has registers to spare, and waits for its additions unless there are many.
        let lanes = height > 1 ? nextLanes(left) : left >= 6 ? 6 : min(left, 3)
        prefetchTargets(i, height, j, lanes &* width)
        multiplyInPlace(i, height, j, lanes)
        j &+= lanes &* width
      }
      if task.pointee.plan.depthCuts == 1 { finish(rows: i..<i &+ height, productStart: i) }
      i &+= height
    }
  }

  @inline(__always) private func multiplyInPlace(_ i: Int, _ height: Int, _ j: Int, _ lanes: Int) {
    let tile = TileOperands(
      a: a + i &* rowA, aRow: rowA, aStep: stepA, b: b + j, bStep: stepB, steps: depth,
      whole: wholeSteps(depth, readingTo: j &+ lanes &* width), c: destination(i, j, productStart: i),
      cStride: destinationStride, last: min(width, columnEnd &- j &- (lanes &- 1) &* width), continues: accumulates)
    multiplyTile(rows: height, lanes: lanes, tile)
  }

  /// How many of B's rows may be read up to column `end`, which may lie behind the last: there the next row begins, but
  /// nothing is behind the last row.
  @inline(__always) private func wholeSteps(_ depth: Int, readingTo end: Int) -> Int {
    let over = end &- task.pointee.plan.shape.n
    return over <= 0 ? depth : max(0, depth &- quotient(over, stepB))
  }
}
