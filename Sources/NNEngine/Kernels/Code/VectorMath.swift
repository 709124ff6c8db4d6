// Elementary functions on a lane. Polynomials: least maximum error, fitted for float coefficients; the arguments are reduced
// as the textbooks do (Cody and Waite; Muller, "Elementary Functions"). Error at most 3 units in the last place.
//
// `@_transparent`, not `@inline(__always)`: the latter's inliner gives up in large callers, and a lane that is passed to a function
// is passed in quarters, four times as slow.

/// Adding it to |x| < 2^22 rounds x to the nearest integer, which then is in the low bits.
private var roundingShift: Float { @inline(__always) get { 12_582_912 } }  // 1.5 · 2^23
private var ln2High: Float { @inline(__always) get { 0.69314575 } }  // 15 bits: its product with an exponent is exact
private var ln2Low: Float { @inline(__always) get { 1.4286068e-06 } }

/// 2^n for −126 ≤ n ≤ 127.
@_transparent private func powerOfTwo(_ n: IntLane) -> Lane { Lane(bits: (n &+ 127) &<< 23) }

/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; `tail` is e^r − 1. 2^n = low · high, since n itself may be 128 or below −126.
@_transparent private func exponential(_ x: Lane) -> (tail: Lane, low: Lane, high: Lane) {
  let shifted = fma(x, 1.442695, roundingShift)
  let n = shifted - roundingShift
  let integer = shifted.bits &- Lane(repeating: roundingShift).bits
  let r = fma(n, Lane(repeating: -ln2Low), fma(n, Lane(repeating: -ln2High), x))
  var q = fma(r, 0.0013870893, 0.008367014)
  q = fma(q, r, 0.041667443)
  q = fma(q, r, 0.1666654)
  q = fma(q, r, 0.49999997)
  let half = integer &>> 1
  return (fma(r * r, q, r), powerOfTwo(half), powerOfTwo(integer &- half))
}

@_transparent private func clamped(_ x: Lane, _ low: Float, _ high: Float) -> Lane {
  let lifted = choose(x .< low, Lane(repeating: low), x)  // comparisons are false for NaN: it stays
  return choose(lifted .> high, Lane(repeating: high), lifted)
}

@_transparent func exp(_ x: Lane) -> Lane {
  let (tail, low, high) = exponential(clamped(x, -104, 89))
  return (1 + tail) * low * high
}

@_transparent func expm1(_ x: Lane) -> Lane {
  let (tail, low, high) = exponential(clamped(x, -30, 89))
  let y = fma(tail, low, low - 1 / high) * high
  return choose(magnitude(x) .< 1e-8, x, y)  // keeps the sign of zero
}

@_transparent func magnitude(_ x: Lane) -> Lane { Lane(bits: x.bits & 0x7fff_ffff) }

@_transparent func withSign(of x: Lane, _ y: Lane) -> Lane {
  Lane(bits: (y.bits & 0x7fff_ffff) | (x.bits & Int32(bitPattern: 0x8000_0000)))
}

@_transparent func log(_ x: Lane) -> Lane {
  // x = 2^e · (1 + f), 1/√2 ≤ 1 + f < √2; subnormal numbers are scaled up first.
  let small = x .< 1.1754944e-38
  let scaled = choose(small, x * 8_388_608, x)
  let shifted = scaled.bits &- 0x3f35_04f3  // the bits of 1/√2
  let e = integerToFloat(shifted &>> 23) - choose(small, Lane(repeating: 23), Lane())
  let f = Lane(bits: (shifted & 0x007f_ffff) &+ 0x3f35_04f3) - 1
  var p = fma(f, 0.06750956, -0.11671449)
  p = fma(p, f, 0.11883568)
  p = fma(p, f, -0.12406032)
  p = fma(p, f, 0.14220327)
  p = fma(p, f, -0.16667996)
  p = fma(p, f, 0.20002073)
  p = fma(p, f, -0.2500001)
  p = fma(p, f, 0.33333313)
  let square = f * f
  let tail = fma(square, Lane(repeating: -0.5), fma(e, Lane(repeating: ln2Low), p * f * square))
  var y = fma(e, Lane(repeating: ln2High), f + tail)
  y = choose(x .== .infinity, x, y)
  y = choose(x .== 0, Lane(repeating: -.infinity), y)
  return choose((x .>= 0), y, Lane(repeating: .nan))  // negative or NaN
}

