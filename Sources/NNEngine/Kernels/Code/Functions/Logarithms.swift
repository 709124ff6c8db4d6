import KernelTable

private struct Log: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { log(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { 1 / x }
}

private struct Log1p: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { log1p(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { 1 / (1 + x) }
}

var logFunction: ScalarFunction {
  ScalarFunction(
    name: "log", doc: "natural logarithm", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Log.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Log.self, $0, $1, $2, $3, $4) })
}

var log1pFunction: ScalarFunction {
  ScalarFunction(
    name: "log1p", doc: "log(1 + x), accurate near 0", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Log1p.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Log1p.self, $0, $1, $2, $3, $4) })
}
