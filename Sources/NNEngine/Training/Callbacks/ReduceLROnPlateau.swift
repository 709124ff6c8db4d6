/// Lowers the learning rate when a quantity has stopped getting better: Keras 2's algorithm.
public final class ReduceLROnPlateau: ConfiguredCallback<ReduceLROnPlateau.Options>, Callback {
  /// Keras's arguments.
  public struct Options: Configurable {
    var monitor = "val_loss"
    var factor = 0.1
    var patience = 10
    var verbose = 0
    var mode = "auto"
    var minDelta = 1e-4
    var cooldown = 0
    var minimum = 0.0

    /// Keras's defaults.
    public init() {}
    /// Keras's name.
    public static let className = "ReduceLROnPlateau"
    /// One paragraph.
    public static let doc = """
      Multiplies the learning rate by 'factor' when a quantity has not become better for 'patience' epochs; records the rate as 'lr'. \
      Example: ReduceLROnPlateau{factor=0.5, patience=5}
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Monitor.field(\.monitor),
      Field(
        "factor", \.factor, check: Check("a number in (0, 1)") { $0 > 0 && $0 < 1 }, "What the rate is multiplied by."),
      Field("patience", \.patience, check: .notNegative, "Lowers after so many epochs in a row without improvement."),
      Monitor.verboseField(\.verbose, "1: says when the rate changes."),
      Monitor.modeField(\.mode),
      Field(
        "min_delta", \.minDelta, aliases: ["epsilon"], check: .notNegative,
        "What is better by no more than this does not count."),
      Field("cooldown", \.cooldown, check: .notNegative, "Epochs after a change in which nothing is counted."),
      Field("min_lr", \.minimum, check: .notNegative, "The rate does not fall below this."),
    ]
  }

  private let monitor: Monitor
  private var best = 0.0
  private var wait = 0
  private var cooldown = 0

  override init(_ options: Options) {
    monitor = Monitor(options.monitor, mode: options.mode)
    super.init(options)
    reset()
  }

  private func reset() { (best, wait, cooldown) = (monitor.worst, 0, 0) }

  /// best, wait, cooldown_counter.
  public override var state: Value.Table {
    Value.Table([("best", .number(best)), ("wait", .integer(wait)), ("cooldown_counter", .integer(cooldown))])
  }

  /// The rate must be a number, the quantity one that is recorded.
  public func prepare(_ run: TrainingRun) throws(NNError) {
    try run.steerRate(className)
    run.announce("lr")
    try monitor.check(run.epochNames, run, className)
  }

  /// Forgets an earlier training.
  public func trainBegan(_ run: TrainingRun) throws(NNError) { reset() }

  /// What it has found out.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? { .table(state) }
  /// Knows again what it knew.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    let memory = try Remembered(backup, className)
    (best, wait, cooldown) = (
      try memory.number("best"), try memory.count("wait"), try memory.count("cooldown_counter")
    )
  }

  /// Records the rate that the epoch had, and perhaps lowers the next one's.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    guard let optimizer = run.model.optimizer else { return }
    let rate = try optimizer.learningRate
    logs["lr"] = rate
    guard let value = try monitor.value(logs, run, className) else { return }
    if cooldown > 0 {
      cooldown -= 1
      wait = 0
    }
    if monitor.isBetter(value, than: best, by: options.minDelta) {
      (best, wait) = (value, 0)
      return
    }
    guard cooldown == 0 else { return }
    wait += 1
    guard wait >= options.patience, rate > options.minimum else { return }
    let new = max(rate * options.factor, options.minimum)
    try optimizer.setLearningRate(new)
    if options.verbose > 0 { run.say(epoch: epoch, "ReduceLROnPlateau reducing learning rate to \(new).") }
    (cooldown, wait) = (options.cooldown, 0)
  }
}
