import CCPU
import KernelTable

extension GemmRectangle {
  /// A single row of A, of which much may be 0, with a B that is known to be finite: of B only those rows are read that count. Answers false,
  /// and does nothing, if they are most.
  func computeSparseRow() -> Bool {
    let shape = task.pointee.plan.shape
    guard shape.skipsZeros, shape.m == 1, task.pointee.hasFiniteB, task.pointee.scratch != nil, !isConsumed else {
      return false
    }
    let entries = NonZeros(
      values: lists,
      places: UnsafeMutableRawPointer(lists + GemmRectangle.sparseRowEntries(depth)).assumingMemoryBound(to: Int32.self)
    )
    let count = entries.append(a, depth, step: stepB, to: 0)
    guard 5 &* count <= 4 &* depth else { return false }
    // The rows that are fetched ahead of those that are multiplied exist, or are at least no wild addresses.
    var behind = count
    while behind < count &+ fetchedAhead {
      entries.places[behind] = count > 0 ? entries.places[count &- 1] : 0
      behind &+= 1
    }
    forEachRowWidth(columnStart..<columnEnd, SparseRowSums(rectangle: self, list: entries, count: count))
    if task.pointee.plan.depthCuts == 1 { finish(rows: 0..<1, productStart: 0) }
    return true
  }

  /// Floats, and as many places, of a row's list.
  static func sparseRowEntries(_ depth: Int) -> Int { roundedUp(depth, 8) &+ 8 }

  /// B's rows are apart, so that the processor does not see which comes next.
  fileprivate var fetchedAhead: Int { @inline(__always) get { 6 } }
}

private struct SparseRowSums: RowWork {
  let rectangle: GemmRectangle
  let list: NonZeros
  let count: Int

  @inline(__always) func run<Row: TileRow>(_: Row.Type, _ j: Int) {
    let (depth, stepB, ahead) = (rectangle.depth, rectangle.stepB, rectangle.fetchedAhead)
    let last = min(width, rectangle.columnEnd &- j &- (Row.lanes &- 1) &* width)
    let c = rectangle.destination(0, j, productStart: 0)
    var row = rectangle.accumulates ? Row(at: c, last: last) : Row()
    // Only behind B's last rows is there nothing to read.
    let wholeSteps = rectangle.wholeSteps(depth, readingTo: j &+ Row.lanes &* width)
    let whole = Int32(truncatingIfNeeded: wholeSteps &* stepB)
    let b = rectangle.b + j
    var entry = 0
    while entry < count, list.places[entry] < whole {
      let next = b + Int(list.places[entry &+ ahead])
      var line = 0
      while line < Row.lanes &* width {
        ccpu_prefetch_to_read(next + line)
        line &+= 16
      }
      row.accumulate(Lane(repeating: list.values[entry]), Row(at: b + Int(list.places[entry])))
      entry &+= 1
    }
    while entry < count {
      row.accumulate(Lane(repeating: list.values[entry]), Row(at: b + Int(list.places[entry]), last: last))
      entry &+= 1
    }
    row.store(to: c, last: last)
  }
}
