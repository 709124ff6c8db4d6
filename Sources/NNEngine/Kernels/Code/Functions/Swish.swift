import KernelTable

// Functions that multiply x by a gate between 0 and 1. Left of 0 the gate is an exponential; it is kept 2^32 times too great until x
// has been multiplied, since by itself it would run out of digits before the product does. At −∞ they are NaN (∞ · 0), as Keras
// computes them.

/// x · sigmoid(v), where v has the sign of x.
@inline(__always) func gated(_ x: Lane, by v: Lane) -> Lane {
  choose(v .> 40, x, x / (exponentialUnscale + scaledInverseExp(v)) * exponentialUnscale)
}

private struct Swish: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { gated(x, by: x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = sigmoid(x)
    return s * fma(x, 1 - s, 1)
  }
}

/// The gate is tanh(softplus(x)) = n / (n + 2) with n = w (w + 2), w = e^x; from x = 20 on it is 1.
private struct Mish: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let e = scaledExp(x)
    let w = e * exponentialUnscale
    return choose(x .> 20, x, x * e * ((w + 2) / fma(w, w + 2, 2)) * exponentialUnscale)
  }
  /// With t = n / (n + 2), t + x (1 − t²) w / (1 + w); 1 − t² = 4 (w + 1)² / (n + 2)².
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let c = atMost(20, x)
    let w = expBelow(c)
    let n = w * (w + 2)
    let r = 1 / (n + 2)
    return r * fma(4 * c, fma(w, w, w) * r, n)
  }
}

var swishFunction: ScalarFunction {
  ScalarFunction(
    name: "swish", doc: "x * sigmoid(x)", isActivation: true, derivativeNeedsInput: true,
    map: { mapFunction(Swish.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Swish.self, $0, $1, $2, $3, $4) })
}

var mishFunction: ScalarFunction {
  ScalarFunction(
    name: "mish", doc: "x * tanh(softplus(x))", isActivation: true, derivativeNeedsInput: true,
    map: { mapFunction(Mish.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Mish.self, $0, $1, $2, $3, $4) })
}
