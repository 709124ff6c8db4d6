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
  guard columns > mostBlockColumns else {
    return forColumnBlocks(rows) { first, count, t, _ in
      loadColumns(x + first &* columns, columns, count, t)
      let scale = 1 / exponentialsOfColumns(columns, t, greatestOfColumns(columns, t))
      mapLanes(columns &* width, t, t) { $0 * scale }
      storeColumns(t, columns, count, y + first &* columns)
    }
  }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let (_, sum) = exponentials(columns, x + r &* columns, y + r &* columns)
    scale(columns, y + r &* columns, by: 1 / sum)
    r &+= 1
  }
}

func softmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  guard columns > mostBlockColumns else {
    return forColumnBlocks(rows) { first, count, t, u in
      loadColumns(y + first &* columns, columns, count, t)
      loadColumns(dy + first &* columns, columns, count, u)
      var mean = Lane()
      var i = 0
      while i < columns &* width {
        mean = fma(Lane(at: t + i), Lane(at: u + i), mean)
        i &+= width
      }
      zipLanes(columns &* width, t, u, t) { $0 * ($1 - mean) }
      storeColumns(t, columns, count, dx + first &* columns)
    }
  }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let mean = dotProduct(columns, y + at, dy + at)
    zipLanes(columns, y + at, dy + at, dx + at) { $0 * ($1 - mean) }
    r &+= 1
  }
}

func logSoftmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  guard columns > mostBlockColumns else {
    return forColumnBlocks(rows) { first, count, t, _ in
      loadColumns(x + first &* columns, columns, count, t)
      let logSum = log(shiftColumns(columns, t, by: greatestOfColumns(columns, t)))
      mapLanes(columns &* width, t, t) { $0 - logSum }
      storeColumns(t, columns, count, y + first &* columns)
    }
  }
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
  guard columns > mostBlockColumns else {
    return forColumnBlocks(rows) { first, count, t, u in
      loadColumns(y + first &* columns, columns, count, t)
      loadColumns(dy + first &* columns, columns, count, u)
      var total = Lane()
      var i = 0
      while i < columns &* width {
        total += Lane(at: u + i)
        i &+= width
      }
      zipLanes(columns &* width, t, u, t) { $1 - expBelow($0) * total }
      storeColumns(t, columns, count, dx + first &* columns)
    }
  }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let total = sumOf(columns, dy + at)
    zipLanes(columns, y + at, dy + at, dx + at) { $1 - expBelow($0) * total }
    r &+= 1
  }
}
