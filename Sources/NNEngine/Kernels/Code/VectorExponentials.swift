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

  /// e^(−a²/2) · 2^32 = power · e^(−z/2) for 0 ≤ a ≤ 14.5. The exponent never exists as a rounded number, which would cost half of the digits:
  /// z = a² + 2 n ln 2 / 8 is a² rounded once.
  @_transparent func bellParts(_ a: Lane) -> (z: Lane, power: Lane) {
    let shifted = fma(a * -5.77078, a, Lane(repeating: roundingShift + 8 * 32))
    let n = shifted - (roundingShift + 8 * 32)
    // Thirteen bits of ln 2 / 4, whose product with n is exact, and the rest.
    return (fma(n, Lane(repeating: 7.986546e-06), fma(a, a, n * 0.17327881)), eighthPower(shifted.bits))
  }

  @_transparent func bell(_ z: Lane, _ power: Lane) -> Lane {
    fma(power * z, fma(fma(z, -0.020833572, 0.12501614), z, -0.5), power)
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

  /// e^(−a²/2) · 2^32 = power · e^(−z/2) for 0 ≤ a ≤ 14.5. The exponent never exists as a rounded number, which would cost half of the digits:
  /// z = a² + 2 n ln 2 is a² rounded once.
  @_transparent func bellParts(_ a: Lane) -> (z: Lane, power: Lane) {
    let shifted = fma(a * -0.72134752, a, Lane(repeating: roundingShift + 32))
    let n = shifted - (roundingShift + 32)
    return (
      fma(n, Lane(repeating: 2 * ln2Low), fma(a, a, n * (2 * ln2High))), powerOfTwo(shifted.bits &<< 23)
    )
  }

  @_transparent func bell(_ z: Lane, _ power: Lane) -> Lane {
    let square = z * z
    let q = fma(fma(z, -0.00025977322, 0.0026181652), square, fma(z, -0.020833893, 0.12499807))
    return fma(q, square, fma(z, -0.5, 1)) * power
  }
#endif

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
