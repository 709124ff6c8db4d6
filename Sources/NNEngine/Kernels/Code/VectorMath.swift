// Elementary functions on a lane. Polynomials: least maximum error, fitted for float coefficients; the arguments are reduced
// as the textbooks do (Cody and Waite; Muller, "Elementary Functions"). Error at most 3 units in the last place.
//
// `@_transparent`, not `@inline(__always)`: the latter's inliner gives up in large callers, and a lane that is passed to a function
// is passed in quarters, four times as slow.

/// Adding it to |x| < 2^22 rounds x to the nearest integer, which then is in the low bits.
var roundingShift: Float { @inline(__always) get { 12_582_912 } }  // 1.5 · 2^23
private var ln2: Float { @inline(__always) get { 0.6931472 } }
var ln2High: Float { @inline(__always) get { 0.69314575 } }  // 15 bits: its product with an exponent is exact
var ln2Low: Float { @inline(__always) get { 1.4286068e-06 } }

/// 2^n from n · 2^23, for −126 ≤ n ≤ 127; 0 for −127, infinity for 128.
@_transparent func powerOfTwo(_ power: IntLane) -> Lane { Lane(bits: power &+ Lane(repeating: 1).bits) }

/// c2 + c3 r + c4 r² + c5 r³ + c6 r⁴, in which short chains count more than few steps: what limits these functions is how many lanes the
/// processor can have under way, and each is under way for as long as its longest chain.
@_transparent func quartic(
  _ r: Lane, _ square: Lane, _ c2: Float, _ c3: Float, _ c4: Float, _ c5: Float, _ c6: Float
) -> Lane {
  fma(fma(square, Lane(repeating: c6), fma(r, c5, c4)), square, fma(r, c3, c2))
}

/// (e^r − 1 − r) / r² for |r| ≤ ln 2 / 2.
@_transparent private func exponentialTail(_ r: Lane, _ square: Lane) -> Lane {
  quartic(r, square, 0.49999997, 0.1666654, 0.041667443, 0.008367014, 0.0013870893)
}

/// e^r for |r| ≤ ln 2 / 2.
@_transparent func exponentialCore(_ r: Lane) -> Lane {
  let square = r * r
  return fma(exponentialTail(r, square), square, 1 + r)
}

@_transparent func clamped(_ x: Lane, _ low: Float, _ high: Float) -> Lane { atMost(high, atLeast(low, x)) }

// Comparisons are false for NaN: it stays.
@_transparent func atLeast(_ low: Float, _ x: Lane) -> Lane { choose(x .< low, Lane(repeating: low), x) }
@_transparent func atMost(_ high: Float, _ x: Lane) -> Lane { choose(x .> high, Lane(repeating: high), x) }

/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; n + bias is in the low bits of `shifted`.
@_transparent private func reduced(_ x: Lane, bias: Float = 0) -> (r: Lane, shifted: IntLane) {
  let shifted = fma(x, 1.442695, roundingShift + bias)
  let n = shifted - (roundingShift + bias)
  return (fma(n, Lane(repeating: -ln2Low), fma(n, Lane(repeating: -ln2High), x)), shifted.bits)
}

/// 2^n in two factors, since n itself may be 128 or below −126. What else is in `shifted` runs out on the left.
@_transparent private func factors(_ shifted: IntLane) -> (half: IntLane, rest: IntLane) {
  let half = (shifted &>> 1) &<< 23
  return (half, (shifted &<< 23) &- half)
}

@_transparent func exp(_ x: Lane) -> Lane {
  let (r, shifted) = reduced(clamped(x, -104, 89))
  let (half, rest) = factors(shifted)
  return exponentialCore(r) * powerOfTwo(half) * powerOfTwo(rest)
}

@_transparent func expm1(_ x: Lane) -> Lane {
  let (r, shifted) = reduced(clamped(x, -30, 89))
  let (half, rest) = factors(shifted)
  let (square, low) = (r * r, powerOfTwo(half))
  let y = fma(fma(square, exponentialTail(r, square), r), low, low - powerOfTwo(0 &- rest)) * powerOfTwo(rest)
  return choose(magnitude(x) .< 1e-8, x, y)  // keeps the sign of zero
}

/// e^x − 1 for x ≤ 0; meaningless above.
@_transparent func expm1Below(_ x: Lane) -> Lane {
  let c = atLeast(-20, x)
  let shifted = fma(c, 1.442695, roundingShift)
  let n = shifted - roundingShift
  let r = fma(n, Lane(repeating: -ln2), c)
  let (square, power) = (r * r, powerOfTwo(shifted.bits &<< 23))
  return fma(fma(square, exponentialTail(r, square), r), power, power - 1)
}

/// 1 − e^(−2a) for a ≥ 0.
@_transparent func complementOfInverseSquare(_ a: Lane) -> Lane {
  let c = atMost(10, a)
  let shifted = fma(c, -2.88539, roundingShift)
  let n = shifted - roundingShift
  let r = fma(n, Lane(repeating: 0.5 * ln2), c)  // −2a = n · ln 2 − 2r
  let (square, power) = (r * r, powerOfTwo(shifted.bits &<< 23))
  let q = quartic(r, square, -1.9999999, 1.3333232, -0.66667909, 0.26774445, -0.088773715)
  return fma(fma(square, q, r + r), power, 1 - power)
}

@_transparent func magnitude(_ x: Lane) -> Lane { Lane(bits: x.bits & 0x7fff_ffff) }

