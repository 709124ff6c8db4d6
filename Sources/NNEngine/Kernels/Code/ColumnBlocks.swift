// Short rows, such as the ten outputs of a classifier: as many of them as a lane has floats are transposed, so that each lane holds one column
// of all of these rows. Then maxima, sums and quotients are those of lanes, and no exponential is computed for what lies behind a row's end.
// A row by itself would take four times as long. What a row gets does not depend on its neighbours.
import CCPU
import KernelTable

/// The longest rows for which this pays.
@inline(__always) var mostBlockColumns: Int { 32 }

/// Calls `body` with the first row and the number of rows of each block, and memory for two transposed ones.
@inline(__always) func forColumnBlocks(
  _ rows: Range<Int>, _ body: (_ first: Int, _ count: Int, _ t: Output, _ u: Output) -> Void
) {
  withScratch { t in
    var r = rows.lowerBound
    while r < rows.upperBound {
      let count = min(width, rows.upperBound &- r)
      body(r, count, t, t + mostBlockColumns &* width)
      r &+= count
    }
  }
}

/// t[c · width + r] = x[r · columns + c], for the rows that exist. What stands behind them is computed with, and forgotten.
@inline(never) func loadColumns(_ x: Input, _ columns: Int, _ rows: Int, _ t: Output) {
  guard rows == width && columns >= 8 else {
    var r = 0
    while r < rows {
      let row = x + r &* columns
      var c = 0
      while c < columns {
        t[c &* width &+ r] = row[c]
        c &+= 1
      }
      r &+= 1
    }
    return
  }
  var c = 0
  while true {
    transpose8x8(x + c, columns, t + c &* width, width)
    #if AVX512
      transpose8x8(x + (8 &* columns &+ c), columns, t + (c &* width &+ 8), width)
    #endif
    if c &+ 8 >= columns { return }
    c = min(c &+ 8, columns &- 8)  // the last eight may begin among those that are done
  }
}

/// The way back, of the rows that exist.
@inline(never) func storeColumns(_ t: Input, _ columns: Int, _ rows: Int, _ y: Output) {
  guard rows == width && columns >= 8 else {
    var r = 0
    while r < rows {
      let row = y + r &* columns
      var c = 0
      while c < columns {
        row[c] = t[c &* width &+ r]
        c &+= 1
      }
      r &+= 1
    }
    return
  }
  var c = 0
  while true {
    transpose8x8(t + c &* width, width, y + c, columns)
    #if AVX512
      transpose8x8(t + (c &* width &+ 8), width, y + (8 &* columns &+ c), columns)
    #endif
    if c &+ 8 >= columns { return }
    c = min(c &+ 8, columns &- 8)
  }
}

// Loops, not folds with a closure: a closure that is not inlined gets its lanes in pieces.

/// The greatest of each row; a NaN that is passed over makes the row's sum NaN.
@inline(__always) func greatestOfColumns(_ columns: Int, _ t: Input) -> Lane {
  var top = Lane(repeating: -.infinity)
  var i = 0
  while i < columns &* width {
    let x = Lane(at: t + i)
    top = choose(x .> top, x, top)
    i &+= width
  }
  return top
}

/// x − top in place of x; the sums of their exponentials.
@inline(__always) func shiftColumns(_ columns: Int, _ t: Output, by top: Lane) -> Lane {
  var sum = Lane()
  var i = 0
  while i < columns &* width {
    let x = Lane(at: t + i) - top
    x.store(to: t + i)
    sum += expBelow(x)
    i &+= width
  }
  return sum
}

/// e^(x − top) in place of x; their sums.
@inline(__always) func exponentialsOfColumns(_ columns: Int, _ t: Output, _ top: Lane) -> Lane {
  var sum = Lane()
  var i = 0
  while i < columns &* width {
    let e = expBelow(Lane(at: t + i) - top)
    e.store(to: t + i)
    sum += e
    i &+= width
  }
  return sum
}
