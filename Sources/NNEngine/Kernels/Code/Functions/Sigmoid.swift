import KernelTable

private struct Sigmoid: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { sigmoid(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { y * (1 - y) }
}

private struct Softplus: LaneFunction {
  @inline(__always) static func map(_ count: Int, _ x: Input, _ y: Output) {
    mapInSteps(count, x, y, { softplusPower($0) }, { logarithm(ofOnePlus: $1, plus: atLeast(0, $0)) })
  }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { softplus(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { -expm1Below(-y) }
}

var sigmoidFunction: ScalarFunction {
  ScalarFunction(
    name: "sigmoid", doc: "1 / (1 + exp(-x))", isActivation: true, derivativeNeedsInput: false,
    map: { mapFunction(Sigmoid.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Sigmoid.self, $0, $1, $2, $3, $4) })
}

var softplusFunction: ScalarFunction {
  ScalarFunction(
    name: "softplus", doc: "log(1 + exp(x))", isActivation: true, derivativeNeedsInput: false,
    map: { count, x, y, _ in Softplus.map(count, x, y) },
    gradient: { chainFunction(Softplus.self, $0, $1, $2, $3, $4) })
}
