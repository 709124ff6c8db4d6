import KernelTable

private struct Sigmoid: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { sigmoid(x) }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane { y * (1 - y) }
}

/// max(x, 0) + log(1 + e^(−|x|)), in steps whose functions have the registers for themselves.
private struct Softplus: LaneFunction {
  @inline(never) private static func powers(_ count: Int, _ x: Input, _ next: Int, _ t: Output) {
    var k = 0
    while k < count {
      fetchLanes(x + (next &+ k))
      let v = TwoLanes(at: x + k)
      let a = TwoLanes(atMost(109, magnitude(v.a)), atMost(109, magnitude(v.b)))
      inverseExponential(a, scale: 32).store(to: t + k)
      k &+= TwoLanes.width
    }
  }

  @inline(never) private static func logarithms(_ count: Int, _ x: Input, _ next: Int, _ t: Input, _ y: Output) {
    var k = 0
    while k < count {
      fetchLanes(y + (next &+ k))
      let v = TwoLanes(at: x + k)
      let positive = TwoLanes(atLeast(0, v.a), atLeast(0, v.b))
      logarithm(ofOnePlus: TwoLanes(at: t + k), plus: positive).store(to: y + k)
      k &+= TwoLanes.width
    }
  }

  static func map(_ count: Int, _ x: Input, _ y: Output) {
    forPairs(count, x, x, y) { n, x, _, y, next, t in
      powers(n, x, next, t)
      logarithms(n, x, next, t, y)
    }
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
