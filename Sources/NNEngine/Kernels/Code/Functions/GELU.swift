import KernelTable

/// x · Φ(x), with Φ the standard normal distribution function. 1 − Φ(a) = q(a) · e^(−a²/2), so that the tail keeps its digits far out,
/// where 1 − erf would be 0; q is a quotient of polynomials with leading coefficients 1. From a = 14.5 on all is 0.
private struct GELU: LaneFunction {
  @inline(__always) static var factor: Float { -28199.117 }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let a = atMost(14.5, magnitude(x))
    let tail = scaledBell(a) * a * (numerator(a) / denominator(a))
    // At −∞ x − x is NaN, as Keras computes it.
    return fma(tail, Lane(repeating: -factor * exponentialUnscale), choose(x .> 0, x, x - x))
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let a = atMost(14.5, magnitude(x))
    let tail = scaledBell(a) * fma(a, Lane(repeating: -0.3989423 / factor), numerator(a) / denominator(a))
    let (isLeft, scale) = (x .< 0, factor * exponentialUnscale)
    return fma(
      tail, choose(isLeft, Lane(repeating: scale), Lane(repeating: -scale)),
      choose(isLeft, Lane(), Lane(repeating: 1)))
  }
  @inline(__always) private static func numerator(_ a: Lane) -> Lane {
    fma(fma(a + 7.4650226, a, 23.520008), a, 34.45089)
  }
  @inline(__always) private static func denominator(_ a: Lane) -> Lane {
    fma(fma(fma(fma(a - 70733.89, a, -526646.9), a, -1744950.4), a, -2876740), a, -1942969.4)
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
    map: { mapFunction(GELU.self, $0, $1, $2, $3) },
    gradient: { chainFunction(GELU.self, $0, $1, $2, $3, $4) })
}

var approximateGELUFunction: ScalarFunction {
  ScalarFunction(
    name: "gelu_approximate", doc: "gelu with tanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2",
    isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(ApproximateGELU.self, $0, $1, $2, $3) },
    gradient: { chainFunction(ApproximateGELU.self, $0, $1, $2, $3, $4) })
}
