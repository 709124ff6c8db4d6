import KernelTable

/// Copies a panel so that tiles read it in a straight line: out[p · lineWidth + r] = x[r · rowStride + p · stepStride] for
/// r < rows, p < steps; the rest of each line is 0.
func pack(
  rows: Int, steps: Int, _ x: Input, rowStride: Int, stepStride: Int, _ out: Output, lineWidth: Int
) {
  if rowStride == 1 {
    packLines(rows, steps, x, stepStride, out, lineWidth)
  } else {
    packTransposed(rows, steps, x, rowStride, stepStride, out, lineWidth)
  }
}

private func packLines(_ rows: Int, _ steps: Int, _ x: Input, _ stepStride: Int, _ out: Output, _ lineWidth: Int) {
  var p = 0
  while p < steps {
    let line = out + p &* lineWidth
    let source = x + p &* stepStride
    var r = 0
    while r &+ 8 <= rows {
      let eight = UnsafeRawPointer(source + r).loadUnaligned(as: SIMD8<Float>.self)
      UnsafeMutableRawPointer(line + r).storeBytes(of: eight, as: SIMD8<Float>.self)
      r &+= 8
    }
    while r < rows {
      line[r] = source[r]
      r &+= 1
    }
    while r < lineWidth {
      line[r] = 0
      r &+= 1
    }
    p &+= 1
  }
}

/// Eight rows at a time.
private func packTransposed(
  _ rows: Int, _ steps: Int, _ x: Input, _ rowStride: Int, _ stepStride: Int, _ out: Output, _ lineWidth: Int
) {
  var r = 0
  while r &+ 8 <= rows {
    var p = 0
    if stepStride == 1 {
      while p &+ 8 <= steps {
        transpose8x8(x + (r &* rowStride &+ p), rowStride, out + (p &* lineWidth &+ r), lineWidth)
        p &+= 8
      }
    }
    packPlain(
      8, steps &- p, x + (r &* rowStride &+ p &* stepStride), rowStride, stepStride, out + (p &* lineWidth &+ r),
      lineWidth)
    r &+= 8
  }
  packPlain(rows &- r, steps, x + r &* rowStride, rowStride, stepStride, out + r, lineWidth)
  r = rows
  while r < lineWidth {
    var p = 0
    while p < steps {
      out[p &* lineWidth &+ r] = 0
      p &+= 1
    }
    r &+= 1
  }
}

private func packPlain(
  _ rows: Int, _ steps: Int, _ x: Input, _ rowStride: Int, _ stepStride: Int, _ out: Output, _ lineWidth: Int
) {
  var p = 0
  while p < steps {
    var r = 0
    while r < rows {
      out[p &* lineWidth &+ r] = x[r &* rowStride &+ p &* stepStride]
      r &+= 1
    }
    p &+= 1
  }
}
