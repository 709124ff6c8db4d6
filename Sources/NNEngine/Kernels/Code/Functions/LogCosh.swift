import KernelTable

private struct LogCosh: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { logCosh(x) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { tanh(x) }
}

var logCoshFunction: ScalarFunction {
  ScalarFunction(
    name: "log_cosh", doc: "log(cosh(x)): x * x / 2 near 0, abs(x) - log(2) far away", isActivation: false,
    derivativeNeedsInput: true,
    map: { mapFunction(LogCosh.self, $0, $1, $2, $3) },
    gradient: { chainFunction(LogCosh.self, $0, $1, $2, $3, $4) })
}
