import KernelTable

private struct Erf: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { erf(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { 1.1283792 * expBelow(-x * x) }
}

var erfFunction: ScalarFunction {
  ScalarFunction(
    name: "erf", doc: "error function", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Erf.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Erf.self, $0, $1, $2, $3, $4) })
}
