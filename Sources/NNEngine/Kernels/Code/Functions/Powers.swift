import KernelTable

private struct Square: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x * x }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { 2 * x }
}

private struct SquareRoot: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x.squareRoot() }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { 0.5 / y }
}

private struct ReciprocalRoot: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { 1 / x.squareRoot() }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { -0.5 * y * y * y }
}

private struct Reciprocal: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { 1 / x }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { -y * y }
}

var squareFunction: ScalarFunction {
  ScalarFunction(
    name: "square", doc: "x * x", isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(Square.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Square.self, $0, $1, $2, $3, $4) })
}

var sqrtFunction: ScalarFunction {
  ScalarFunction(
    name: "sqrt", doc: "square root", isActivation: false, derivativeNeedsInput: false,
    map: { mapFunction(SquareRoot.self, $0, $1, $2, $3) },
    gradient: { chainFunction(SquareRoot.self, $0, $1, $2, $3, $4) })
}

var rsqrtFunction: ScalarFunction {
  ScalarFunction(
    name: "rsqrt", doc: "1 / sqrt(x)", isActivation: false, derivativeNeedsInput: false,
    map: { mapFunction(ReciprocalRoot.self, $0, $1, $2, $3) },
    gradient: { chainFunction(ReciprocalRoot.self, $0, $1, $2, $3, $4) })
}

var reciprocalFunction: ScalarFunction {
  ScalarFunction(
    name: "reciprocal", doc: "1 / x", isActivation: false, derivativeNeedsInput: false,
    map: { mapFunction(Reciprocal.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Reciprocal.self, $0, $1, $2, $3, $4) })
}
