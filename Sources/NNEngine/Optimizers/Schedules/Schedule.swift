/// A learning rate that changes from step to step.
public struct Schedule: Registered {
  private enum Source {
    case definition(any ScheduleDefinition, Value.Table)
    case function(any ScheduleFunction)
  }
  private let source: Source

  /// The user's own function as a schedule.
  public init(_ function: any ScheduleFunction) { source = .function(function) }

  init<D: ScheduleDefinition>(_ configuration: ScheduleConfiguration<D>) {
    source = .definition(configuration.definition, configuration.configuration)
  }

  /// The rate of the step that follows `step` steps.
  public func rate(step: Int) throws(NNError) -> Double {
    let rate =
      switch source {
      case .definition(let definition, _): definition.rate(step: Double(step))
      case .function(let function): try function.rate(step: step)
      }
    guard LearningRate.isRate(rate) else {
      throw .invalid(
        "\(label): the rate must be a finite number that is not negative; after \(step) steps it is \(rate)")
    }
    return rate
  }

  /// The class name.
  var label: String { serialized?.className ?? "a function" }

  /// Class name and configuration; nil for a user's function.
  public var serialized: (className: String, configuration: Value.Table)? {
    guard case .definition(let definition, let configuration) = source else { return nil }
    return (type(of: definition).className, configuration)
  }

  package static func decode(_ value: Value) throws(NNError) -> Schedule? {
    if case .object(let object) = value, let function = object as? any ScheduleFunction { return Schedule(function) }
    if let function = FunctionReference.decode(value) { return Schedule(FunctionSchedule(function)) }
    return try registry.make(value)
  }

  /// All schedules.
  public static let registry = Registry<Schedule>(
    "schedule",
    [
      entry(ExponentialDecay.self), entry(PiecewiseConstantDecay.self), entry(PolynomialDecay.self),
      entry(InverseTimeDecay.self), entry(CosineDecay.self), entry(CosineDecayRestarts.self),
    ])

  private static func entry<D: ScheduleDefinition>(_ type: D.Type) -> Registry<Schedule>.Entry {
    .init(ScheduleConfiguration<D>.self) { Schedule($0) }
  }
}
