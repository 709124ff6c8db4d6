// The exponentials of the activations. What limits these functions is how many instructions that wait for others a processor can have under way:
// the time is the longest chain times the number of instructions, so both are kept short.
//
// Where a register can be looked up in as in a table, x = n · ln 2 / 8 + r and e^x = 2^(n / 8) · e^r: with r that small two terms less of
// the polynomial are enough. Elsewhere, x = n · ln 2 + r.

/// 2^32, by which the exponentials of numbers below zero are made greater: then none is subnormal, and what follows rounds once at the end.
var exponentialScale: Float { @inline(__always) get { 4_294_967_296 } }
var exponentialUnscale: Float { @inline(__always) get { 2.328_306_4e-10 } }

#if Haswell && arch(x86_64)
  /// 8 / ln 2, ln 2 / 8 (it happens to be nearly a float), and what that lacks.
  private var stepsPerUnit: Float { @inline(__always) get { 11.54156 } }
  private var step: Float { @inline(__always) get { 0.0866434 } }
  private var stepRest: Float { @inline(__always) get { -2.380818e-10 } }

  /// 2^(n / 8) from the low bits of `shifted`. The table has 2^(j / 8), j · 2^20 less in its bits: when n · 2^20 is added, the three low bits of n,
  /// which are j, vanish, and the others end up in the exponent.
  @_transparent private func eighthPower(_ shifted: IntLane) -> Lane {
    #if AVX512
      let table = IntLane(
        0x3f80_0000, 0x3f7b_95c2, 0x3f78_37f0, 0x3f75_fed7, 0x3f75_04f3, 0x3f75_672a, 0x3f77_44fd, 0x3f7a_c0c7,
        0x3f80_0000, 0x3f7b_95c2, 0x3f78_37f0, 0x3f75_fed7, 0x3f75_04f3, 0x3f75_672a, 0x3f77_44fd, 0x3f7a_c0c7)
    #else
      let table = IntLane(
        0x3f80_0000, 0x3f7b_95c2, 0x3f78_37f0, 0x3f75_fed7, 0x3f75_04f3, 0x3f75_672a, 0x3f77_44fd, 0x3f7a_c0c7)
    #endif
    return Lane(bits: Lane(bits: table).permuted(by: shifted).bits &+ (shifted &<< 20))
  }

  /// e^x · 2^scale, which must be neither subnormal nor infinite. With an x that has itself been rounded the rest of the step, 3e-9 of x, is less
  /// than what x lacks.
  @_transparent func exponential(_ x: Lane, scale: Float, ofRounded isRounded: Bool = false) -> Lane {
    let shifted = fma(x, stepsPerUnit, roundingShift + 8 * scale)
    let n = shifted - (roundingShift + 8 * scale)
    // The rest of the step matters where r counts by itself only.
    let nearly = fma(n, Lane(repeating: -step), x)
    let r = isRounded ? nearly : fma(n, Lane(repeating: -stepRest), nearly)
    let tail = fma(fma(nearly, 0.16666858, 0.50006455), nearly * nearly, r)
    let power = eighthPower(shifted.bits)
    return fma(power, tail, power)
  }

  /// The same of two lanes.
  @_transparent func inverseExponential(_ x: TwoLanes, scale: Float) -> TwoLanes {
    let shifted = fma(x, -stepsPerUnit, roundingShift + 8 * scale)
    let n = shifted - (roundingShift + 8 * scale)
    let nearly = fma(n, step, x)
    let power = TwoLanes(eighthPower(shifted.a.bits), eighthPower(shifted.b.bits))
    let r = fma(n, stepRest, nearly)
    let tail = fma(fma(nearly, 0.16666858, -0.50006455), nearly * nearly, r)
    return fnma(power, tail, power)
  }

  /// e^(−x) · 2^scale, which must be neither subnormal nor infinite.
  @_transparent func inverseExponential(_ x: Lane, scale: Float) -> Lane {
    let shifted = fma(x, -stepsPerUnit, roundingShift + 8 * scale)
    let n = shifted - (roundingShift + 8 * scale)
    let nearly = fma(n, Lane(repeating: step), x)  // −x = n · ln 2 / 8 − r
    let r = fma(n, Lane(repeating: stepRest), nearly)
    let tail = fma(fma(nearly, 0.16666858, -0.50006455), nearly * nearly, r)
    let power = eighthPower(shifted.bits)
    return fnma(power, tail, power)
  }
