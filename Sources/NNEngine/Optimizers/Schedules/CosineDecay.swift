import Glibc

/// Half a cosine wave down, after a straight line up (Loshchilov and Hutter, 2016).
struct CosineDecay: ScheduleDefinition {
  var initialRate = 0.0
  var decaySteps = 1
  var alpha = 0.0
  var warmupTarget: Double?
  var warmupSteps = 0

  static let className = "CosineDecay"
  static let doc = """
    The rate falls from initial_learning_rate to alpha times that along half a cosine wave of decay_steps steps. With warm-up it first \
    rises in a straight line to warmup_target. Example: CosineDecay{0.0, 10000, warmup_target=0.1, warmup_steps=1000}
    """
  static let fields: [Field<CosineDecay>] = [
    ScheduleFields.initialRate(\.initialRate),
    Field("decay_steps", \.decaySteps, required: true, check: .positive, "Steps until the rate is lowest."),
    Field("alpha", \.alpha, check: .notNegative, "The lowest rate, as a share of the highest."),
    Field("warmup_target", \.warmupTarget, check: .notNegativeOrNil, "The rate after warmup_steps."),
    Field("warmup_steps", \.warmupSteps, check: .notNegative, "Steps of the rise, before the decay_steps."),
  ]

  func validate() throws(NNError) {
    if (warmupTarget == nil) != (warmupSteps == 0) {
      let given = warmupTarget == nil ? "warmup_steps" : "warmup_target"
      let missing = warmupTarget == nil ? "warmup_target" : "warmup_steps"
      throw .invalid("\(Self.className): '\(given)' has no effect without '\(missing)'")
    }
  }

  func rate(step: Double) -> Double {
    let rise = Double(warmupSteps)
    if let warmupTarget, step < rise { return initialRate + (warmupTarget - initialRate) * step / rise }
    let p = min(1, (step - rise) / Double(decaySteps))
    return (warmupTarget ?? initialRate) * Self.fall(p, alpha)
  }

  /// From 1 at the beginning to alpha at the end.
  static func fall(_ p: Double, _ alpha: Double, height: Double = 1) -> Double {
    (1 - alpha) * 0.5 * height * (1 + cos(.pi * p)) + alpha
  }
}
