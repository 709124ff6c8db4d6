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

  /// In three passes over a part that stays in the cache: both powers are too long for one loop, in which nothing of the next weights would
  /// be under way while these are computed.
  private static let anyPower: RowUpdate = { count, gradient, at, target in
    let numbers = target.numbers
    guard !isStill(numbers), let accumulator = target.slots.0, let linear = target.slots.1 else { return }
    var scratch = ccpu_scratch()
    withUnsafeMutablePointer(to: &scratch) { scratch in
      let old = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
      let new = old + powersAtOnce
      var i = 0
      while i < count {
        let (n, from, g) = (min(powersAtOnce, count &- i), at &+ i, gradient + i)
        let sums = accumulator + from
        var k = 0
        while k < n {
          old[k] = sums[k]
          sums[k] += g[k] * g[k]
          new[k] = sums[k]
          k &+= 1
        }
        raise(old, n, to: numbers[4], new + powersAtOnce)
        raise(new, n, to: numbers[4], new + powersAtOnce)
        weights(
          n, g,
          UpdateTarget(
            weights: target.weights + from, slots: (old, linear + from, new), hyperparameters: target.hyperparameters))
        i &+= n
      }
    }
  }

  private static var powersAtOnce: Int { 256 }

  /// Goes on to the end of the last lane; `scratch` is for twice as many numbers.
  private static func raise(_ p: Output, _ count: Int, to power: Float, _ scratch: Output) {
    func load(_ p: Output) -> UpdateLanes.Lane { UnsafeRawPointer(p).loadUnaligned(as: UpdateLanes.Lane.self) }
    func store(_ x: UpdateLanes.Lane, _ p: Output) {
      UnsafeMutableRawPointer(p).storeBytes(of: x, as: UpdateLanes.Lane.self)
    }
    let rests = scratch + powersAtOnce
    var i = 0
    while i < count {
      let (whole, rest) = exponentOfPower(load(p + i), power)
      store(whole, scratch + i)
      store(rest, rests + i)
      i &+= 8
    }
    i = 0
    while i < count {
      store(powerOfTwo(load(scratch + i), load(rests + i)), p + i)
      i &+= 8
    }
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
