/// rate₀ / (1 + d · t / n)
struct InverseTimeDecay: ScheduleDefinition {
  var initialRate = 0.0
  var decaySteps = 1
  var decayRate = 0.0
  var staircase = false

  static let className = "InverseTimeDecay"
  static let doc = """
    After t steps the rate is initial_learning_rate / (1 + decay_rate * t / decay_steps). Example: InverseTimeDecay{0.01, 1, 1e-4}
    """
  static let fields: [Field<InverseTimeDecay>] = [
    ScheduleFields.initialRate(\.initialRate),
    Field("decay_steps", \.decaySteps, required: true, check: .positive, "Steps in which decay_rate is added once."),
    Field("decay_rate", \.decayRate, required: true, check: .notNegative, "What is added to the divisor."),
    ScheduleFields.staircase(\.staircase),
  ]

  func rate(step: Double) -> Double {
    let p = step / Double(decaySteps)
    return initialRate / (1 + decayRate * (staircase ? p.rounded(.down) : p))
  }
}
