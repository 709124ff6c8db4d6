import KernelTable

private struct LogCosh: LaneFunction {
  /// |x| + log((1 + e^(−2|x|)) / 2), which neither overflows nor, with the series near 0, cancels.
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    let a = magnitude(x)
    let far = a + log1p(0.5 * expm1(-2 * a))
    let s = a * a
    var q = fma(s, 0.0021869488, -0.0067460317)
    q = fma(q, s, 0.022222223)
    q = fma(q, s, -0.083333336)
    q = fma(q, s, 0.5)
    return choose(a .< 0.4, q * s, far)
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { tanh(x) }
}

var logCoshFunction: ScalarFunction {
  ScalarFunction(
    name: "log_cosh", doc: "log(cosh(x)): x * x / 2 near 0, abs(x) - log(2) far away", isActivation: false,
    derivativeNeedsInput: true,
    map: { mapFunction(LogCosh.self, $0, $1, $2, $3) },
    gradient: { chainFunction(LogCosh.self, $0, $1, $2, $3, $4) })
}
