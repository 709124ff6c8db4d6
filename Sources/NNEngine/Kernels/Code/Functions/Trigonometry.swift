import KernelTable

private struct Sin: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { sine(x, quarterTurns: 0) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { sine(x, quarterTurns: 1) }
}

private struct Cos: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { sine(x, quarterTurns: 1) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { -sine(x, quarterTurns: 0) }
}

var sinFunction: ScalarFunction {
  ScalarFunction(
    name: "sin", doc: "sine of x radians", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Sin.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Sin.self, $0, $1, $2, $3, $4) })
}

var cosFunction: ScalarFunction {
  ScalarFunction(
    name: "cos", doc: "cosine of x radians", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Cos.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Cos.self, $0, $1, $2, $3, $4) })
}
