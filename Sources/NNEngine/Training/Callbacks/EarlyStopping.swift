/// Ends the training when a quantity has stopped getting better.
///
/// The arithmetic is Keras 2's: `best` begins at the baseline if there is one, and only what beats it by more than min_delta counts.
/// One thing is not: the best weights come back whenever the training ends, not only when this callback ended it.
public final class EarlyStopping: ConfiguredCallback<EarlyStopping.Options>, Callback {
  /// Keras's arguments.
  public struct Options: Configurable {
    var monitor = "val_loss"
    var minDelta = 0.0
    var patience = 0
    var verbose = 0
    var mode = "auto"
    var baseline: Double?
    var restoresBestWeights = false
    var startFromEpoch = 0

    /// Keras's defaults.
    public init() {}
    /// Keras's name.
    public static let className = "EarlyStopping"
    /// One paragraph.
    public static let doc = """
      Ends the training when a quantity has not become better for 'patience' epochs. With restore_best_weights the model ends with the \
      weights of the best epoch, however the training ends. Example: EarlyStopping{patience=5, restore_best_weights=true}
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Monitor.field(\.monitor),
      Field("min_delta", \.minDelta, check: .finite, "What is better by no more than this does not count."),
      Field("patience", \.patience, check: .notNegative, "Ends after so many epochs in a row without improvement."),
      Monitor.verboseField(\.verbose, "1: says why the training ends."),
      Monitor.modeField(\.mode),
      Field("baseline", \.baseline, "What must be beaten before anything counts as an improvement."),
      Field("restore_best_weights", \.restoresBestWeights, "Whether the model ends with the best epoch's weights."),
      Field("start_from_epoch", \.startFromEpoch, check: .notNegative, "Epochs before this one, from 0, do not count."),
    ]
  }

  private let monitor: Monitor
  private var best = 0.0
  private var wait = 0
  private var stoppedEpoch = 0
  private var hasStopped = false
  private var kept: (epoch: Int, value: Double, weights: [Tensor])?
  private var bestEpoch: Int?

  override init(_ options: Options) {
    monitor = Monitor(options.monitor, mode: options.mode)
    super.init(options)
    reset()
  }

  private func reset() {
    best = options.baseline ?? monitor.worst
    (wait, stoppedEpoch, hasStopped, kept, bestEpoch) = (0, 0, false, nil, nil)
  }

  /// best, wait, stopped_epoch (0 when it has not stopped), best_epoch, best_weights.
  public override var state: Value.Table {
    Value.Table([
      ("best", .number(best)), ("wait", .integer(wait)), ("stopped_epoch", .integer(stoppedEpoch)),
      ("best_epoch", bestEpoch.map { .integer($0) } ?? .null), ("best_weights", .weights(kept?.weights)),
    ])
  }

  /// The quantity must be one that is recorded.
  public func prepare(_ run: TrainingRun) throws(NNError) {
    try monitor.check(run.epochNames, run, className)
    if options.startFromEpoch >= run.epochs {
      throw .invalid(
        "\(className): has no effect, since 'start_from_epoch' (\(options.startFromEpoch)) is not before the last epoch (\(run.epochs))"
      )
    }
  }

  /// Forgets an earlier training.
  public func trainBegan(_ run: TrainingRun) throws(NNError) { reset() }

  /// All that it has found out, the best weights included.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    let best = kept.map { kept in
      Value.table(
        Value.Table([
          ("epoch", .integer(kept.epoch)), ("value", .number(kept.value)), ("weights", .weights(kept.weights)),
        ]))
    }
    return .table(
      Value.Table([
        ("best", .number(self.best)), ("wait", .integer(wait)), ("stopped_epoch", .integer(stoppedEpoch)),
        ("has_stopped", .bool(hasStopped)), ("best_epoch", bestEpoch.map { .integer($0) } ?? .null),
        ("kept", best ?? .null),
      ]))
  }

  /// Knows again what it knew.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    let memory = try Remembered(backup, className)
    (best, wait) = (try memory.number("best"), try memory.count("wait"))
    (stoppedEpoch, hasStopped) = (try memory.count("stopped_epoch"), try memory.bool("has_stopped"))
    bestEpoch = try memory.countOrNil("best_epoch")
    kept = nil
    if memory.has("kept") {
      let best = try Remembered(memory["kept"], className)
      kept = (try best.count("epoch"), try best.number("value"), try best.tensors("weights") ?? [])
    }
  }

  /// Counts, keeps and stops.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    guard let value = try monitor.value(logs, run, className), epoch >= options.startFromEpoch else { return }
    let improves = monitor.isBetter(value, than: best, by: options.minDelta.magnitude)
    // Before the baseline is beaten the best so far is kept, so that there is something to go back to.
    if improves || (bestEpoch == nil && monitor.isBetter(value, than: kept?.value ?? monitor.worst)) {
      if options.restoresBestWeights { kept = (epoch, value, try run.model.getWeights()) }
    }
    if improves {
      (best, bestEpoch, wait) = (value, epoch, 0)
      return
    }
    wait += 1
    if wait >= options.patience {
      (stoppedEpoch, hasStopped) = (epoch, true)
      run.stop()
    }
  }

  /// Goes back to the best weights.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {
    if let kept {
      try run.model.setWeights(kept.weights)
      if options.verbose > 0 {
        run.say("Restoring model weights from the end of the best epoch: \(kept.epoch + 1).")
      }
    }
    if hasStopped, options.verbose > 0 { run.say(epoch: stoppedEpoch, "early stopping") }
  }
}
