// n^q on a lane. `@_transparent`, as in the kernels' VectorMath: a lane that is passed to a function is passed in quarters.

/// n^q for n ≥ 0 and q ≥ 0, with a relative error of some 1e-7. libm's powf, number by number, took ten times as long as moving all of the
/// memory of Ftrl's step.
///
/// n = 2^e · (1 + f) with 1/√2 ≤ 1 + f < √2, so n^q = 2^(q e + q log2(1 + f)). The product q e is made of exact parts: its rounding would be
/// multiplied by the size of the result's exponent.
@_transparent func raised(_ n: UpdateLanes.Lane, to q: Float) -> UpdateLanes.Lane {
  let isTiny = n .< 1.1754944e-38
  let scaled = n.replacing(with: n * 8_388_608, where: isTiny)
  let shifted = unsafeBitCast(scaled, to: SIMD8<Int32>.self) &- 0x3f35_04f3  // the bits of 1/√2
  let exponent = float(shifted &>> 23) - UpdateLanes.Lane().replacing(with: 23, where: isTiny)
  let f = unsafeBitCast((shifted & 0x007f_ffff) &+ 0x3f35_04f3, to: UpdateLanes.Lane.self) - 1
  // log(1 + f): least maximum error, as in the kernels' log.
  var p = f * 0.06750956 - 0.11671449
  p = p * f + 0.11883568
  p = p * f - 0.12406032
  p = p * f + 0.14220327
  p = p * f - 0.16667996
  p = p * f + 0.20002073
  p = p * f - 0.2500001
  p = p * f + 0.33333313
  let square = f * f
  let logarithm = f + (p * f * square - 0.5 * square)
  // q in two parts: twelve bits, whose products with an exponent are exact, and the rest.
  let high = Float(bitPattern: q.bitPattern & 0xffff_f000)
  let product = high * exponent
  let whole = nearest(product)
  let rest = (product - whole) + ((q - high) * exponent + (q * 1.442695) * logarithm)
  let n2 = nearest(rest)
  let r = (rest - n2) * 0.6931472
  var e = r * 0.0013870893 + 0.008367014
  e = e * r + 0.041667443
  e = e * r + 0.1666654
  e = e * r + 0.49999997
  // In two steps: 2^k alone may be out of range, or below it.
  let k = integer(whole + n2)
  let half = k &>> 1
  let result = (1 + (r * r * e + r)) * powerOfTwo(half) * powerOfTwo(k &- half)
  return
    result
    .replacing(with: q > 0 ? 0 : 1, where: n .== 0).replacing(with: q > 0 ? .infinity : 1, where: n .== .infinity)
    .replacing(with: n, where: n .!= n)
}

/// The nearest whole number, for values below 2^22: adding 1.5 · 2^23 leaves it in the low bits.
@_transparent private func nearest(_ x: UpdateLanes.Lane) -> UpdateLanes.Lane { (x + 12_582_912) - 12_582_912 }

@_transparent private func float(_ n: SIMD8<Int32>) -> UpdateLanes.Lane {
  unsafeBitCast(n &+ 0x4b40_0000, to: UpdateLanes.Lane.self) - 12_582_912
}

/// Whole numbers, cut at ± 250: beyond, 2^n is 0 or infinite.
@_transparent private func integer(_ x: UpdateLanes.Lane) -> SIMD8<Int32> {
  let y = x.replacing(with: 250, where: x .> 250).replacing(with: -250, where: x .< -250)
  return unsafeBitCast(y + 12_582_912, to: SIMD8<Int32>.self) &- 0x4b40_0000
}

/// 2^n for −126 ≤ n ≤ 127.
@_transparent private func powerOfTwo(_ n: SIMD8<Int32>) -> UpdateLanes.Lane {
  unsafeBitCast((n &+ 127) &<< 23, to: UpdateLanes.Lane.self)
}
