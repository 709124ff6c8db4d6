internal import CNN
internal import Glibc
internal import NNEngine

/// Between a training run and the C program that asked for it: tells the callback of progress, and passes on what it or
/// nn_cancel wants.
final class Progress: Callback {
  private let model: Model
  private let word: Int
  private let callback: nn_progress?
  private let user: UnsafeMutableRawPointer?
  private let hearsOfBatches: Bool
  private var epoch = 0
  /// Whether the run was made to end before its time.
  private(set) var wasStopped = false
  private var names: [String: UnsafeMutablePointer<CChar>] = [:]

  init(_ model: Model, word: Int, _ options: nn_fit_options) {
    self.model = model
    self.word = word
    callback = options.callback
    user = options.user
    hearsOfBatches = options.callback != nil && options.epochs_only == 0
  }

  deinit { for name in names.values { free(name) } }

  func trainBegan(_ run: TrainingRun) throws(NNError) { if try !send(NN_EVENT_TRAIN_BEGIN, run) { stop() } }

  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    self.epoch = epoch
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
    let goesOn = try send(NN_EVENT_EPOCH_END, run, batch: run.steps, logs.entries)
    guard !goesOn || Cancellation.isRequested(word) else { return }
    // Between two epochs there is no batch to wait for. After the last one there is nothing left to stop.
    run.stop()
    wasStopped = epoch + 1 < run.epochs
  }

  func trainEnded(_ run: TrainingRun) throws(NNError) { _ = try send(NN_EVENT_TRAIN_END, run) }

  /// Ends the run after the present batch.
  private func stop() {
    model.cancel()
    wasStopped = true
  }

  /// False when the callback wants the run to stop.
  private func send(
    _ kind: Int, _ run: TrainingRun, batch: Int = 0, _ logs: [(name: String, value: Double)] = []
  ) throws(NNError) -> Bool {
    guard let callback else { return true }
    var texts: [UnsafePointer<CChar>?] = []
    for (name, _) in logs { texts.append(try text(name)) }
    let values = logs.map(\.value)
    return texts.withUnsafeBufferPointer { texts in
      values.withUnsafeBufferPointer { values in
        var event = nn_event()
        event.struct_size = MemoryLayout<nn_event>.size
        event.kind = Int32(kind)
        event.value_count = Int32(clamping: values.count)
        event.epoch = Int64(epoch)
        event.epochs = Int64(run.epochs)
        event.batch = Int64(batch)
        event.batches = Int64(run.steps)
        event.sample = Int64(run.samplesSeen)
        event.samples = Int64(run.samples)
        event.names = texts.baseAddress
        event.values = values.baseAddress
        return callback(&event, user) == 0
      }
    }
  }

  /// The name as C sees it, the same pointer for the whole run.
  private func text(_ name: String) throws(NNError) -> UnsafePointer<CChar> {
    if let known = names[name] { return UnsafePointer(known) }
    guard let copy = strdup(name) else { throw NNError(.outOfMemory, "out of memory while progress was reported") }
    names[name] = copy
    return UnsafePointer(copy)
  }
}

/// Ends an evaluation that nn_cancel was called for.
final class Interruption: Callback {
  private let model: Model
  private let word: Int

  init(_ model: Model, word: Int) {
    self.model = model
    self.word = word
  }

  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    if Cancellation.isRequested(word) { model.cancel() }
  }
}
