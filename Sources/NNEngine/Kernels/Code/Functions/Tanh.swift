import KernelTable

private struct Tanh: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { tanh(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { 1 - y * y }
}

var tanhFunction: ScalarFunction {
  ScalarFunction(
    name: "tanh", doc: "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", isActivation: true, derivativeNeedsInput: false,
    map: { mapFunction(Tanh.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Tanh.self, $0, $1, $2, $3, $4) })
}
