import KernelTable

private struct Linear: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { Lane(repeating: 1) }
}

var linearFunction: ScalarFunction {
  ScalarFunction(
    name: "linear", doc: "x", isActivation: true, derivativeNeedsInput: false,
    map: { mapFunction(Linear.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Linear.self, $0, $1, $2, $3, $4) })
}
