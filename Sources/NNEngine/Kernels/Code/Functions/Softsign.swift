import KernelTable

private struct Softsign: LaneFunction {
  // NaN at ±∞, as Keras computes it.
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x / (1 + magnitude(x)) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let d = 1 / (1 + magnitude(x))
    return d * d
  }
}

var softsignFunction: ScalarFunction {
  ScalarFunction(
    name: "softsign", doc: "x / (1 + abs(x))", isActivation: true, derivativeNeedsInput: true,
    map: { mapFunction(Softsign.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Softsign.self, $0, $1, $2, $3, $4) })
}