/// |x|, or `most` if that is less: compared as whole numbers, which does not take a multiplier's turn. NaN becomes `most`.
@_transparent func magnitude(_ x: Lane, atMost most: Float) -> Lane {
  Lane(bits: least(x.bits & 0x7fff_ffff, Lane(repeating: most).bits))
}

@_transparent func withSign(of x: Lane, _ y: Lane) -> Lane {
  Lane(bits: (y.bits & 0x7fff_ffff) | (x.bits & Int32(bitPattern: 0x8000_0000)))
}

/// The sign of x on y ≥ 0.
@_transparent func withSign(of x: Lane, ofPositive y: Lane) -> Lane {
  Lane(bits: y.bits | (x.bits & Int32(bitPattern: 0x8000_0000)))
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

/// log x for normal numbers, in a shorter chain; NaN for what is none, ∞ included.
@_transparent func logOfNormal(_ x: Lane) -> Lane {
  let shifted = x.bits &- 0x3f35_04f3
  let f = Lane(bits: (shifted & 0x007f_ffff) &+ 0x3f35_04f3) - 1
  let (square, e) = (f * f, integerToFloat(shifted &>> 23))
  let (p0, p1) = (fma(f, -0.2500001, 0.33333313), fma(f, -0.16667996, 0.20002073))
  let (p2, p3) = (fma(f, -0.12406032, 0.14220327), fma(f, -0.11671449, 0.11883568))
  let (fourth, low) = (square * square, fma(p1, square, p0))
  let high = fma(fourth, Lane(repeating: 0.06750956), fma(p3, square, p2))
  let tail = fma(square, Lane(repeating: -0.5), fma(e, Lane(repeating: ln2Low), fma(high, fourth, low) * (f * square)))
  return fma(e, Lane(repeating: ln2High), f + tail) + (x - x)
}

/// The same of two lanes.
@_transparent func logOfNormal(_ x: TwoLanes) -> TwoLanes {
  let (a, b) = (x.a.bits &- 0x3f35_04f3, x.b.bits &- 0x3f35_04f3)
  let (aFraction, bFraction) = ((a & 0x007f_ffff) &+ 0x3f35_04f3, (b & 0x007f_ffff) &+ 0x3f35_04f3)
  let f = TwoLanes(Lane(bits: aFraction), Lane(bits: bFraction)) - 1
  let (square, e) = (f * f, TwoLanes(integerToFloat(a &>> 23), integerToFloat(b &>> 23)))
  let (p0, p1) = (fma(f, -0.2500001, 0.33333313), fma(f, -0.16667996, 0.20002073))
  let (p2, p3) = (fma(f, -0.12406032, 0.14220327), fma(f, -0.11671449, 0.11883568))
  let (fourth, low) = (square * square, fma(p1, square, p0))
  let high = fma(fourth, 0.06750956, fma(p3, square, p2))
  let tail = fma(square, -0.5, fma(e, ln2Low, fma(high, fourth, low) * (f * square)))
  return fma(e, ln2High, f + tail) + (x - x)
}

/// Exact for |n| < 2^22.
@_transparent func integerToFloat(_ n: IntLane) -> Lane {
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
  tanh(x, complementOfInverseSquare(magnitude(x)))
}

/// The same from x and 1 − e^(−2|x|).
@_transparent func tanh(_ x: Lane, _ u: Lane) -> Lane { withSign(of: x, ofPositive: u / (2 - u)) }

@_transparent func sigmoid(_ x: Lane) -> Lane { Lane(repeating: exponentialUnscale) / scaledSigmoidDivisor(x) }

/// e^(−|x|) · 2^32, and no less than e^−109 · 2^32.
@_transparent func softplusPower(_ x: Lane) -> Lane { inverseExponential(atMost(109, magnitude(x)), scale: 32) }

/// max(x, 0) + log(1 + e^(−|x|)).
@_transparent func softplus(_ x: Lane) -> Lane {
  logarithm(ofOnePlus: softplusPower(x), plus: atLeast(0, x))
}

/// log(1 + e / 2^32) + y for 0 ≤ e ≤ 2^32: log(1 + e) = 2 artanh s with s = e / (2 + e), and q is 2s.
@_transparent func logarithm(ofOnePlus e: Lane, plus y: Lane) -> Lane {
  let q = e / fma(e, 0.5, exponentialScale)
  let t = q * q
  var g = fma(t, 0.000547007, 0.0021877363)
  g = fma(g, t, 0.0125067)
  g = fma(g, t, 0.08333302)
  return fma(q * t, g, q + y)
}

/// The same of two lanes.
@_transparent func logarithm(ofOnePlus e: TwoLanes, plus y: TwoLanes) -> TwoLanes {
  let q = e / fma(e, 0.5, exponentialScale)
  let t = q * q
  var g = fma(t, 0.000547007, 0.0021877363)
  g = fma(g, t, 0.0125067)
  g = fma(g, t, 0.08333302)
  return fma(q * t, g, q + y)
}

/// |x| + log(1 + e^(−2|x|)) − log 2, which does not overflow; near 0, where that cancels, a polynomial.
@_transparent func logCosh(_ x: Lane) -> Lane {
  let a = magnitude(x)
  let e = inverseExponential(atMost(100, a + a), scale: 32)
  let s = a * a
  var q = fma(s, 8.786553e-05, -0.00056040427)
  q = fma(q, s, 0.0020825213)
  q = fma(q, s, -0.0067135)
  q = fma(q, s, 0.02221745)
  q = fma(q, s, -0.0833331)
  q = fma(q, s, 0.5)
  return choose(a .< 1, q * s, logarithm(ofOnePlus: e, plus: a - ln2))
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
  let far = 1 - expBelow(-q)
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
