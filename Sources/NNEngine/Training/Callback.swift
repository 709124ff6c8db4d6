/// Watches and steers a training, an evaluation or a prediction: Keras's hooks. Epochs and batches are counted from 0. An error that
/// a callback throws ends the call with it.
public protocol Callback: AnyObject {
  /// Before a training begins, and before anything is computed: what cannot work with this run is an error here.
  func prepare(_ run: TrainingRun) throws(NNError)
  /// Before the first epoch.
  func trainBegan(_ run: TrainingRun) throws(NNError)
  /// At the end, also of a cancelled training.
  func trainEnded(_ run: TrainingRun) throws(NNError)
  /// Before an epoch's first batch.
  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError)
  /// After an epoch and its validation. What is put into the logs here, the history records, and later callbacks see.
  func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError)
  /// Before each batch of the training.
  func batchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError)
  /// After each batch of the training; `run.logs()` has the running means.
  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError)
  /// Before an evaluation, also of the validation data during a training.
  func testBegan(_ run: TrainingRun) throws(NNError)
  /// After an evaluation.
  func testEnded(_ logs: Logs, _ run: TrainingRun) throws(NNError)
  /// Before each batch of an evaluation.
  func testBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError)
  /// After each batch of an evaluation; `run.logs()` has the running means.
  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError)
  /// Before a prediction.
  func predictBegan(_ run: TrainingRun) throws(NNError)
  /// After a prediction.
  func predictEnded(_ run: TrainingRun) throws(NNError)
  /// Before each batch of a prediction.
  func predictBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError)
  /// After each batch of a prediction.
  func predictBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError)
}

extension Callback {
  /// Accepts.
  public func prepare(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func batchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func testBegan(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func testEnded(_ logs: Logs, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func testBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func predictBegan(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func predictEnded(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func predictBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func predictBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {}
}

/// Named numbers of an epoch, in order: "loss", metrics, "val_loss" …
public final class Logs {
  /// Names and values.
  public private(set) var entries: [(name: String, value: Double)]

  /// Logs with these entries.
  public init(_ entries: [(name: String, value: Double)] = []) { self.entries = entries }

  /// The value of a name; nil where there is none. Setting nil removes.
  public subscript(name: String) -> Double? {
    get { entries.first { $0.name == name }?.value }
    set {
      if let i = entries.firstIndex(where: { $0.name == name }) {
        if let newValue { entries[i].value = newValue } else { entries.remove(at: i) }
      } else if let newValue {
        entries.append((name, newValue))
      }
    }
  }
}

/// A training (or an evaluation) while it runs, as callbacks see it.
public final class TrainingRun {
  /// The model that is trained or evaluated.
  public let model: Model
  /// Number of the last epoch, plus 1.
  public let epochs: Int
  /// Batches in an epoch; 0 when a generator does not say.
  public let steps: Int
  /// Samples in an epoch; 0 when they come from a generator.
  public let samples: Int
  /// Samples of the validation set, 0 without one.
  public let validationSamples: Int
  /// The names that `logs()` gives values for.
  public let names: [String]
  /// Samples seen in this epoch.
  public internal(set) var samplesSeen = 0
  /// Batches seen in this epoch.
  public internal(set) var stepsSeen = 0
  /// What fit records.
  public let history: History
  /// Whether nothing is trained: evaluate, or a pass over the validation data.
  public let isEvaluation: Bool
  /// Whether there is validation data.
  public let isValidating: Bool
  /// The names that an epoch's logs will have: `names`, and with validation data the same after "val_".
  public var epochNames: [String] { names + (isValidating ? names.map { "val_" + $0 } : []) }
  /// Whether a callback asked to end the training.
  public private(set) var isStopping = false
  var totals: BatchTotals?

  init(
    _ model: Model, epochs: Int, steps: Int, samples: Int, validationSamples: Int = 0, isValidating: Bool = false,
    names: [String] = [], history: History = History(), isEvaluation: Bool = false
  ) {
    self.isValidating = isValidating
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
