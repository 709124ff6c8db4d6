/// Watches and steers a training. Epochs and batches are counted from 0. An error that a callback throws ends fit with it.
public protocol Callback: AnyObject {
  /// Before the first epoch.
  func trainBegan(_ run: TrainingRun) throws(NNError)
  /// Before an epoch's first batch.
  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError)
  /// After each batch; `run.logs()` has the running means.
  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError)
  /// After an epoch and its validation.
  func epochEnded(_ epoch: Int, _ logs: [(name: String, value: Double)], _ run: TrainingRun) throws(NNError)
  /// At the end, also of a cancelled training.
  func trainEnded(_ run: TrainingRun) throws(NNError)
}

extension Callback {
  /// Does nothing.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func epochEnded(_ epoch: Int, _ logs: [(name: String, value: Double)], _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {}
}

/// A training (or an evaluation) while it runs, as callbacks see it.
public final class TrainingRun {
  /// The model that is trained or evaluated.
  public let model: Model
  /// Number of the last epoch, plus 1.
  public let epochs: Int
  /// Batches in an epoch.
  public let steps: Int
  /// Samples in an epoch.
  public let samples: Int
  /// Samples of the validation set, 0 without one.
  public let validationSamples: Int
  /// The names that `logs()` gives values for.
  public let names: [String]
  /// Samples seen in this epoch.
  public internal(set) var samplesSeen = 0
  /// What fit records.
  public let history: History
  /// Whether nothing is trained: evaluate.
  public let isEvaluation: Bool
  /// Whether a callback asked to end the training.
  public private(set) var isStopping = false
  var totals: BatchTotals?

  init(
    _ model: Model, epochs: Int, steps: Int, samples: Int, validationSamples: Int, names: [String], history: History,
    isEvaluation: Bool = false
  ) {
    self.model = model
    self.epochs = epochs
    self.steps = steps
    self.samples = samples
    self.validationSamples = validationSamples
    self.names = names
    self.history = history
    self.isEvaluation = isEvaluation
  }

  /// Means over the samples of this epoch so far.
  public func logs() -> [(name: String, value: Double)] {
    guard let totals else { return [] }
    return Array(zip(names, totals.values()))
  }

  /// Ends the training: after this batch, or after this epoch when called from epochEnded.
  public func stop() { isStopping = true }
}
