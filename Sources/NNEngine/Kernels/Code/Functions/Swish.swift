import KernelTable

// Functions that multiply x by a gate between 0 and 1. Left of 0 the gate is an exponential; it is multiplied in two halves,
// since by itself it would run out of digits before the product does. At −∞ they are NaN (∞ · 0), as Keras computes them.

/// x · sigmoid(v), where v has the sign of x.
@inline(__always) func gated(_ x: Lane, by v: Lane) -> Lane {
  let half = exp(-0.5 * magnitude(v))
  return choose(v .< 0, x * half * half, x) / (1 + half * half)
}

private struct Swish: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { gated(x, by: x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = sigmoid(x)
    return s + x * s * (1 - s)
  }
}

/// The gate is tanh(softplus(x)) = n / (n + 2) with n = w (w + 2), w = e^x; from x = 20 on it is 1.
private struct Mish: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let half = exp(0.5 * x)
    let w = half * half
    return choose(x .> 20, x, x * half * half * ((w + 2) / (w * (w + 2) + 2)))
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let w = exp(choose(x .> 20, Lane(repeating: 20), x))
    let n = w * (w + 2)
    let t = n / (n + 2)
    return t + x * (1 - t * t) * (w / (1 + w))
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
