import KernelTable

private typealias Eight = SIMD8<Float>

/// out[j · outStride + i] = x[i · stride + j] for i, j < 8: in registers, by halves, quarters and single floats.
/// Of the rows of x the first `rows` exist; the others are filled with the last of them.
@inline(__always) func transpose8x8(_ x: Input, _ stride: Int, rows: Int = 8, _ out: Output, _ outStride: Int) {
  let r0 = row(x, 0, rows, stride)
  let r1 = row(x, 1, rows, stride)
  let r2 = row(x, 2, rows, stride)
  let r3 = row(x, 3, rows, stride)
  let r4 = row(x, 4, rows, stride)
  let r5 = row(x, 5, rows, stride)
  let r6 = row(x, 6, rows, stride)
  let r7 = row(x, 7, rows, stride)
  quarter(
    Eight(lowHalf: r0.lowHalf, highHalf: r4.lowHalf), Eight(lowHalf: r1.lowHalf, highHalf: r5.lowHalf),
    Eight(lowHalf: r2.lowHalf, highHalf: r6.lowHalf), Eight(lowHalf: r3.lowHalf, highHalf: r7.lowHalf), out, outStride)
  quarter(
    Eight(lowHalf: r0.highHalf, highHalf: r4.highHalf), Eight(lowHalf: r1.highHalf, highHalf: r5.highHalf),
    Eight(lowHalf: r2.highHalf, highHalf: r6.highHalf), Eight(lowHalf: r3.highHalf, highHalf: r7.highHalf),
    out + 4 &* outStride, outStride)
}

@inline(__always) private func row(_ x: Input, _ i: Int, _ rows: Int, _ stride: Int) -> Eight {
  UnsafeRawPointer(x + min(i, rows &- 1) &* stride).loadUnaligned(as: Eight.self)
}

/// Four transposed rows: the 4 × 4 blocks in the low and in the high halves, side by side.
@inline(__always) private func quarter(_ a: Eight, _ b: Eight, _ c: Eight, _ d: Eight, _ out: Output, _ stride: Int) {
  let ab0 = low(a, b)  // a0 b0 a1 b1
  let ab1 = high(a, b)  // a2 b2 a3 b3
  let cd0 = low(c, d)
  let cd1 = high(c, d)
  store(pairs(ab0, cd0, 0), out)
  store(pairs(ab0, cd0, 2), out + stride)
  store(pairs(ab1, cd1, 0), out + 2 &* stride)
  store(pairs(ab1, cd1, 2), out + 3 &* stride)
}

@inline(__always) private func store(_ v: Eight, _ out: Output) {
  UnsafeMutableRawPointer(out).storeBytes(of: v, as: Eight.self)
}

@inline(__always) private func low(_ a: Eight, _ b: Eight) -> Eight {
  Eight(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5])
}

@inline(__always) private func high(_ a: Eight, _ b: Eight) -> Eight {
  Eight(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7])
}

@inline(__always) private func pairs(_ a: Eight, _ b: Eight, _ i: Int) -> Eight {
  i == 0
    ? Eight(a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5]) : Eight(a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7])
}
