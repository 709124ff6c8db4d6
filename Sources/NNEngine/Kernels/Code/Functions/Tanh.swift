import KernelTable

private struct Tanh: LaneFunction {
  @inline(__always) static func map(_ count: Int, _ x: Input, _ y: Output) {
    mapInSteps(count, x, y, { complementOfInverseSquare(magnitude($0)) }, { tanh($0, $1) })
  }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { tanh(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { 1 - y * y }
}

var tanhFunction: ScalarFunction {
  ScalarFunction(
    name: "tanh", doc: "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", isActivation: true, derivativeNeedsInput: false,
    map: { count, x, y, _ in Tanh.map(count, x, y) },
    gradient: { chainFunction(Tanh.self, $0, $1, $2, $3, $4) })
}
