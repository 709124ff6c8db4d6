import KernelTable

func gatherStrided(
  _ rank: Int, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>, _ range: Range<Int>, _ x: Input,
  _ out: Output
) {
  if rank == 0 {
    if !range.isEmpty { out[0] = x[0] }
    return
  }
  let length = extents[rank &- 1]
  let step = strides[rank &- 1]
  var at = range.lowerBound
  while at < range.upperBound {
    let column = at % length
    if rank > 1 && strides[rank &- 2] == 1 && step != 1 && column == 0 && range.upperBound &- at >= 8 &* length {
      let row = at / length
      if row % extents[rank &- 2] &+ 8 <= extents[rank &- 2] {
        transposeEightRows(length, x + rowOffset(row, rank &- 1, extents, strides), step, out + at)
        at &+= 8 &* length
        continue
      }
    }
    // One row of the output, or the part of it that is in the range.
    let count = min(length &- column, range.upperBound &- at)
    let source = x + (rowOffset(at / length, rank &- 1, extents, strides) &+ column &* step)
    switch step {
    case 1: copy(count, source, out + at)
    case 0: fill(count, source[0], out + at)
    default:
      var i = 0
      while i < count {
        out[at &+ i] = source[i &* step]
        i &+= 1
      }
    }
    at &+= count
  }
}

/// Eight rows of the output that are neighbouring columns of the source.
private func transposeEightRows(_ length: Int, _ x: Input, _ step: Int, _ out: Output) {
  var j = 0
  while j &+ 8 <= length {
    transpose8x8(x + j &* step, step, out + j, length)
    j &+= 8
  }
  while j < length {
    var i = 0
    while i < 8 {
      out[i &* length &+ j] = x[j &* step &+ i]
      i &+= 1
    }
    j &+= 1
  }
}

/// Where row number `row` of the leading `rank` axes starts in the source.
@inline(__always) private func rowOffset(
  _ row: Int, _ rank: Int, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>
) -> Int {
  var rest = row
  var offset = 0
  var axis = rank &- 1
  while axis >= 0 {
    offset &+= (rest % extents[axis]) &* strides[axis]
    rest /= extents[axis]
    axis &-= 1
  }
  return offset
}
