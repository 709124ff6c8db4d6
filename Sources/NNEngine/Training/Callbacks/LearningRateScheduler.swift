/// Sets the learning rate of each epoch by a function of the user's.
public final class LearningRateScheduler: ConfiguredCallback<LearningRateScheduler.Options>, Callback {
  /// Keras's arguments. Sendable except for the function.
  public struct Options: Configurable, @unchecked Sendable {
    var schedule: FunctionReference?
    var verbose = 0

    /// Keras's defaults.
    public init() {}
    /// Keras's name.
    public static let className = "LearningRateScheduler"
    /// One paragraph.
    public static let doc = """
      Before each epoch sets the learning rate to what a function of the epoch's number (from 0) and the present rate returns; records the \
      rate as 'lr'. Example: LearningRateScheduler(function(epoch, lr) return epoch < 10 and lr or lr * 0.9 end)
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Field(
        "schedule", \.schedule, required: true, check: .function, "The function: of the epoch, or of epoch and rate."),
      Monitor.verboseField(\.verbose, "1: says what each epoch's rate is."),
    ]
  }

  /// The rate must be a number, not a schedule.
  public func prepare(_ run: TrainingRun) throws(NNError) {
    try run.steerRate(className)
    run.announce("lr")
  }

  /// Nothing, but that it has set the rate of the epoch in which the training is.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? { .table(Value.Table()) }

  /// Sets the rate.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    guard let optimizer = run.model.optimizer, let schedule = options.schedule else { return }
    let result = try schedule(.integer(epoch), .number(try optimizer.learningRate))
    guard let rate = Double.decode(result), LearningRate.isRate(rate) else {
      throw .invalid(
        "\(className): the function must return a finite number that is not negative; for epoch \(epoch) it returned \(result.text)"
      )
    }
    try optimizer.setLearningRate(rate)
    if options.verbose > 0 { run.say(epoch: epoch, "LearningRateScheduler setting learning rate to \(rate).") }
  }

  /// Records the rate that the epoch had.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    if let optimizer = run.model.optimizer { logs["lr"] = try optimizer.learningRate }
  }
}
