import KernelTable

private struct Clip: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    choose(x .> p.b, Lane(repeating: p.b), choose(x .< p.a, Lane(repeating: p.a), x))
  }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    choose(x .>= p.a, indicator(x .<= p.b), Lane())
  }
}

var clipFunction: ScalarFunction {
  ScalarFunction(
    name: "clip", doc: "min if x < min; max if x > max; else x", isActivation: false,
    parameterNames: ("min", "max", ""), parameterDefaults: Parameters(-.infinity, .infinity),
    derivativeNeedsInput: true,
    map: { mapFunction(Clip.self, $0, $1, $2, $3) },
    gradient: { chainFunction(Clip.self, $0, $1, $2, $3, $4) })
}
