import KernelTable

/// Parameter a: alpha.
private struct ELU: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    choose(x .> 0, x, p.a * expm1Below(x))
  }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane {
    choose(y .> 0, Lane(repeating: 1), y + p.a)
  }
}

/// With alpha below zero y is positive on both sides: only x tells which.
private struct FoldedELU: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { ELU.value(x, p) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    choose(x .> 0, Lane(repeating: 1), p.a * expBelow(x))
  }
}

private struct SELU: LaneFunction {
  @inline(__always) static var scale: Float { 1.050701 }
  @inline(__always) static var scaledAlpha: Float { 1.7580993 }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    choose(x .> 0, scale * x, scaledAlpha * expm1Below(x))
  }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane {
    choose(y .< 0, y + scaledAlpha, Lane(repeating: scale))  // at 0 the right side's, as in Keras
  }
}

var eluFunction: ScalarFunction {
  ScalarFunction(
    name: "elu", doc: "x if x > 0; alpha * (exp(x) - 1) below", isActivation: true,
    parameterNames: ("alpha", "", ""), parameterDefaults: Parameters(1), derivativeNeedsInput: false,
    derivativeNeedsInputFor: { !($0.a >= 0) },
    map: { mapFunction(ELU.self, $0, $1, $2, $3) },
    gradient: { count, v, dy, dx, p in
      if p.a >= 0 {
        chainFunction(ELU.self, count, v, dy, dx, p)
      } else {
        chainFunction(FoldedELU.self, count, v, dy, dx, p)
      }
    })
}

var seluFunction: ScalarFunction {
  ScalarFunction(
    name: "selu", doc: "1.0507 * elu(x, alpha = 1.67326): keeps mean 0 and variance 1 from layer to layer",
    isActivation: true, derivativeNeedsInput: false,
    map: { mapFunction(SELU.self, $0, $1, $2, $3) },
    gradient: { chainFunction(SELU.self, $0, $1, $2, $3, $4) })
}
