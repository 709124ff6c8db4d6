import CCPU
import KernelTable

typealias Eight = SIMD8<Float>

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
    ccpu_low_halves(r0, r4), ccpu_low_halves(r1, r5),
    ccpu_low_halves(r2, r6), ccpu_low_halves(r3, r7), out, outStride)
  quarter(
    ccpu_high_halves(r0, r4), ccpu_high_halves(r1, r5),
    ccpu_high_halves(r2, r6), ccpu_high_halves(r3, r7),
    out + 4 &* outStride, outStride)
}

@inline(__always) private func row(_ x: Input, _ i: Int, _ rows: Int, _ stride: Int) -> Eight {
  UnsafeRawPointer(x + min(i, rows &- 1) &* stride).loadUnaligned(as: Eight.self)
}

/// Four transposed rows: the 4 × 4 blocks in the low and in the high halves, side by side.
@inline(__always) private func quarter(_ a: Eight, _ b: Eight, _ c: Eight, _ d: Eight, _ out: Output, _ stride: Int) {
  let ab0 = ccpu_low_singles(a, b)  // a0 b0 a1 b1
  let ab1 = ccpu_high_singles(a, b)  // a2 b2 a3 b3
  let cd0 = ccpu_low_singles(c, d)
  let cd1 = ccpu_high_singles(c, d)
  store(ccpu_low_pairs(ab0, cd0), out)
  store(ccpu_high_pairs(ab0, cd0), out + stride)
  store(ccpu_low_pairs(ab1, cd1), out + 2 &* stride)
  store(ccpu_high_pairs(ab1, cd1), out + 3 &* stride)
}

@inline(__always) private func store(_ v: Eight, _ out: Output) {
  UnsafeMutableRawPointer(out).storeBytes(of: v, as: Eight.self)
}
