import KernelTable

// Functions that multiply x by a gate between 0 and 1. At −∞ they are NaN (∞ · 0), as Keras computes them.

private struct Swish: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x * sigmoid(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = sigmoid(x)
    return s + x * s * (1 - s)
  }
}

private struct Mish: LaneFunction {
  /// tanh(softplus(x)) and sigmoid(x) from one exponential, w: n / (n + 2) with n = w² + 2w, and w / (1 + w). Beyond
  /// x = 30 both are 1.
  @inline(__always) static func gates(_ x: Lane) -> (tanhSoftplus: Lane, sigmoid: Lane) {
    let w = exp(choose(x .> 30, Lane(repeating: 30), x))
    let n = w * (w + 2)
    return (n / (n + 2), w / (1 + w))
  }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x * gates(x).tanhSoftplus }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let (t, s) = gates(x)
    return t + x * (1 - t * t) * s
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
