import KernelTable

private struct Negative: LaneFunction {
  // Not 0 − x: that is +0 for +0.
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { Lane(bits: x.bits ^ Int32.min) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { Lane(repeating: -1) }
}

private struct Absolute: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { magnitude(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Sign.value(x, p) }
}

private struct Sign: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    choose(x .> 0, Lane(repeating: 1), choose(x .< 0, Lane(repeating: -1), x))
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

var negativeFunction: ScalarFunction {
  ScalarFunction(
    name: "negative", doc: "-x", isActivation: false, derivativeNeedsInput: false,
    map: { mapFunction(Negative.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Negative.self, $0, $1, $2, $3, $4) })
}

var absFunction: ScalarFunction {
  ScalarFunction(
    name: "abs", doc: "absolute value", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Absolute.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Absolute.self, $0, $1, $2, $3, $4) })
}

var signFunction: ScalarFunction {
  ScalarFunction(
    name: "sign", doc: "1, 0 or -1", isActivation: false, derivativeNeedsInput: true, isDifferentiable: false,
    map: { mapFunction(Sign.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}
