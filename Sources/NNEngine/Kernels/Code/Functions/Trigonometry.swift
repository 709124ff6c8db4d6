import KernelTable

/// sin(x + turns · π/2): turns is 0 for the sine, 1 for the cosine.
private protocol Turned {
  static var turns: Int32 { get }
}

private struct Sine: Turned {
  @inline(__always) static var turns: Int32 { 0 }
}

private struct Cosine: Turned {
  @inline(__always) static var turns: Int32 { 1 }
}

private struct Wave<F: Turned>: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { sine(x, quarterTurns: F.turns) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane { sine(x, quarterTurns: F.turns &+ 1) }
}

private func isLarge(_ count: Int, _ x: Input) -> Bool {
  let greatest = foldLanes(count, x, from: Lane(), filler: 0) { choose(magnitude($1) .> $0, magnitude($1), $0) }
  return anyLane(greatest .>= sineLimit)
}

@inline(__always) private func mapWave<F: Turned>(_: F.Type, _ count: Int, _ x: Input, _ y: Output, _ p: Parameters) {
  if !isLarge(count, x) {
    mapFunction(Wave<F>.self, count, x, y, p)
    return
  }
  var i = 0
  while i < count {
    y[i] = anySine(x[i], quarterTurns: F.turns)
    i &+= 1
  }
}

@inline(__always) private func chainWave<F: Turned>(
  _: F.Type, _ count: Int, _ x: Input, _ dy: Input, _ dx: Output, _ p: Parameters
) {
  if !isLarge(count, x) {
    chainFunction(Wave<F>.self, count, x, dy, dx, p)
    return
  }
  var i = 0
  while i < count {
    let slope = F.turns == 0 ? anySine(x[i], quarterTurns: 1) : -anySine(x[i], quarterTurns: 0)
    dx[i] = slope * dy[i]
    i &+= 1
  }
}

var sinFunction: ScalarFunction {
  ScalarFunction(
    name: "sin", doc: "sine of x radians", isActivation: false, derivativeNeedsInput: true,
    map: { mapWave(Sine.self, $0, $1, $2, $3) },
    gradient: { chainWave(Sine.self, $0, $1, $2, $3, $4) })
}

var cosFunction: ScalarFunction {
  ScalarFunction(
    name: "cos", doc: "cosine of x radians", isActivation: false, derivativeNeedsInput: true,
    map: { mapWave(Cosine.self, $0, $1, $2, $3) },
    gradient: { chainWave(Cosine.self, $0, $1, $2, $3, $4) })
}
