/// A learning rate as a function of the number of steps that an optimizer has made.
protocol ScheduleDefinition: Configurable {
  /// The rate of the step that follows `step` steps.
  func rate(step: Double) -> Double
}

/// A schedule that is the user's own function.
public protocol ScheduleFunction: AnyObject {
  /// The rate of the step that follows `step` steps. An error ends the training with it.
  func rate(step: Int) throws(NNError) -> Double
}

/// What every schedule has beside its own fields.
struct ScheduleConfiguration<D: ScheduleDefinition>: Configurable {
  var definition = D()
  var name: String?

  static var className: String { D.className }
  static var doc: String { D.doc }
  static var fields: [Field<ScheduleConfiguration<D>>] {
    D.fields.map { $0.lifted(\.definition) } + [Field("name", \.name, "Its name; without meaning.")]
  }
  func validate() throws(NNError) { try definition.validate() }
}

/// What several schedules are declared with.
enum ScheduleFields {
  static func initialRate<D: ScheduleDefinition>(
    _ path: any WritableKeyPath<D, Double> & Sendable
  ) -> Field<D> {
    Field("initial_learning_rate", path, required: true, check: .notNegative, "The rate of the first step.")
  }

  static func staircase<D: ScheduleDefinition>(_ path: any WritableKeyPath<D, Bool> & Sendable) -> Field<D> {
    Field("staircase", path, "Whether the rate changes only after every decay_steps steps.")
  }
}
