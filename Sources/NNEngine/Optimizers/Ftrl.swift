import CCPU
import KernelTable

/// Follow the regularized leader (McMahan and others, 2013): weights that are exactly zero, from an L1 penalty.
struct Ftrl: OptimizerDefinition {
  var power = -0.5
  var initialAccumulator = 0.1
  var l1 = 0.0
  var l2 = 0.0
  var shrinkage = 0.0
  var beta = 0.0

  static let learningRate = 0.001
  static let className = "Ftrl"
  static let doc = """
    Follow the regularized leader: n' = n + g^2, z = z + g - (n'^-p - n^-p) / rate * w with p = learning_rate_power, then \
    w = (clip(z, -l1, l1) - z) / (n'^-p / rate + 2 * l2). Example: Ftrl{0.01, l1_regularization_strength=0.001}
    """
  static let fields: [Field<Ftrl>] = [
    Field(
      "learning_rate_power", \.power, check: Check("a finite number that is not positive") { $0 <= 0 && $0.isFinite },
      "With which power of the sum of squared gradients the rate falls."),
    Field(
      "initial_accumulator_value", \.initialAccumulator, check: .notNegative, "With what the sum of squares begins."),
    Field("l1_regularization_strength", \.l1, check: .notNegative, "Makes small weights zero."),
    Field("l2_regularization_strength", \.l2, check: .notNegative, "Keeps weights small."),
    Field(
      "l2_shrinkage_regularization_strength", \.shrinkage, check: .notNegative,
      "Keeps weights small by way of the gradient."),
    Field("beta", \.beta, check: .notNegative, "Added to l2 as beta / (2 * rate)."),
  ]

