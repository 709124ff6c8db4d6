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
        let (g, s, w, z, whole) = (gradient + i, sums + from, target.weights + from, linear + from, n & ~7)
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

  @inline(__always) private static func load(_ p: Input) -> UpdateLanes.Lane {
    UnsafeRawPointer(p).loadUnaligned(as: UpdateLanes.Lane.self)
  }
  @inline(__always) private static func store(_ x: UpdateLanes.Lane, _ p: Output) {
    UnsafeMutableRawPointer(p).storeBytes(of: x, as: UpdateLanes.Lane.self)
  }

  /// What a step does to a lane, given the powers.
  private struct Formula {
    let (kept, perRate, l1, l2, shrinkage): (Float, Float, Float, Float, Float)
    let power: LanePower

    init(_ h: Input) {
      (kept, perRate, l1, l2, shrinkage, power) = (h[0], h[1], h[2], h[3], h[4], LanePower(h[5]))
    }

    @inline(__always) func sum(_ before: UpdateLanes.Lane, _ g: UpdateLanes.Lane) -> UpdateLanes.Lane {
      fma(g, g, before)
    }

    @inline(__always) func move(
      _ g: UpdateLanes.Lane, _ old: UpdateLanes.Lane, _ new: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane,
      _ z: inout UpdateLanes.Lane
    ) {
      let weights = w * kept
      z += fma((old - new) * perRate, weights, fma(weights, UpdateLanes.Lane(repeating: shrinkage), g))
      w = solution(z, l1) / fma(new, perRate, l2)
    }
  }

  /// What the powers begin with, to `first` and `second`: of a lane of the sums, then of what they become, and so on. Are all normal numbers
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
      let before = load(sums + k)
      let after = formula.sum(before, load(gradient + k))
      let (a, b) = (formula.power.reduced(before), formula.power.reduced(after))
      least = ccpu_least8(least, LanePower.bits(before))
      most = ccpu_most_unsigned8(most, LanePower.bits(after))
      store(a.r, first + 2 &* k)
      store(b.r, first + (2 &* k &+ 8))
      store(a.place, second + 2 &* k)
      store(b.place, second + (2 &* k &+ 8))
      k &+= 8
    }
    return (least | (least &- 0x0080_0000) | most | (0x7e7f_ffff &- most)).min() >= 0
  }

  /// To `first` what is in the exponents; fetches what comes after `next` meanwhile, as `powers` does.
  @inline(never) private static func exponents(
    _ count: Int, _ formula: Formula, _ first: Output, _ second: Input, _ next: Input
  ) {
    var k = 0
    while k < count {
      ccpu_prefetch(next + k)
      let p = first + 2 &* k
      let q = second + 2 &* k
      let (a, b) = formula.power.exponents((load(p), load(q)), (load(p + 8), load(q + 8)))
      store(a, p)
      store(b, p + 8)
      k &+= 8
    }
  }

  @inline(never) private static func powers(_ count: Int, _ first: Output, _ next: Input) {
    var k = 0
    while k < count {
      ccpu_prefetch(next + k)
      let p = first + 2 &* k
      let (a, b) = LanePower.powers(load(p), load(p + 8))
      store(a, p)
      store(b, p + 8)
      k &+= 8
    }
  }

  /// `powers` has the old ones and the new ones, lane by lane.
  @inline(never) private static func move(
    _ count: Int, _ gradient: Input, _ sums: Output, _ weights: Output, _ linear: Output, _ formula: Formula,
    _ powers: Input
  ) {
    var k = 0
    while k < count {
      let g = load(gradient + k)
      var (w, z) = (load(weights + k), load(linear + k))
      formula.move(g, load(powers + 2 &* k), load(powers + (2 &* k &+ 8)), &w, &z)
      store(formula.sum(load(sums + k), g), sums + k)
      store(z, linear + k)
      store(w, weights + k)
      k &+= 8
    }
  }

  /// All steps for any numbers, and for less than a lane.
  private static func moveAny(
    _ count: Int, _ gradient: Input, _ sums: Output, _ weights: Output, _ linear: Output, _ formula: Formula
  ) {
    var k = 0
    while k < count {
      let rest = min(8, count &- k)
      let (g, before) = (part(gradient + k, rest), part(sums + k, rest))
      let after = formula.sum(before, g)
      var (w, z) = (part(weights + k, rest), part(linear + k, rest))
      formula.move(g, formula.power.power(before), formula.power.power(after), &w, &z)
      for i in 0..<rest { (sums[k &+ i], linear[k &+ i], weights[k &+ i]) = (after[i], z[i], w[i]) }
      k &+= 8
    }
  }

  private static func part(_ p: Input, _ count: Int) -> UpdateLanes.Lane {
    var x = UpdateLanes.Lane(repeating: 1)
    for i in 0..<count { x[i] = p[i] }
    return x
  }

  /// clip(z, −l1, l1) − z.
  @_transparent
  private static func solution(_ z: UpdateLanes.Lane, _ l1: Float) -> UpdateLanes.Lane {
    ccpu_max8(UpdateLanes.Lane(repeating: -l1), ccpu_min8(UpdateLanes.Lane(repeating: l1), z)) - z
  }
}
