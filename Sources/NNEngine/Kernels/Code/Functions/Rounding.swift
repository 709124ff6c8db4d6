import KernelTable

private struct Floor: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x.rounded(.down) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

private struct Ceil: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x.rounded(.up) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

private struct Round: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x.rounded(.toNearestOrEven) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { Lane() }
}

var floorFunction: ScalarFunction {
  ScalarFunction(
    name: "floor", doc: "greatest integer that is not above x", isActivation: false, derivativeNeedsInput: true,
    isDifferentiable: false,
    map: { mapFunction(Floor.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}

var ceilFunction: ScalarFunction {
  ScalarFunction(
    name: "ceil", doc: "least integer that is not below x", isActivation: false, derivativeNeedsInput: true,
    isDifferentiable: false,
    map: { mapFunction(Ceil.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}

var roundFunction: ScalarFunction {
  ScalarFunction(
    name: "round", doc: "nearest integer; the even one half way", isActivation: false, derivativeNeedsInput: true,
    isDifferentiable: false,
    map: { mapFunction(Round.self, $0, $1, $2, $3) },
    gradient: { count, _, _, dx, _ in chainFlat(count, dx) })
}