#else
  /// e^x · 2^scale, which must be neither subnormal nor infinite.
  @_transparent func exponential(_ x: Lane, scale: Float, ofRounded: Bool = false) -> Lane {
    let shifted = fma(x, 1.442695, roundingShift + scale)
    let n = shifted - (roundingShift + scale)
    return exponentialCore(fma(n, Lane(repeating: -ln2Low), fma(n, Lane(repeating: -ln2High), x)))
      * powerOfTwo(shifted.bits &<< 23)
  }

  /// e^(−x) · 2^scale, which must be neither subnormal nor infinite.
  @_transparent func inverseExponential(_ x: Lane, scale: Float) -> Lane { exponential(Lane() - x, scale: scale) }

  /// The same of two lanes.
  @_transparent func inverseExponential(_ x: TwoLanes, scale: Float) -> TwoLanes {
    TwoLanes(inverseExponential(x.a, scale: scale), inverseExponential(x.b, scale: scale))
  }
#endif

/// e^(−a²/2) · 2^32 = power · e^(−z/2) for 0 ≤ a ≤ 14.5. The exponent never exists as a rounded number, which would cost half of the digits: a² is the
/// sum of two floats, and z = a² + 2 n ln 2 is rounded when nearly nothing is left. In place of 2 ln 2 stands the nearest float, which multiplies
/// the result by nearly e^(−1.37e-9 a²).
@_transparent func bellParts(_ a: TwoLanes) -> (z: TwoLanes, power: TwoLanes) {
  let square = a * a
  let shifted = fma(square, -0.72134752, roundingShift + 32 + 127)
  let lost = fnma(a, a, square)
  let n = shifted - (roundingShift + 32 + 127)
  // What else is in `shifted` runs out on the left.
  let power = TwoLanes(Lane(bits: shifted.a.bits &<< 23), Lane(bits: shifted.b.bits &<< 23))
  return (fma(n, 1.3862944, square) - lost, power)
}

/// factor · e^(−z/2) / 2^32 for |z| ≤ ln 2. A number is multiplied by it only then, and rounds once if it gets subnormal.
@_transparent func bell(_ z: TwoLanes, factor: Float) -> TwoLanes {
  let f = factor * exponentialUnscale
  let high = fma(fma(z, f * -0.0002593014, f * 0.002619716), z, f * -0.02083447)
  return fma(fma(fma(high, z, f * 0.12499724), z, f * -0.49999985), z, f)
}

/// e^x · 2^32 for x ≤ 65, and no less than e^−109.4 · 2^32.
@_transparent func scaledExp(_ x: Lane) -> Lane { exponential(atLeast(-109.4, x), scale: 32) }

/// The same for an x that is the result of a subtraction.
@_transparent func scaledExp(ofRounded x: Lane) -> Lane {
  exponential(atLeast(-109.4, x), scale: 32, ofRounded: true)
}

/// e^x for x ≤ 65.
@_transparent func expBelow(_ x: Lane) -> Lane { scaledExp(x) * exponentialUnscale }

/// (1 + e^(−x)) / 2^32; infinite from x = −111 on.
@_transparent func scaledSigmoidDivisor(_ x: Lane) -> Lane {
  fma(
    inverseExponential(clamped(x, -120, 40), scale: -64), Lane(repeating: exponentialScale),
    Lane(repeating: exponentialUnscale))
}
