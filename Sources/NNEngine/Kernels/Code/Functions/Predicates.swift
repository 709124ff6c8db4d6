import KernelTable

private struct IsNaN: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { indicator(x .!= x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

private struct IsFinite: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { indicator(magnitude(x) .< .infinity) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

private struct LogicalNot: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { indicator(x .== 0) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

var isNaNFunction: ScalarFunction {
  ScalarFunction(
    name: "isnan", doc: "1 where x is not a number, else 0", isActivation: false, derivativeNeedsInput: true,
    isDifferentiable: false,
    map: { mapFunction(IsNaN.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}

var isFiniteFunction: ScalarFunction {
  ScalarFunction(
    name: "isfinite", doc: "1 where x is neither infinite nor NaN, else 0", isActivation: false,
    derivativeNeedsInput: true, isDifferentiable: false,
    map: { mapFunction(IsFinite.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}

var logicalNotFunction: ScalarFunction {
  ScalarFunction(
    name: "logical_not", doc: "1 where x is 0, else 0", isActivation: false, derivativeNeedsInput: true,
    isDifferentiable: false,
    map: { mapFunction(LogicalNot.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}
