import KernelTable

/// x · Φ(x), with Φ the standard normal distribution function. 1 − Φ(a) = q(a) · e^(−a²/2), so that the tail keeps its digits far out,
/// where 1 − erf would be 0; q is a quotient of polynomials. From a = 14.5 on all is 0.
private enum GELU {
  @inline(__always) private static func numerator(_ a: Lane) -> Lane {
    fma(fma(a + 7.4650226, a, 23.520008), a, 34.45089)
  }
  /// Negative, as the tail is.
  @inline(__always) private static func divisor(_ a: Lane) -> Lane {
    let square = a * a
    let high = fma(fma(a, 3.5462104e-05, -2.5083725), square, fma(a, -18.676006, -61.879612))
    return fma(high, square, fma(a, -102.01525, -68.90178))
  }
  @inline(__always) private static func limited(_ x: Lane) -> Lane { atMost(14.5, magnitude(x)) }

  @inline(__always) static func map(_ count: Int, _ x: Input, _ y: Output) {
    mapInSteps(
      count, x, y, { limited($0) * numerator(limited($0)) / divisor(limited($0)) },
      { bellParts(limited($0)) },
      { x, tail, z, power in
        // At −∞ x − x is NaN, as Keras computes it.
        fma(bell(z, power) * tail, Lane(repeating: exponentialUnscale), choose(x .> 0, x, x - x))
      })
  }

  @inline(__always) static func chain(_ count: Int, _ x: Input, _ dy: Input, _ dx: Output) {
    chainInSteps(
      count, x, dy, dx,
      { x in
        let a = limited(x)
        let tail = fma(a, Lane(repeating: 0.3989423), numerator(a) / divisor(a))
        return Lane(bits: tail.bits ^ ((x + 0).bits & Int32.min))  // the other way round left of 0, but not at −0
      }, { bellParts(limited($0)) },
      { x, tail, z, power in
        let zero = x - x  // NaN at ±∞, as Keras computes it
        return fma(bell(z, power) * tail, Lane(repeating: exponentialUnscale), choose(x .< 0, zero, 1 + zero))
      })
  }
}

/// 0.5 x (1 + tanh u) = x · sigmoid(2u) with 2u = 2 √(2/π) (x + 0.044715 x³).
private struct ApproximateGELU: LaneFunction {
  @inline(__always) static func doubled(_ x: Lane) -> Lane { x * fma(x * x, 0.07135481, 1.5957691) }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { gated(x, by: doubled(x)) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = sigmoid(doubled(x))
    return s + x * s * (1 - s) * fma(x * x, 0.21406443, 1.5957691)
  }
}

var geluFunction: ScalarFunction {
  ScalarFunction(
    name: "gelu", doc: "x * (1 + erf(x / sqrt(2))) / 2", isActivation: true, derivativeNeedsInput: true,
    map: { count, x, y, _ in GELU.map(count, x, y) },
    gradient: { count, x, dy, dx, _ in GELU.chain(count, x, dy, dx) })
}

var approximateGELUFunction: ScalarFunction {
  ScalarFunction(
    name: "gelu_approximate", doc: "gelu with tanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2",
    isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(ApproximateGELU.self, $0, $1, $2, $3) },
    gradient: { chainFunction(ApproximateGELU.self, $0, $1, $2, $3, $4) })
}
