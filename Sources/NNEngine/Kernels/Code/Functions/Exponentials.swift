import KernelTable

private struct Exp: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { exp(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { y }
}

private struct Expm1: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { expm1(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { y + 1 }
}

var expFunction: ScalarFunction {
  ScalarFunction(
    name: "exp", doc: "e to the power of x", isActivation: false, derivativeNeedsInput: false,
    map: { mapFunction(Exp.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Exp.self, $0, $1, $2, $3, $4) })
}

var expm1Function: ScalarFunction {
  ScalarFunction(
    name: "expm1", doc: "exp(x) - 1, accurate near 0", isActivation: false, derivativeNeedsInput: false,
    map: { mapFunction(Expm1.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Expm1.self, $0, $1, $2, $3, $4) })
}
