import CCPU
import KernelTable

/// y = e^(x − max x), unscaled; returns the largest x and the sum of y. y may be x. Meanwhile fetches what is `ahead` floats away.
@inline(__always) func exponentials(
  _ columns: Int, _ x: Input, _ y: Output, ahead: Int = 0
) -> (max: Float, sum: Float) {
  // A NaN that is passed over here makes the sum NaN, and with it the row.
  let greatest = foldFour(
    columns, from: -.infinity, { Lane(at: x + $0) }, { Lane(at: x + $0, count: $1, filler: -.infinity) },
    { greater($1, $0) })
  let top = horizontal(greatest) { greater($1, $0) }
  let shift = Lane(repeating: top)
  let whole = columns & ~(width &- 1)
  var total = Lane()
  var i = 0
  while i < whole {
    ccpu_prefetch_to_read(x + (ahead &+ i))
    ccpu_prefetch(y + (ahead &+ i))
    let e = scaledExp(ofRounded: Lane(at: x + i) - shift) * exponentialUnscale
    e.store(to: y + i)
    total += e
    i &+= width
  }
  let rest = columns &- i
  if rest > 0 {
    let e = scaledExp(ofRounded: Lane(at: x + i, count: rest, filler: -.infinity) - shift) * exponentialUnscale
    e.store(to: y + i, count: rest)
    total += Lane(at: y + i, count: rest)  // the fillers are NaN when the row's maximum is −∞
  }
  return (top, horizontalSum(total))
}

/// Folds with four lanes under way, since one after the other would take as long as each takes by itself. Missing floats of the last lane
/// change nothing.
@inline(__always) private func foldFour(
  _ count: Int, from start: Float, _ load: (_ at: Int) -> Lane, _ part: (_ at: Int, _ count: Int) -> Lane,
  _ f: (Lane, Lane) -> Lane
) -> Lane {
  var a = Lane(repeating: start)
  var (b, c, d) = (a, a, a)
  var i = 0
  while i &+ 4 &* width <= count {
    a = f(a, load(i))
    b = f(b, load(i &+ width))
    c = f(c, load(i &+ 2 &* width))
    d = f(d, load(i &+ 3 &* width))
    i &+= 4 &* width
  }
  while i &+ width <= count {
    a = f(a, load(i))
    i &+= width
  }
  if i < count { b = f(b, part(i, count &- i)) }
  return f(f(a, b), f(c, d))
}

@inline(__always) func scale(_ count: Int, _ y: Output, by factor: Float) {
  mapLanes(count, y, y) { $0 * factor }
}

@inline(__always) func dotProduct(_ count: Int, _ a: Input, _ b: Input) -> Float {
  horizontalSum(
    foldFour(
      count, from: 0, { Lane(at: a + $0) * Lane(at: b + $0) },
      { Lane(at: a + $0, count: $1) * Lane(at: b + $0, count: $1) }, { $0 + $1 }))
}

@inline(__always) func sumOf(_ count: Int, _ x: Input) -> Float {
  horizontalSum(foldFour(count, from: 0, { Lane(at: x + $0) }, { Lane(at: x + $0, count: $1) }, { $0 + $1 }))
}

// Rows: while one is computed, the next is fetched, since the steps would else wait for memory where there is little to compute, and not use it
// where there is much.

/// How far behind a place the next row has the same: 0 without a next row, or when it is too long to stay in the cache.
@inline(__always) private func ahead(_ r: Int, _ rows: Range<Int>, _ columns: Int) -> Int {
  r &+ 1 < rows.upperBound && columns <= 2048 ? columns : 0
}

func softmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  if columns <= mostNarrowColumns { return narrowSoftmax(rows, columns, x, y) }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let (_, sum) = exponentials(columns, x + at, y + at, ahead: ahead(r, rows, columns))
    scale(columns, y + at, by: 1 / sum)
    r &+= 1
  }
}

func softmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  if columns <= mostNarrowColumns { return narrowSoftmaxGradient(rows, columns, y, dy, dx) }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let mean = dotProduct(columns, y + at, dy + at)
    zipLanes(columns, y + at, dy + at, dx + at) { $0 * ($1 - mean) }
    r &+= 1
  }
}

func logSoftmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  if columns <= mostNarrowColumns { return narrowLogSoftmax(rows, columns, x, y) }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let (top, sum) = exponentials(columns, x + at, y + at, ahead: ahead(r, rows, columns))
    let logSum = logarithm(sum)
    mapLanes(columns, x + at, y + at) { ($0 - top) - logSum }
    r &+= 1
  }
}

func logSoftmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  if columns <= mostNarrowColumns { return narrowLogSoftmaxGradient(rows, columns, y, dy, dx) }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let (at, next) = (r &* columns, ahead(r, rows, columns))
    let total = sumOf(columns, dy + at)
    let whole = columns & ~(width &- 1)
    var i = 0
    while i < whole {
      ccpu_prefetch_to_read(y + (at &+ next &+ i))
      ccpu_prefetch_to_read(dy + (at &+ next &+ i))
      ccpu_prefetch(dx + (at &+ next &+ i))
      let e = scaledExp(ofRounded: Lane(at: y + (at &+ i))) * exponentialUnscale
      fnma(e, Lane(repeating: total), Lane(at: dy + (at &+ i))).store(to: dx + (at &+ i))
      i &+= width
    }
    let rest = columns &- i
    if rest > 0 {
      let e = scaledExp(ofRounded: Lane(at: y + (at &+ i), count: rest)) * exponentialUnscale
      fnma(e, Lane(repeating: total), Lane(at: dy + (at &+ i), count: rest)).store(to: dx + (at &+ i), count: rest)
    }
    r &+= 1
  }
}
