import KernelTable

/// Keras 2's; Keras 3 took another slope (1/6).
private struct HardSigmoid: LaneFunction {
  @inline(__always) static func line(_ x: Lane) -> Lane { 0.2 * x + 0.5 }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let y = line(x)
    return y.replacing(with: 0, where: y .< 0).replacing(with: 1, where: y .> 1)
  }
  // The corners belong to the slope, as in Keras.
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let y = line(x)
    return 0.2 * indicator((y .>= 0) .& (y .<= 1))
  }
}

var hardSigmoidFunction: ScalarFunction {
  ScalarFunction(
    name: "hard_sigmoid", doc: "0.2 * x + 0.5, limited to 0 ... 1", isActivation: true, derivativeNeedsInput: true,
    map: { mapFunction(HardSigmoid.self, $0, $1, $2, $3) },
    gradient: { chainFunction(HardSigmoid.self, $0, $1, $2, $3, $4) })
}
