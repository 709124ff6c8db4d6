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

  /// In steps for some weights at a time, whose numbers stay in the cache: powers are too long for one loop, in which nothing of the next
  /// weights would be under way while these are computed. While they are, what the next ones need is fetched.
  private static let anyPower: RowUpdate = { count, gradient, at, target in
    guard !isStill(target.numbers), let sums = target.slots.0, let linear = target.slots.1 else { return }
    let formula = Formula(target.hyperparameters)
    var scratch = ccpu_fresh_scratch()
    withUnsafeMutablePointer(to: &scratch) { scratch in
      let first = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
      let second = first + 2 &* atOnce
      var i = 0
      while i < count {
        let (n, from) = (min(atOnce, count &- i), at &+ i)
        let ahead = count &- i >= distance &+ atOnce ? distance : 0
        let (g, s, w, z, whole) = (gradient + i, sums + from, target.weights + from, linear + from, n & ~15)
        if reduce(whole, g, s, formula, first, second, ahead) && formula.power.staysNormal {
          exponents(whole, formula, first, second, z + ahead)
          powers(whole, first, w + ahead)
          move(whole, g, s, w, z, formula, first)
        } else {
          moveAny(whole, g, s, w, z, formula)
        }
        if whole < n { moveAny(n &- whole, g + whole, s + whole, w + whole, z + whole, formula) }
        i &+= n
      }
    }
  }

  private static var atOnce: Int { @inline(__always) get { 256 } }
  /// Far enough for memory to answer in time.
  private static var distance: Int { @inline(__always) get { 512 } }

  /// What a step does to a lane, given the powers.
  private struct Formula {
    let (kept, perRate, l1, l2, shrinkage): (Float, Float, Float, Float, Float)
    let power: LanePower

    init(_ h: Input) {
      (kept, perRate, l1, l2, shrinkage, power) = (h[0], h[1], h[2], h[3], h[4], LanePower(h[5]))
    }

    @inline(__always) func sum(_ before: UpdatePair, _ g: UpdatePair) -> UpdatePair { fma(g, g, before) }

    @inline(__always) func move(
      _ g: UpdatePair, _ old: UpdatePair, _ new: UpdatePair, _ w: inout UpdatePair, _ z: inout UpdatePair
    ) {
      let weights = w * kept
      z = z + fma((old - new) * perRate, weights, fma(weights, shrinkage, g))
      let (a, b) = (solution(z.a, l1), solution(z.b, l1))
      w =
        UpdatePair(a, b)
        / fma(new, perRate, UpdatePair(UpdateLanes.Lane(repeating: l2), UpdateLanes.Lane(repeating: l2)))
    }
  }

  /// What the powers begin with, to `first` and `second`: of two lanes of the sums, then of what they become, and so on. Are all normal numbers
  /// below 2^126, before and after?
  @inline(never) private static func reduce(
    _ count: Int, _ gradient: Input, _ sums: Input, _ formula: Formula, _ first: Output, _ second: Output,
    _ ahead: Int
  ) -> Bool {
    // NaN and negative numbers, without their signs, are the greatest.
    var (least, most) = (SIMD8<Int32>(repeating: .max), SIMD8<Int32>())
    var k = 0
    while k < count {
      ccpu_prefetch_to_read(gradient + (k &+ ahead))
      ccpu_prefetch(sums + (k &+ ahead))
      let before = UpdatePair(at: sums + k)
      let after = formula.sum(before, UpdatePair(at: gradient + k))
      least = ccpu_least8(ccpu_least8(least, LanePower.bits(before.a)), LanePower.bits(before.b))
      most = ccpu_most_unsigned8(ccpu_most_unsigned8(most, LanePower.bits(after.a)), LanePower.bits(after.b))
      let (old, new) = (formula.power.reduced(before), formula.power.reduced(after))
      old.r.store(to: first + 2 &* k)
      new.r.store(to: first + (2 &* k &+ 16))
      old.place.store(to: second + 2 &* k)
      new.place.store(to: second + (2 &* k &+ 16))
      k &+= 16
    }
    return (least | (least &- 0x0080_0000) | most | (0x7e7f_ffff &- most)).min() >= 0
  }

  /// To `first` what is in the exponents; fetches what comes after `next` meanwhile, as `powers` does.
  @inline(never) private static func exponents(
    _ count: Int, _ formula: Formula, _ first: Output, _ second: Input, _ next: Input
  ) {
    var k = 0
    while k < 2 &* count {
      ccpu_prefetch(next + k / 2)
      formula.power.exponents(UpdatePair(at: first + k), UpdatePair(at: second + k)).store(to: first + k)
      k &+= 16
    }
  }

  @inline(never) private static func powers(_ count: Int, _ first: Output, _ next: Input) {
    var k = 0
    while k < 2 &* count {
      ccpu_prefetch(next + k / 2)
      LanePower.powers(UpdatePair(at: first + k)).store(to: first + k)
      k &+= 16
    }
  }

  /// `powers` has the old ones and the new ones, by two lanes.
  @inline(never) private static func move(
    _ count: Int, _ gradient: Input, _ sums: Output, _ weights: Output, _ linear: Output, _ formula: Formula,
    _ powers: Input
  ) {
    var k = 0
    while k < count {
      let g = UpdatePair(at: gradient + k)
      var (w, z) = (UpdatePair(at: weights + k), UpdatePair(at: linear + k))
      formula.move(g, UpdatePair(at: powers + 2 &* k), UpdatePair(at: powers + (2 &* k &+ 16)), &w, &z)
      formula.sum(UpdatePair(at: sums + k), g).store(to: sums + k)
      z.store(to: linear + k)
      w.store(to: weights + k)
      k &+= 16
    }
  }

  /// All steps for any numbers, and for less than two lanes.
  private static func moveAny(
    _ count: Int, _ gradient: Input, _ sums: Output, _ weights: Output, _ linear: Output, _ formula: Formula
  ) {
    var k = 0
    while k < count {
      let rest = min(8, count &- k)
      let (g, before) = (part(gradient + k, rest), part(sums + k, rest))
      let after = formula.sum(before, g)
      var (w, z) = (part(weights + k, rest), part(linear + k, rest))
      formula.move(g, power(formula.power, before), power(formula.power, after), &w, &z)
      for i in 0..<rest { (sums[k &+ i], linear[k &+ i], weights[k &+ i]) = (after.a[i], z.a[i], w.a[i]) }
      k &+= 8
    }
  }

  private static func power(_ power: LanePower, _ n: UpdatePair) -> UpdatePair {
    let x = power.power(n.a)
    return UpdatePair(x, x)
  }

  private static func part(_ p: Input, _ count: Int) -> UpdatePair {
    var x = UpdateLanes.Lane(repeating: 1)
    for i in 0..<count { x[i] = p[i] }
    return UpdatePair(x, x)
  }

  /// clip(z, −l1, l1) − z.
  @_transparent
  private static func solution(_ z: UpdateLanes.Lane, _ l1: Float) -> UpdateLanes.Lane {
    ccpu_max8(UpdateLanes.Lane(repeating: -l1), ccpu_min8(UpdateLanes.Lane(repeating: l1), z)) - z
  }
}
