// dropout(x) · W = scale · (x · W − Σ x[i] W[i] over the dropped i), for an x that is multiplied many times. Dropout drops little,
// and much of what it drops is 0 already: a few rows of W for each row of x instead of all.
import KernelTable

/// Rows `rows` of the product; no more than `rowsPerChunk`.
func dropoutProduct(_ task: DropoutProductTask, _ rows: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
  let list = listDropped(task, rows, scratch)
  forEachRowWidth(0..<task.columns, Subtraction(task: task, rows: rows, list: list))
  let scale = Lane(repeating: 1 / (1 - task.rate))
  var r = rows.lowerBound
  while r < rows.upperBound {
    let y = task.y + r &* task.columns
    if let bias = task.bias {
      zipLanes(task.columns, y, bias, y) { fma($0, scale, $1) }
    } else {
      mapLanes(task.columns, y, y) { $0 * scale }
    }
    r &+= 1
  }
}

/// The dropped inputs that are not 0, row by row: their negated values, and their columns in ascending order.
private struct DroppedList {
  let starts: UnsafeMutablePointer<Int>
  let entries: NonZeros
}

@inline(__always) private func listDropped(
  _ task: DropoutProductTask, _ rows: Range<Int>, _ scratch: UnsafeMutableRawPointer
) -> DroppedList {
  let layout = DropoutProductScratch(depth: task.depth)
  let list = DroppedList(
    starts: (scratch + layout.starts).assumingMemoryBound(to: Int.self),
    entries: NonZeros(
      values: (scratch + layout.values).assumingMemoryBound(to: Float.self),
      places: (scratch + layout.places).assumingMemoryBound(to: Int32.self)))
  let depth = task.depth
  // Some rows at a time, which stay in the first cache.
  let rowsAtOnce = max(1, 4_096 / max(1, depth))
  var total = 0
  var r = rows.lowerBound
  while r < rows.upperBound {
    let end = min(rows.upperBound, r &+ rowsAtOnce)
    // Where the list will be: it cannot overtake what it is made from.
    var dropped = list.entries.values + total
    negatedDropped(r &* depth..<end &* depth, task.key, task.stream, task.rate, task.x, dropped)
    while r < end {
      list.starts[r &- rows.lowerBound] = total
      total = list.entries.append(Input(dropped), depth, step: 1, to: total)
      dropped += depth
      r &+= 1
    }
  }
  list.starts[rows.upperBound &- rows.lowerBound] = total
  return list
}

private struct Subtraction: RowWork {
  let task: DropoutProductTask
  let rows: Range<Int>
  let list: DroppedList

  /// Columns j … of all rows.
  @inline(__always) func run<Row: TileRow>(_: Row.Type, _ j: Int) {
    let (columns, depth) = (task.columns, task.depth)
    let over = j &+ Row.lanes &* width &- columns
    let last = over > 0 ? width &- over : width
    // Rows of W in which whole lanes can be read: behind its last row there is nothing.
    let whole = over > 0 ? Int32(truncatingIfNeeded: max(0, depth &- quotient(over, columns))) : Int32.max
    let weights = task.weights + j
    let (values, places) = (list.entries.values, list.entries.places)
    var r = 0
    while r < rows.upperBound &- rows.lowerBound {
      let at = (rows.lowerBound &+ r) &* columns &+ j
      var sum = Row(at: task.base + at, last: last)
      var entry = list.starts[r]
      let end = list.starts[r &+ 1]
      while entry < end, places[entry] < whole {
        sum.accumulate(Lane(repeating: values[entry]), Row(at: weights + Int(places[entry]) &* columns))
        entry &+= 1
      }
      while entry < end {
        let row = Row(at: weights + Int(places[entry]) &* columns, last: last)
        sum.accumulate(Lane(repeating: values[entry]), row)
        entry &+= 1
      }
      sum.store(to: task.y + at, last: last)
      r &+= 1
    }
  }
}
