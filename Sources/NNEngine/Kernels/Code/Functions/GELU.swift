import KernelTable

/// x · Φ(x), with Φ the standard normal distribution function.
private struct GELU: LaneFunction {
  /// 1 − Φ and the density at |x|. The tail is e^(−x²/2) times a polynomial in 1 / (1 + 0.35 |x|), so it keeps its digits
  /// far out, where 1 − erf would be 0. From 15 on both are 0.
  @inline(__always) static func tail(_ x: Lane) -> (tail: Lane, density: Lane) {
    let a = choose(magnitude(x) .> 15, Lane(repeating: 15), magnitude(x))
    let square = a * a
    let lost = fma(a, a, -square)
    let e = exp(-0.5 * square) * (1 - 0.5 * lost)
    let t = 1 / fma(a, 0.35, 1)
    var q = fma(t, -0.028455319, 0.14039958)
    q = fma(q, t, -0.24776715)
    q = fma(q, t, 0.14922442)
    q = fma(q, t, -0.015410258)
    q = fma(q, t, 0.10170219)
    q = fma(q, t, 0.12103029)
    q = fma(q, t, 0.13963136)
    q = fma(q, t, 0.13964598)
    q = fma(q, t, -1.103347e-06)
    return (e * q, 0.3989423 * e)
  }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let q = tail(x).tail
    return x * choose(x .< 0, q, 1 - q)
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let (q, density) = tail(x)
    return choose(x .< 0, q, 1 - q) + x * density
  }
}

/// 0.5 x (1 + tanh u) = x · sigmoid(2u) with 2u = 2 √(2/π) (x + 0.044715 x³).
private struct ApproximateGELU: LaneFunction {
  @inline(__always) static func gate(_ x: Lane) -> Lane { sigmoid(x * fma(x * x, 0.07135481, 1.5957691)) }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x * gate(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = gate(x)
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
