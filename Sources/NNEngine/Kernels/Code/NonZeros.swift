import CCPU
import KernelTable

/// What of some rows is not 0, for loops that multiply nothing else: the values side by side, and for each where its counterpart lies.
struct NonZeros {
  let values: Output
  let places: UnsafeMutablePointer<Int32>

  /// Appends those of `count` floats that are not 0 to `total` entries, and answers with how many there are then. The counterpart of the
  /// first float lies at 0, each next `step` further. Writes behind the entries, but no further than it has read: they may lie where the floats do.
  @inline(__always) func append(_ row: Input, _ count: Int, step: Int, to total: Int) -> Int {
    var total = total
    var i = 0
    while i &+ 8 <= count {
      let eight = UnsafeRawPointer(row + i).loadUnaligned(as: SIMD8<Float>.self)
      let more = ccpu_pack_non_zeros(
        eight, values + total, places + total, Int32(truncatingIfNeeded: i &* step), Int32(truncatingIfNeeded: step))
      total &+= Int(more)
      i &+= 8
    }
    while i < count {
      let value = row[i]
      values[total] = value
      places[total] = Int32(truncatingIfNeeded: i &* step)
      total &+= value != 0 ? 1 : 0
      i &+= 1
    }
    return total
  }
}

/// How many of `count` floats are not 0.
@inline(__always) func countNonZeros(_ x: Input, _ count: Int) -> Int {
  var total = 0
  let whole = count & ~(width &- 1)
  var i = 0
  while i < whole {
    total &+= Lane(at: x + i).nonZeros.nonzeroBitCount
    i &+= width
  }
  if i < count { total &+= Lane(at: x + i, count: count &- i).nonZeros.nonzeroBitCount }
  return total
}
