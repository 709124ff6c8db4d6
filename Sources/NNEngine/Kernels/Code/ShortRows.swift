// Rows shorter than a lane, such as the ten outputs of a classifier: read and written as whole lanes, which reach into the next row,
// and blended. Half the time of a softmax over ten columns went into loading and storing incomplete lanes.
import KernelTable

/// The first columns of a lane.
@inline(__always) func firstLanes(_ count: Int) -> LaneMask {
  #if AVX512
    let index = Lane(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  #else
    let index = Lane(0, 1, 2, 3, 4, 5, 6, 7)
  #endif
  return index .< Lane(repeating: Float(count))
}

/// The end of the rows that can be treated so: whose lane ends within the rows of this call. Other rows may be another thread's.
@inline(__always) func endOfWholeLanes(_ rows: Range<Int>, _ columns: Int) -> Int {
  columns < width ? max(rows.lowerBound, rows.upperBound &- (width &+ columns &- 1) / columns &+ 1) : rows.lowerBound
}

/// e^(x − max x) of the first columns, 0 in the others; the largest x, and the sum.
@inline(__always) func shortExponentials(_ lane: Lane, _ isOwn: LaneMask) -> (values: Lane, max: Float, sum: Float) {
  let x = choose(isOwn, lane, Lane(repeating: -.infinity))
  let top = horizontal(x) { choose($1 .> $0, $1, $0) }  // a NaN makes the sum NaN
  let e = choose(isOwn, expBelow(x - Lane(repeating: top)), Lane())
  return (e, top, horizontalSum(e))
}
