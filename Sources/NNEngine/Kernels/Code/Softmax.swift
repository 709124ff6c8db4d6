import KernelTable

/// y = e^(x − max x), unscaled; returns the largest x and the sum of y. y may be x.
@inline(__always) func exponentials(_ columns: Int, _ x: Input, _ y: Output) -> (max: Float, sum: Float) {
  let greatest = foldLanes(columns, x, from: Lane(repeating: -.infinity), filler: -.infinity) { total, x in
    choose(x .> total, x, total)  // a NaN that is passed over here makes the sum NaN, and with it the row
  }
  let top = horizontal(greatest) { choose($1 .> $0, $1, $0) }
  let shift = Lane(repeating: top)
  var total = Lane()
  var i = 0
  while i &+ width <= columns {
    let e = expBelow(Lane(at: x + i) - shift)
    e.store(to: y + i)
    total += e
    i &+= width
  }
  let rest = columns &- i
  if rest > 0 {
    let e = expBelow(Lane(at: x + i, count: rest, filler: -.infinity) - shift)
    e.store(to: y + i, count: rest)
    total += Lane(at: y + i, count: rest)  // the fillers are NaN when the row's maximum is −∞
  }
  return (top, horizontalSum(total))
}

@inline(__always) func scale(_ count: Int, _ y: Output, by factor: Float) {
  mapLanes(count, y, y) { $0 * factor }
}

@inline(__always) func dotProduct(_ count: Int, _ a: Input, _ b: Input) -> Float {
  var total = Lane()
  var i = 0
  while i &+ width <= count {
    total = fma(Lane(at: a + i), Lane(at: b + i), total)
    i &+= width
  }
  let rest = count &- i
  if rest > 0 { total = fma(Lane(at: a + i, count: rest), Lane(at: b + i, count: rest), total) }
  return horizontalSum(total)
}

@inline(__always) func sumOf(_ count: Int, _ x: Input) -> Float {
  horizontalSum(foldLanes(count, x, from: Lane(), filler: 0) { $0 + $1 })
}

func softmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  var r = rows.lowerBound
  let (isOwn, end) = (firstLanes(columns), endOfWholeLanes(rows, columns))
  while r < end {
    let lane = Lane(at: x + r &* columns)
    let (e, _, sum) = shortExponentials(lane, isOwn)
    // What belongs to the next row is put back as it was: y may be x.
    choose(isOwn, e * Lane(repeating: 1 / sum), lane).store(to: y + r &* columns)
    r &+= 1
  }
  while r < rows.upperBound {
    let (_, sum) = exponentials(columns, x + r &* columns, y + r &* columns)
    scale(columns, y + r &* columns, by: 1 / sum)
    r &+= 1
  }
}

func softmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  var r = rows.lowerBound
  let (isOwn, end) = (firstLanes(columns), endOfWholeLanes(rows, columns))
  let isInPlace = Input(dx) == y
  while r < end {
    let at = r &* columns
    let (values, slopes) = (Lane(at: y + at), Lane(at: dy + at))
    let mean = horizontalSum(choose(isOwn, values * slopes, Lane()))
    // dx may be y or dy: what belongs to the next row is put back.
    choose(isOwn, values * (slopes - Lane(repeating: mean)), isInPlace ? values : slopes).store(to: dx + at)
    r &+= 1
  }
  while r < rows.upperBound {
    let at = r &* columns
    let mean = dotProduct(columns, y + at, dy + at)
    zipLanes(columns, y + at, dy + at, dx + at) { $0 * ($1 - mean) }
    r &+= 1
  }
}

func logSoftmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let (top, sum) = exponentials(columns, x + at, y + at)
    let logSum = logarithm(sum)
    mapLanes(columns, x + at, y + at) { ($0 - top) - logSum }
    r &+= 1
  }
}

func logSoftmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let total = sumOf(columns, dy + at)
    zipLanes(columns, y + at, dy + at, dx + at) { $1 - expBelow($0) * total }
    r &+= 1
  }
}
