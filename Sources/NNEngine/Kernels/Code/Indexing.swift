import KernelTable

/// The row that a float names, or −1 when it names none in low ..< high.
@inline(__always) private func rowNumber(_ index: Float, _ low: Float, _ high: Float) -> Int {
  // The comparison first: it is false for NaN, and what passes it fits an integer.
  guard index >= low && index < high else { return -1 }
  let row = Int32(index)
  return Float(row) == index ? Int(row) : -1
}

func gatherRows(
  _ rows: Range<Int>, _ width: Int, _ tableRows: Int, _ table: Input, _ indices: Input, _ out: Output
) {
  var r = rows.lowerBound
  while r < rows.upperBound {
    let row = rowNumber(indices[r], 0, Float(tableRows))
    if row >= 0 {
      copy(width, table + row &* width, out + r &* width)
    } else {
      fill(width, .nan, out + r &* width)
    }
    r &+= 1
  }
}

func scatterRows(
  _ tableRows: Range<Int>, _ width: Int, _ count: Int, _ x: Input, _ indices: Input, _ table: Output
) {
  fill(tableRows.count &* width, 0, table + tableRows.lowerBound &* width)
  let (low, high) = (Float(tableRows.lowerBound), Float(tableRows.upperBound))
  var r = 0
  while r < count {
    let row = rowNumber(indices[r], low, high)
    if row >= 0 {
      let sum = table + row &* width
      zipLanes(width, UnsafePointer(sum), x + r &* width, sum) { $0 + $1 }
    }
    r &+= 1
  }
}
