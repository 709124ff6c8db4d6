/// What an optimizer's learning rate is: a number, or a schedule.
enum LearningRate: ConfigValue {
  case number(Double)
  case schedule(Schedule)

  static let kind = "a finite number that is not negative, a schedule or a function"

  static func decode(_ value: Value) throws(NNError) -> LearningRate? {
    if let rate = Double.decode(value) { return isRate(rate) ? .number(rate) : nil }
    return try Schedule.decode(value).map { .schedule($0) }
  }

  var encoded: Value {
    switch self {
    case .number(let rate): .number(rate)
    case .schedule(let schedule): schedule.encoded
    }
  }

  static func isRate(_ rate: Double) -> Bool { rate >= 0 && rate.isFinite }
}

extension Optimizer {
  /// The rate of the coming step, before `decay`; a schedule of the user's may fail.
  public var learningRate: Double {
    get throws(NNError) {
      switch rate {
      case .number(let rate): rate
      case .schedule(let schedule): try schedule.rate(step: iterations)
      }
    }
  }

  /// What the rate follows, if it is not a number.
  public var schedule: Schedule? { if case .schedule(let schedule) = rate { schedule } else { nil } }

  /// Sets the rate, from the next step on. Where it follows a schedule that is an error, as in Keras: the schedule decides each step's
  /// rate.
  public func setLearningRate(_ new: Double) throws(NNError) {
    guard LearningRate.isRate(new) else {
      throw .invalid("'learning_rate' must be a finite number that is not negative, got \(new)")
    }
    if let schedule {
      throw NNError(
        .state,
        "'learning_rate' follows a schedule (\(schedule.label)), which would override a number; set another schedule, or make the "
          + "optimizer with a number")
    }
    rate = .number(new)
  }

  /// Lets the rate follow a schedule, from the next step on; steps count from the first one after compiling.
  public func setSchedule(_ schedule: Schedule) { rate = .schedule(schedule) }
}
