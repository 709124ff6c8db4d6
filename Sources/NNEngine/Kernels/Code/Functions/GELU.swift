import KernelTable

/// x · Φ(x), with Φ the standard normal distribution function.
private struct GELU: LaneFunction {
  /// e^(−x²/4), and q with 1 − Φ(|x|) = q · e^(−x²/2): a polynomial in 1 / (1 + 0.35 |x|). So the tail keeps its digits far out,
  /// where 1 − erf would be 0. From 15 on the exponential is 0.
  @inline(__always) static func tail(_ x: Lane) -> (half: Lane, q: Lane) {
    let a = choose(magnitude(x) .> 15, Lane(repeating: 15), magnitude(x))
    let square = a * a
    let lost = fma(a, a, -square)
    let half = exp(-0.25 * square) * (1 - 0.25 * lost)
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
    return (choose(magnitude(x) .> 15, Lane(), half), q)
  }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let (half, q) = tail(x)
    return choose(x .< 0, x * half * q * half, x * (1 - half * q * half))
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let (half, q) = tail(x)
    let tail = half * q * half
    return choose(x .< 0, tail, 1 - tail) + x * (0.3989423 * half * half)
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
