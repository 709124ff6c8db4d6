import KernelTable

/// One line of a panel: whole lanes, of the last only `last` floats (the rest is never used).
@inline(__always) func packLine(_ x: Input, _ out: Output, _ lanes: Int, last: Int) {
  var i = 0
  while i < lanes &- 1 {
    Lane(at: x + i &* width).store(to: out + i &* width)
    i &+= 1
  }
  let tail = last == width ? Lane(at: x + i &* width) : Lane(at: x + i &* width, count: last)
  tail.store(to: out + i &* width)
}

/// One line of up to eight floats.
@inline(__always) func packLine(_ x: Input, _ out: Output, _ count: Int) {
  if count == 8 {
    let eight = UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Float>.self)
    UnsafeMutableRawPointer(out).storeBytes(of: eight, as: SIMD8<Float>.self)
    return
  }
  var i = 0
  while i < count {
    out[i] = x[i]
    i &+= 1
  }
}

/// out[p · lineWidth + r] = x[r · rowStride + p] for r < rows, p < steps, eight rows at a time. `lineWidth` is a multiple of 8 that
/// holds the rows; what is beyond them in a line is never used.
func packTransposed(rows: Int, steps: Int, _ x: Input, _ rowStride: Int, _ out: Output, lineWidth: Int) {
  var r = 0
  while r < rows {
    let existing = min(8, rows &- r)
    let source = x + r &* rowStride
    var p = 0
    if existing == 8 {
      while p &+ 8 <= steps {
        transpose8x8(source + p, rowStride, out + (p &* lineWidth &+ r), lineWidth)
        p &+= 8
      }
    }
    while p &+ 8 <= steps {
      transpose8x8(source + p, rowStride, rows: existing, out + (p &* lineWidth &+ r), lineWidth)
      p &+= 8
    }
    while p < steps {
      var i = 0
      while i < existing {
        out[p &* lineWidth &+ r &+ i] = source[i &* rowStride &+ p]
        i &+= 1
      }
      p &+= 1
    }
    r &+= 8
  }
}
