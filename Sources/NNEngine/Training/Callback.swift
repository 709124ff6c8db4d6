/// Watches and steers a training, an evaluation or a prediction: Keras's hooks. Epochs and batches are counted from 0. An error that
/// a callback throws ends the call with it.
public protocol Callback: AnyObject {
  /// Before a training begins, and before anything is computed: what cannot work with this run is an error here.
  func prepare(_ run: TrainingRun) throws(NNError)
  /// Whether the training may go on with a loss that is NaN or infinite. Else fit fails, and goes back to the epoch's beginning.
  var acceptsNotFinite: Bool { get }
  /// Before the first epoch.
  func trainBegan(_ run: TrainingRun) throws(NNError)
  /// In place of `trainBegan` when an interrupted training, of which `trainEnded` was told, goes on.
  func trainResumed(_ run: TrainingRun) throws(NNError)
  /// What the callback must know to go on after a crash, asked for by BackupAndRestore at the border between two batches: numbers, texts, lists,
  /// tables, and tensors in boxes. nil when it keeps nothing: after a crash it begins anew.
  func backup(_ run: TrainingRun) throws(NNError) -> Value?
  /// In place of `trainBegan` when the training goes on from a backup, with what `backup` said. An epoch whose first batches were before the crash
  /// has begun for it already: `epochBegan` is not called again.
  func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError)
  /// Under which name a backup keeps what it said: its class's.
  var backupName: String { get }
  /// At the end, also of a cancelled training: then `run.history.interruption` says where, and the training may be resumed.
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
  /// It may not.
  public var acceptsNotFinite: Bool { false }
  /// Does nothing.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {}
  /// Does nothing.
  public func trainResumed(_ run: TrainingRun) throws(NNError) {}
  /// It keeps nothing.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? { nil }
  /// Begins anew.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) { try trainBegan(run) }
  /// The class's name.
  public var backupName: String { (self as? any ReadableCallback)?.className ?? String(describing: type(of: self)) }
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

  /// Whether anybody will see what is added.
  public let isOpen: Bool

  /// Logs with these entries.
  public init(_ entries: [(name: String, value: Double)] = [], isOpen: Bool = true) {
    self.entries = entries
    self.isOpen = isOpen
  }

  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

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