/// Exact for |n| < 2^22.
@_transparent private func integerToFloat(_ n: IntLane) -> Lane {
  Lane(bits: n &+ Lane(repeating: roundingShift).bits) - roundingShift
}

@_transparent func log1p(_ x: Lane) -> Lane {
  let u = 1 + x
  // What the rounding of 1 + x lost, to first order.
  let lost = choose(x .< 1, x - (u - 1), 1 - (u - x))
  let y = log(u) + lost / u
  let y1 = choose(u .== 0, Lane(repeating: -.infinity), y)
  return choose(magnitude(x) .< 1e-8, x, choose(u .== .infinity, x, y1))
}

@_transparent func tanh(_ x: Lane) -> Lane {
  let t = expm1(-2 * magnitude(x))
  return withSign(of: x, t / (2 + t))
}

@_transparent func sigmoid(_ x: Lane) -> Lane {
  let e = exp(-magnitude(x))
  return choose(x .< 0, e, Lane(repeating: 1)) / (1 + e)
}

/// max(x, 0) + log(1 + e) with e = e^(−|x|), from 0 to 1: there a polynomial for log(1 + e) / e is enough.
@_transparent func softplus(_ x: Lane) -> Lane {
  let e = exp(-magnitude(x))
  var p = fma(e, -0.0032440212, 0.019851444)
  p = fma(p, e, -0.0569595)
  p = fma(p, e, 0.106036514)
  p = fma(p, e, -0.1530559)
  p = fma(p, e, 0.19675939)
  p = fma(p, e, -0.24954134)
  p = fma(p, e, 0.33329964)
  p = fma(p, e, -0.49999902)
  p = fma(p, e, 1)
  return fma(p, e, choose(x .< 0, Lane(), x))
}

@_transparent func erf(_ x: Lane) -> Lane {
  let a = magnitude(x)
  let s = a * a
  var p = fma(s, 7.806903e-05, -0.0007997853)
  p = fma(p, s, 0.005187162)
  p = fma(p, s, -0.026853347)
  p = fma(p, s, 0.11283579)
  p = fma(p, s, -0.37612626)
  p = fma(p, s, 0.12837917)
  let near = fma(a, p, a)
  let t = choose(a .> 4, Lane(repeating: 4), a) - 2.5  // −log(1 − erf), around 2.5
  var q = fma(t, 2.2121167e-05, -5.8864265e-05)
  q = fma(q, t, 0.00043884863)
  q = fma(q, t, -0.0021560057)
  q = fma(q, t, 0.010860267)
  q = fma(q, t, 0.94389325)
  q = fma(q, t, 5.35268)
  q = fma(q, t, 7.806815)
  let far = 1 - exp(-q)
  return withSign(of: x, choose(a .> 1, far, near))
}

/// The greatest |x| for which `sine` is accurate.
var sineLimit: Float { @inline(__always) get { 30_000 } }

/// sin(x + quarterTurns · π/2) for |x| < sineLimit.
@_transparent func sine(_ x: Lane, quarterTurns: Int32) -> Lane {
  let shifted = fma(x, 0.63661975, roundingShift)
  let n = shifted - roundingShift
  let quadrant = shifted.bits &- Lane(repeating: roundingShift).bits &+ quarterTurns
  var r = fma(n, Lane(repeating: -1.5707964), x)
  r = fma(n, Lane(repeating: 4.371139e-08), r)
  r = fma(n, Lane(repeating: 1.7151245e-15), r)
  let s = r * r
  var p = fma(s, 2.8265138e-06, -0.00019852571)
  p = fma(p, s, 0.0083333785)
  p = fma(p, s, -0.16666667)
  let sin = fma(r * s, p, r)
  var q = fma(s, 2.4430088e-05, -0.0013887298)
  q = fma(q, s, 0.041666646)
  let cos = fma(s * s, q, fma(s, -0.5, 1))
  // 2 or 0: comparisons of integers are not compiled to one instruction.
  let isOdd = Lane(bits: (quadrant & 1) &<< 30) .!= 0
  let y = choose(isOdd, cos, sin)
  let result = Lane(bits: y.bits ^ ((quadrant & 2) &<< 30))
  return quarterTurns == 0 ? choose(x .== 0, x, result) : result  // the sign of zero
}
