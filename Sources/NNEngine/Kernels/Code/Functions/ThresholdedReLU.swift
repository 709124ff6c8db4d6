import KernelTable

/// Parameter a: theta. Unlike relu's threshold, theta itself gives 0; NaN at −∞ (∞ · 0), as Keras computes it.
private struct ThresholdedReLU: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { x * slope(x, p) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { indicator(x .> p.a) }
}

var thresholdedReLUFunction: ScalarFunction {
  ScalarFunction(
    name: "thresholded_relu", doc: "x if x > theta; 0 else", isActivation: false,
    parameterNames: ("theta", "", ""), parameterDefaults: Parameters(1), derivativeNeedsInput: true,
    map: { mapFunction(ThresholdedReLU.self, $0, $1, $2, $3) },
    gradient: { chainFunction(ThresholdedReLU.self, $0, $1, $2, $3, $4) })
}
