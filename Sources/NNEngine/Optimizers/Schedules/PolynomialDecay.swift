import Glibc

/// From one rate to another along a power of the remaining time.
struct PolynomialDecay: ScheduleDefinition {
  var initialRate = 0.0
  var decaySteps = 1
  var endRate = 0.0001
  var power = 1.0
  var cycle = false

  static let className = "PolynomialDecay"
  static let doc = """
    The rate goes from initial_learning_rate to end_learning_rate as (1 - t / decay_steps)^power, and stays there; with cycle it jumps up \
    again, and decay_steps grows to the next multiple of itself. Example: PolynomialDecay{0.1, 10000, end_learning_rate=0.001}
    """
  static let fields: [Field<PolynomialDecay>] = [
    ScheduleFields.initialRate(\.initialRate),
    Field("decay_steps", \.decaySteps, required: true, check: .positive, "Steps until end_learning_rate."),
    Field("end_learning_rate", \.endRate, check: .notNegative, "The last rate."),
    Field("power", \.power, check: .positive, "1 is a straight line."),
    Field("cycle", \.cycle, "Whether to begin again after decay_steps."),
  ]

  func rate(step: Double) -> Double {
    let n = Double(decaySteps)
    let length = cycle ? n * max(1, (step / n).rounded(.up)) : n
    return (initialRate - endRate) * pow(1 - min(step, length) / length, power) + endRate
  }
}
