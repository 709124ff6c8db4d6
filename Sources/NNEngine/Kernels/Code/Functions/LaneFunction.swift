import KernelTable

/// A function of one variable on a lane: f and f′, written once. The loops, their tails and the entry in the kernel
/// table are derived from it.
protocol LaneFunction {
  static func value(_ x: Lane, _ p: Parameters) -> Lane
  /// f′ in terms of x or of y = f(x), as the function's `derivativeNeedsInput` says.
  static func slope(_ v: Lane, _ p: Parameters) -> Lane
}

@inline(__always) func mapFunction<F: LaneFunction>(
  _: F.Type, _ count: Int, _ x: Input, _ y: Output, _ p: Parameters
) {
  mapLanes(count, x, y) { F.value($0, p) }
}

@inline(__always) func chainFunction<F: LaneFunction>(
  _: F.Type, _ count: Int, _ v: Input, _ dy: Input, _ dx: Output, _ p: Parameters
) {
  zipLanes(count, v, dy, dx) { F.slope($0, p) * $1 }
}

/// Functions that are flat wherever they have a derivative.
@inline(__always) func chainFlat(_ count: Int, _ dx: Output) {
  mapLanes(count, dx, dx) { _ in Lane() }
}
