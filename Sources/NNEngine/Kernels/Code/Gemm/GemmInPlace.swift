import KernelTable

extension GemmRectangle {
  /// Reads both operands where they are, B by rows.
  func computeInPlace() {
    let depth = task.pointee.plan.shape.k
    var i = rowStart
    while i < rowEnd {
      let height = nextRows(rowEnd &- i)
      var j = columnStart
      while j < columnEnd {
        let left = quotient(columnEnd &- j, width)
        // A single row has registers to spare, and waits for its additions unless there are many.
        let lanes = height == 1 && left >= 6 ? 6 : height == 1 ? min(left, 3) : nextLanes(left)
        let tile = TileOperands(
          a: a + i &* rowA, aRow: rowA, aStep: stepA, b: b + j, bStep: stepB, steps: depth,
          whole: wholeSteps(depth, readingTo: j &+ lanes &* width), c: destination(i, j, productStart: i),
          cStride: destinationStride, last: min(width, columnEnd &- j &- (lanes &- 1) &* width), continues: false)
        multiplyTile(rows: height, lanes: lanes, tile)
        j &+= lanes &* width
      }
      finish(rows: i..<i &+ height, productStart: i)
      i &+= height
    }
  }

  /// How many of B's rows may be read up to column `end`, which may lie behind the last: there the next row begins, but
  /// nothing is behind the last row.
  @inline(__always) private func wholeSteps(_ depth: Int, readingTo end: Int) -> Int {
    let over = end &- task.pointee.plan.shape.n
    return over <= 0 ? depth : max(0, depth &- quotient(over, stepB))
  }
}
