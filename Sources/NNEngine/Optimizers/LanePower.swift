// n^q on a lane, in two halves of about the same length: in a loop over both, too little of the next lanes would be under way at a time.
// `@_transparent`, as in the kernels' VectorMath: a lane that is passed to a function is passed in quarters.

/// q · log2(n) for n ≥ 0 and q ≥ 0, as a whole number and a rest, such that `powerOfTwo` of both has a relative error of some 1e-7.
///
/// n = 2^e · (1 + f) with 1/√2 ≤ 1 + f < √2, so n^q = 2^(q e + q log2(1 + f)). The product q e is made of exact parts: its rounding would be
/// multiplied by the size of the result's exponent.
@_transparent func exponentOfPower(
  _ n: UpdateLanes.Lane, _ q: Float
) -> (whole: UpdateLanes.Lane, rest: UpdateLanes.Lane) {
  let isTiny = n .< 1.1754944e-38
  let scaled = choose(isTiny, n * 8_388_608, n)
  let shifted = unsafeBitCast(scaled, to: SIMD8<Int32>.self) &- 0x3f35_04f3  // the bits of 1/√2
  let exponent = float(shifted &>> 23) - choose(isTiny, UpdateLanes.Lane(repeating: 23), UpdateLanes.Lane())
  let f = unsafeBitCast((shifted & 0x007f_ffff) &+ 0x3f35_04f3, to: UpdateLanes.Lane.self) - 1
  // log(1 + f): least maximum error, as in the kernels' log; in short chains.
  let (square, p0) = (f * f, fma(f, -0.2500001, 0.33333313))
  let p1 = fma(f, -0.16667996, 0.20002073)
  let p2 = fma(f, -0.12406032, 0.14220327)
  let p3 = fma(f, -0.11671449, 0.11883568)
  let p4 = fma(square * square, UpdateLanes.Lane(repeating: 0.06750956), fma(p3, square, p2))
  let p = fma(fma(p4, square, p1), square, p0)
  let logarithm = fma(fma(p, f, -0.5), square, f)
  // q in two parts: twelve bits, whose products with an exponent are exact, and the rest.
  let high = Float(bitPattern: q.bitPattern & 0xffff_f000)
  let product = high * exponent
  let whole = nearest(product)
  let rest = (product - whole) + fma(exponent, UpdateLanes.Lane(repeating: q - high), (q * 1.442695) * logarithm)
  // 2^±500 is infinite or 0.
  let end = UpdateLanes.Lane(repeating: q > 0 ? 500 : 0)
  return (choose(n .== 0, -end, choose(n .== .infinity, end, whole)), rest)
}

/// 2^(whole + rest).
@_transparent func powerOfTwo(_ whole: UpdateLanes.Lane, _ rest: UpdateLanes.Lane) -> UpdateLanes.Lane {
  let n = nearest(rest)
  let r = (rest - n) * 0.6931472
  let r2 = r * r
  let e2 = fma(r2, UpdateLanes.Lane(repeating: 0.0013870893), fma(r, 0.008367014, 0.041667443))
  let e = fma(e2, r2, fma(r, 0.1666654, 0.49999997))
  // In two steps: 2^k alone may be out of range, or below it.
  let k = integer(whole + n)
  let half = k &>> 1
  return fma(e, r2, 1 + r) * powerOfTwo(half) * powerOfTwo(k &- half)
}

@_transparent private func choose(
  _ mask: SIMDMask<SIMD8<Int32>>, _ yes: UpdateLanes.Lane, _ no: UpdateLanes.Lane
) -> UpdateLanes.Lane { no.replacing(with: yes, where: mask) }

/// The nearest whole number, for values below 2^22: adding 1.5 · 2^23 leaves it in the low bits.
@_transparent private func nearest(_ x: UpdateLanes.Lane) -> UpdateLanes.Lane { (x + 12_582_912) - 12_582_912 }

@_transparent private func float(_ n: SIMD8<Int32>) -> UpdateLanes.Lane {
  unsafeBitCast(n &+ 0x4b40_0000, to: UpdateLanes.Lane.self) - 12_582_912
}

/// Whole numbers, cut at ± 250: beyond, 2^n is 0 or infinite.
@_transparent private func integer(_ x: UpdateLanes.Lane) -> SIMD8<Int32> {
  let y = choose(x .> 250, UpdateLanes.Lane(repeating: 250), x)
  let z = choose(y .< -250, UpdateLanes.Lane(repeating: -250), y)
  return unsafeBitCast(z + 12_582_912, to: SIMD8<Int32>.self) &- 0x4b40_0000
}

/// 2^n for −126 ≤ n ≤ 127.
@_transparent private func powerOfTwo(_ n: SIMD8<Int32>) -> UpdateLanes.Lane {
  unsafeBitCast((n &+ 127) &<< 23, to: UpdateLanes.Lane.self)
}
