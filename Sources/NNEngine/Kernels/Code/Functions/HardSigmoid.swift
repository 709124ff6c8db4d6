import KernelTable

/// Keras 2's; Keras 3 took another slope (1/6).
private struct HardSigmoid: LaneFunction {
  @inline(__always) static func line(_ x: Lane) -> Lane { 0.2 * x + 0.5 }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let y = line(x)
    return choose(y .< 0, Lane(), choose(y .> 1, Lane(repeating: 1), y))
  }
  // The corners belong to the slope, as in Keras.
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let y = line(x)
    return choose(y .>= 0, 0.2 * indicator(y .<= 1), Lane())
  }
}

var hardSigmoidFunction: ScalarFunction {
  ScalarFunction(
    name: "hard_sigmoid", doc: "0.2 * x + 0.5, limited to 0 ... 1", isActivation: true, derivativeNeedsInput: true,
    map: { mapFunction(HardSigmoid.self, $0, $1, $2, $3) },
    gradient: { chainFunction(HardSigmoid.self, $0, $1, $2, $3, $4) })
}