  var slots: [Slot] { [Slot("accumulator", initial: initialAccumulator), Slot("linear")] }
  /// The usual power is a square root.
  var variant: String { power == -0.5 ? "" : "power" }
  static let numberCount = 5

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = step.rate > 0 ? Float(1 / step.rate) : 0
    out[1] = Float(l1)
    out[2] = Float(2 * l2 + (step.rate > 0 ? beta / step.rate : 0))
    out[3] = Float(2 * shrinkage)
    out[4] = Float(-power)
  }

  var rule: RowUpdate { power == -0.5 ? Ftrl.root : Ftrl.anyPower }

  /// A rate of 0 (the first of a warm-up), for which the formula has no meaning: nothing happens.
  private static func isStill(_ numbers: Input) -> Bool { !(numbers[0] > 0) }

  private static let root: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (perRate, l1, l2, shrinkage) = (h[0], h[1], h[2], h[3])
    guard !isStill(h) else { return }
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      let old = s.0.squareRoot()
      s.0 += g * g
      let new = s.0.squareRoot()
      s.1 += g + shrinkage * w - (new - old) * perRate * w
      w = solution(s.1, l1) / (new * perRate + l2)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }

  /// In steps for some weights at a time, whose numbers stay in the cache: both powers are too long for one loop, in which nothing of the next
  /// weights would be under way while these are computed.
  private static let anyPower: RowUpdate = { count, gradient, at, target in
    guard !isStill(target.numbers), let sums = target.slots.0, let linear = target.slots.1 else { return }
    let power = LanePower(target.numbers[4])
    var scratch = ccpu_fresh_scratch()
    withUnsafeMutablePointer(to: &scratch) { scratch in
      let old = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
      let (new, highs, lows, rests) = (old + atOnce, old + 2 * atOnce, old + 3 * atOnce, old + 4 * atOnce)
      var i = 0
      while i < count {
        let (n, from) = (min(atOnce, count &- i), at &+ i)
        let ahead = count &- i >= distance &+ atOnce ? distance : 0
        // Meanwhile what the next ones need is fetched.
        let areNormal = sum(n, gradient + i, sums + from, old, power, highs, lows, ahead)
        if areNormal && power.staysNormal {
          exponents(n, sums + from, power, new, rests, linear + (from &+ ahead), target.weights + (from &+ ahead))
          powers(n, highs, lows, old)
          powers(n, new, rests, new)
        } else {
          anyPowers(n, old, power, old)
          anyPowers(n, sums + from, power, new)
        }
        let slots = UpdateTarget(
          weights: target.weights + from, slots: (old, linear + from, new), hyperparameters: target.hyperparameters)
        weights(n, gradient + i, slots)
        i &+= n
      }
    }
  }

  private static var atOnce: Int { @inline(__always) get { 256 } }
  /// Far enough for memory to answer in time.
  private static var distance: Int { @inline(__always) get { 512 } }

  @inline(__always) private static func load(_ p: Input) -> UpdateLanes.Lane {
    UnsafeRawPointer(p).loadUnaligned(as: UpdateLanes.Lane.self)
  }
  @inline(__always) private static func store(_ x: UpdateLanes.Lane, _ p: Output) {
    UnsafeMutableRawPointer(p).storeBytes(of: x, as: UpdateLanes.Lane.self)
  }

  /// Adds the squares of the gradients to the sums, of which q log2 goes to `highs` and `lows` before, and they themselves to `old`. Are all normal
  /// numbers, before and after?
  private static func sum(
    _ count: Int, _ gradient: Input, _ sums: Output, _ old: Output, _ power: LanePower, _ highs: Output,
    _ lows: Output, _ ahead: Int
  ) -> Bool {
    // The sign of what is too small, too large, or negative.
    var signs = SIMD8<Int32>()
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ before: UpdateLanes.Lane, _ k: Int) -> UpdateLanes.Lane {
      let after = before + g * g
      store(before, old + k)
      let (high, low) = power.exponent(before)
      store(high, highs + k)
      store(low, lows + k)
      let (least, most) = (LanePower.bits(before), LanePower.bits(after))
      signs |= least | (least &- 0x0080_0000) | (0x7f7f_ffff &- most)
      return after
    }
    let whole = count & ~7
    var k = 0
    while k < whole {
      ccpu_prefetch_to_read(gradient + (k &+ ahead))
      ccpu_prefetch(sums + (k &+ ahead))
      store(step(load(gradient + k), load(sums + k), k), sums + k)
      k &+= 8
    }
    let rest = count &- k
    if rest > 0 {
      var (g, before) = (UpdateLanes.Lane(), UpdateLanes.Lane(repeating: 1))
      for i in 0..<rest { (g[i], before[i]) = (gradient[k &+ i], sums[k &+ i]) }
      let after = step(g, before, k)
      for i in 0..<rest { sums[k &+ i] = after[i] }
    }
    return signs.min() >= 0
  }

  /// q log2 of each.
  private static func exponents(
    _ count: Int, _ p: Input, _ power: LanePower, _ highs: Output, _ lows: Output, _ next: Input, _ alsoNext: Input
  ) {
    @inline(__always) func step(_ x: UpdateLanes.Lane, _ k: Int) {
      let (high, low) = power.exponent(x)
      store(high, highs + k)
      store(low, lows + k)
    }
    let whole = count & ~7
    var k = 0
    while k < whole {
      ccpu_prefetch(next + k)
      ccpu_prefetch(alsoNext + k)
      step(load(p + k), k)
      k &+= 8
    }
    if k < count { step(part(p + k, count &- k), k) }
  }

  /// To the end of the last lane.
  private static func powers(_ count: Int, _ highs: Input, _ lows: Input, _ out: Output) {
    var k = 0
    while k < count {
      store(LanePower.power(load(highs + k), load(lows + k)), out + k)
      k &+= 8
    }
  }

  private static func anyPowers(_ count: Int, _ p: Input, _ power: LanePower, _ out: Output) {
    var k = 0
    while k < count {
      store(power.power(part(p + k, min(8, count &- k))), out + k)
      k &+= 8
    }
  }

  private static func part(_ p: Input, _ count: Int) -> UpdateLanes.Lane {
    var x = UpdateLanes.Lane(repeating: 1)
    for i in 0..<count { x[i] = p[i] }
    return x
  }

  /// Slots: the old powers, z, the new powers.
  private static func weights(_ count: Int, _ gradient: Input, _ target: UpdateTarget) {
    let h = target.numbers
    let (perRate, l1, l2, shrinkage) = (h[0], h[1], h[2], h[3])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.1 += g + shrinkage * w - (s.2 - s.0) * perRate * w
      w = solution(s.1, l1) / (s.2 * perRate + l2)
    }
    UpdateLanes.update(target, 0, count, gradient, slots: 3, step)
  }

  /// clip(z, −l1, l1) − z.
  @_transparent
  private static func solution(_ z: UpdateLanes.Lane, _ l1: Float) -> UpdateLanes.Lane {
    z.replacing(with: l1, where: z .> l1).replacing(with: -l1, where: z .< -l1) - z
  }
}
