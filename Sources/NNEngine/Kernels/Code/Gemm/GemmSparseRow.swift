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
    var j = columnStart
    while j < columnEnd {
      let left = quotient(columnEnd &- j, width)
      let lanes = left >= 10 ? 10 : left == 1 ? 1 : left & ~1
      switch lanes {
      case 1: sumRow(Row1.self, entries, count, j)
      case 2: sumRow(Row2.self, entries, count, j)
      case 4: sumRow(Row4.self, entries, count, j)
      case 6: sumRow(Row6.self, entries, count, j)
      case 8: sumRow(Row8.self, entries, count, j)
      default: sumRow(Row10.self, entries, count, j)
      }
      j &+= lanes &* width
    }
    if task.pointee.plan.depthCuts == 1 { finish(rows: 0..<1, productStart: 0) }
    return true
  }

  /// Floats, and as many places, of a row's list.
  static func sparseRowEntries(_ depth: Int) -> Int { roundedUp(depth, 8) &+ 8 }

  /// B's rows are apart, so that the processor does not see which comes next.
  private var fetchedAhead: Int { @inline(__always) get { 6 } }

  @inline(__always) private func sumRow<Row: TileRow>(_: Row.Type, _ list: NonZeros, _ count: Int, _ j: Int) {
    let last = min(width, columnEnd &- j &- (Row.lanes &- 1) &* width)
    let c = destination(0, j, productStart: 0)
    var row = accumulates ? Row(at: c, last: last) : Row()
    // Only behind B's last rows is there nothing to read.
    let whole = Int32(truncatingIfNeeded: wholeSteps(depth, readingTo: j &+ Row.lanes &* width) &* stepB)
    let b = b + j
    var entry = 0
    while entry < count, list.places[entry] < whole {
      let next = b + Int(list.places[entry &+ fetchedAhead])
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
