internal import CNN
internal import NNEngine

/// Between a training run and the C program that asked for it: tells the callback of progress, and passes on what it or
/// nn_cancel wants.
final class Progress: Callback {
  private let model: Model
  private let word: Int
  private let callback: nn_progress?
  private let user: UnsafeMutableRawPointer?
  private let hearsOfBatches: Bool
  private let events = Events()

  init(_ model: Model, word: Int, _ options: nn_fit_options) {
    self.model = model
    self.word = word
    callback = options.callback
    user = options.user
    hearsOfBatches = options.callback != nil && options.epochs_only == 0
  }

  func prepare(_ run: TrainingRun) throws(NNError) {
    guard callback != nil else { return }
    run.say = { [unowned self, unowned run] text in
      if let goesOn = try? send(NN_EVENT_MESSAGE, run, message: text), !goesOn { stop() }
    }
  }

  func trainBegan(_ run: TrainingRun) throws(NNError) { if try !send(NN_EVENT_TRAIN_BEGIN, run) { stop() } }

  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    events.epoch = epoch
    if try !send(NN_EVENT_EPOCH_BEGIN, run) { stop() }
  }

  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    if hearsOfBatches, try !send(NN_EVENT_BATCH_END, run, batch: batch, run.logs()) { stop() }
    if Cancellation.isRequested(word) { stop() }
  }

  /// A pass over the validation data ends early too.
  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    if Cancellation.isRequested(word) { stop() }
  }

  func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    let goesOn = try send(NN_EVENT_EPOCH_END, run, batch: run.steps, open: logs)
    if !goesOn || Cancellation.isRequested(word) { stop() }
  }

  func trainEnded(_ run: TrainingRun) throws(NNError) { _ = try send(NN_EVENT_TRAIN_END, run) }

  /// Ends the run after the present batch, or between two epochs.
  private func stop() { model.cancel() }

  /// False when the callback wants the run to stop.
  private func send(
    _ kind: Int, _ run: TrainingRun, batch: Int = 0, _ logs: [(name: String, value: Double)] = [], open: Logs? = nil,
    message: String? = nil
  ) throws(NNError) -> Bool {
    guard let callback else { return true }
    return try events.send(kind, run, batch: batch, logs, open: open, message: message) { callback($0, user) } == 0
  }
}

/// Ends an evaluation, a prediction or a search that nn_cancel was called for.
final class Interruption: Callback {
  private let model: Model
  private let word: Int

  init(_ model: Model, word: Int) {
    self.model = model
    self.word = word
  }

  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { look() }
  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { look() }
  func predictBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { look() }

  private func look() { if Cancellation.isRequested(word) { model.cancel() } }
}
