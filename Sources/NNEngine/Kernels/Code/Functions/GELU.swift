import KernelTable

/// x · Φ(x), with Φ the standard normal distribution function. 1 − Φ(a) = q(a) · e^(−a²/2), so that the tail keeps its digits far out,
/// where 1 − erf would be 0; q is a quotient of polynomials. From a = 14.5 on all is 0.
///
/// In two steps, each a function of its own, so that the numbers in its formula have the registers for themselves.
private enum GELU {
  /// q(a) = `scale` · numerator / divisor · e^(1.37e-9 a²), the last factor for `bellParts`.
  @inline(__always) private static func quotient(_ a: TwoLanes) -> (numerator: TwoLanes, divisor: TwoLanes) {
    let both = a + 9.356726
    var (p, q) = (fma(both, a, 40.541368), fma(both, a, 41.537733))
    (p, q) = (fma(p, a, 93.70344), fma(q, a, 103.13862))
    (p, q) = (fma(p, a, 102.18609), fma(q, a, 139.81791))
    return (p, fma(q, a, 81.53248))
  }
  private static var scale: Float { @inline(__always) get { 0.3989412 } }

  /// To t: z, the divisor, and what `tail` makes of numerator and divisor, times the power.
  @inline(__always) private static func parts(
    _ count: Int, _ x: Input, _ next: Int, _ t: Output,
    _ tail: (_ x: TwoLanes, _ a: TwoLanes, _ p: TwoLanes, _ q: TwoLanes) -> TwoLanes
  ) {
    var k = 0
    while k < count {
      fetchLanes(x + (next &+ k))
      let v = TwoLanes(at: x + k)
      let a = TwoLanes(magnitude(v.a, atMost: 14.5), magnitude(v.b, atMost: 14.5))
      let (z, power) = bellParts(a)
      let (p, q) = quotient(a)
      z.store(to: t + k)
      q.store(to: t + (k &+ partOfSteps))
      (tail(v, a, p, q) * power).store(to: t + (k &+ 2 &* partOfSteps))
      k &+= TwoLanes.width
    }
  }
  @inline(__always) private static func quotient(at t: Input) -> TwoLanes {
    TwoLanes(at: t + 2 &* partOfSteps) / TwoLanes(at: t + partOfSteps)
  }

  @inline(never) private static func firstOfMap(_ count: Int, _ x: Input, _ next: Int, _ t: Output) {
    parts(count, x, next, t) { _, a, p, _ in p * a }
  }
  @inline(never) private static func lastOfMap(_ count: Int, _ x: Input, _ next: Int, _ t: Input, _ y: Output) {
    var k = 0
    while k < count {
      fetchLanes(y + (next &+ k))
      let e = bell(TwoLanes(at: t + k), factor: -scale)
      let v = TwoLanes(at: x + k)
      let zero = v - v  // NaN at −∞, as Keras computes it
      fma(e, quotient(at: t + k), v.blended(zero, v)).store(to: y + k)
      k &+= TwoLanes.width
    }
  }

  @inline(never) private static func firstOfChain(_ count: Int, _ x: Input, _ next: Int, _ t: Output) {
    // q(a) − a φ(0): the other way round left of 0.
    @inline(__always) func tail(_ x: TwoLanes, _ a: TwoLanes, _ p: TwoLanes, _ q: TwoLanes) -> TwoLanes {
      let tail = fnma(a * (0.3989423 / scale), q, p)
      return TwoLanes(
        Lane(bits: tail.a.bits ^ (x.a.bits & Int32.min)), Lane(bits: tail.b.bits ^ (x.b.bits & Int32.min)))
    }
    parts(count, x, next, t, tail)
  }
  @inline(never) private static func lastOfChain(
    _ count: Int, _ x: Input, _ dy: Input, _ next: Int, _ t: Input, _ dx: Output
  ) {
    var k = 0
    while k < count {
      fetchLanes(dy + (next &+ k))
      fetchLanes(dx + (next &+ k))
      let e = bell(TwoLanes(at: t + k), factor: -scale)
      let v = TwoLanes(at: x + k)
      let zero = v - v  // NaN at ±∞, as Keras computes it
      let base = (zero + 1).blended(zero, v)
      (fma(e, quotient(at: t + k), base) * TwoLanes(at: dy + k)).store(to: dx + k)
      k &+= TwoLanes.width
    }
  }

  static func map(_ count: Int, _ x: Input, _ y: Output) {
    forPairs(count, x, x, y) { n, x, _, y, next, t in
      firstOfMap(n, x, next, t)
      lastOfMap(n, x, next, t, y)
    }
  }
  static func chain(_ count: Int, _ x: Input, _ dy: Input, _ dx: Output) {
    forPairs(count, x, dy, dx) { n, x, dy, dx, next, t in
      firstOfChain(n, x, next, t)
      lastOfChain(n, x, dy, next, t, dx)
    }
  }
}

/// 0.5 x (1 + tanh u) = x · sigmoid(2u) with 2u = 2 √(2/π) (x + 0.044715 x³).
private struct ApproximateGELU: LaneFunction {
  @inline(__always) static func doubled(_ x: Lane) -> Lane { x * fma(x * x, 0.07135481, 1.5957691) }
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { gated(x, by: doubled(x)) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let s = sigmoid(doubled(x))
    return s + x * s * (1 - s) * fma(x * x, 0.21406443, 1.5957691)
  }
}

var geluFunction: ScalarFunction {
  ScalarFunction(
    name: "gelu", doc: "x * (1 + erf(x / sqrt(2))) / 2", isActivation: true, derivativeNeedsInput: true,
    map: { count, x, y, _ in GELU.map(count, x, y) },
    gradient: { count, x, dy, dx, _ in GELU.chain(count, x, dy, dx) })
}

var approximateGELUFunction: ScalarFunction {
  ScalarFunction(
    name: "gelu_approximate", doc: "gelu with tanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2",
    isActivation: false, derivativeNeedsInput: true,
    map: { mapFunction(ApproximateGELU.self, $0, $1, $2, $3) },
    gradient: { chainFunction(ApproximateGELU.self, $0, $1, $2, $3, $4) })
}
