import Glibc

/// rate₀ · d^(t / n)
struct ExponentialDecay: ScheduleDefinition {
  var initialRate = 0.0
  var decaySteps = 1
  var decayRate = 1.0
  var staircase = false

  static let className = "ExponentialDecay"
  static let doc = """
    After t steps the rate is initial_learning_rate * decay_rate^(t / decay_steps). Example: ExponentialDecay{0.01, 20 * 1719, 0.1}
    """
  static let fields: [Field<ExponentialDecay>] = [
    ScheduleFields.initialRate(\.initialRate),
    Field("decay_steps", \.decaySteps, required: true, check: .positive, "Steps until it is decay_rate times as large."),
    Field("decay_rate", \.decayRate, required: true, check: .positive, "The factor for decay_steps steps."),
    ScheduleFields.staircase(\.staircase),
  ]

  func rate(step: Double) -> Double {
    let p = step / Double(decaySteps)
    return initialRate * pow(decayRate, staircase ? p.rounded(.down) : p)
  }
}
