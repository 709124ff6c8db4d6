import KernelTable

// Functions that multiply x by a gate between 0 and 1. Left of 0 the gate is an exponential; it is kept 2^32 times too great until x
// has been multiplied, since by itself it would run out of digits before the product does. At −∞ they are NaN (∞ · 0), as Keras
// computes them.

/// x · sigmoid(v), where v has the sign of x.
@inline(__always) func gated(_ x: Lane, by v: Lane) -> Lane {
  choose(v .> 40, x, x / scaledSigmoidDivisor(v) * exponentialUnscale)
}

private struct Swish: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { gated(x, by: x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = sigmoid(x)
    return s * fma(x, 1 - s, 1)
  }
}

/// The gate is tanh(softplus(x)) = n / (n + 2) with n = w (w + 2), w = e^x; from x = 20 on it is 1.
private enum Mish {
  @inline(__always) static func map(_ count: Int, _ x: Input, _ y: Output) {
    // e^x · 2^64 is still a normal number where e^x · 2^32 is 0.
    mapInSteps(count, x, y, { exponential(clamped($0, -131, 20), scale: 64) }) { x, e in
      let w = e * (exponentialUnscale * exponentialUnscale)
      let gate = e * exponentialUnscale * ((w + 2) / fma(w, w + 2, 2))
      return choose(x .> 20, x, x * gate * exponentialUnscale)
    }
  }

  /// With t = n / (n + 2), t + x (1 − t²) w / (1 + w); 1 − t² = 4 (w + 1)² / (n + 2)².
  @inline(__always) static func chain(_ count: Int, _ x: Input, _ dy: Input, _ dx: Output) {
    chainInSteps(count, x, dy, dx, { expBelow(atMost(20, $0)) }) { x, w in
      let n = w * (w + 2)
      let r = 1 / (n + 2)
      return fma(r, fma(4 * atMost(20, x), fma(w, w, w) * r, n), x - x)  // NaN at ±∞, as Keras computes it
    }
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
    map: { count, x, y, _ in Mish.map(count, x, y) },
    gradient: { count, x, dy, dx, _ in Mish.chain(count, x, dy, dx) })
}
