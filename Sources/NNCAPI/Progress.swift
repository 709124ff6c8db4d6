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
  private var names: [String: UnsafeMutablePointer<CChar>] = [:]

  init(_ model: Model, word: Int, _ options: nn_fit_options) {
    self.model = model
    self.word = word
    callback = options.callback
    user = options.user
    hearsOfBatches = options.callback != nil && options.epochs_only == 0
  }

  deinit { for name in names.values { free(name) } }

  func trainBegan(_ run: TrainingRun) throws(NNError) { try send(NN_EVENT_TRAIN_BEGIN, run) }

  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { try send(NN_EVENT_EPOCH_BEGIN, run) }

  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    if hearsOfBatches { try send(NN_EVENT_BATCH_END, run, batch: batch, run.logs().map { ($0.name, $0.value) }) }
    if Cancellation.isRequested(word) { model.cancel() }
  }

  func epochEnded(_ epoch: Int, _ logs: [(String, Double)], _ run: TrainingRun) throws(NNError) {
    try send(NN_EVENT_EPOCH_END, run, batch: run.stepsPerEpoch, logs)
    if Cancellation.isRequested(word) { model.cancel() }
  }

  func trainEnded(_ run: TrainingRun) throws(NNError) { try send(NN_EVENT_TRAIN_END, run) }

  private func send(_ kind: Int, _ run: TrainingRun, batch: Int = 0, _ logs: [(String, Double)] = []) throws(NNError) {
    guard let callback else { return }
    var texts: [UnsafePointer<CChar>?] = []
    for (name, _) in logs { texts.append(try text(name)) }
    let values = logs.map(\.1)
    let result = texts.withUnsafeBufferPointer { texts in
      values.withUnsafeBufferPointer { values in
        var event = nn_event()
        event.struct_size = MemoryLayout<nn_event>.size
        event.kind = Int32(kind)
        event.value_count = Int32(clamping: values.count)
        event.epoch = Int64(run.epoch)
        event.epochs = Int64(run.epochs)
        event.batch = Int64(batch)
        event.batches = Int64(run.stepsPerEpoch)
        event.sample = Int64(run.samplesSeen)
        event.samples = Int64(run.sampleCount)
        event.names = texts.baseAddress
        event.values = values.baseAddress
        return callback(&event, user)
      }
    }
    if result != 0 { model.cancel() }
  }

  /// The name as C sees it, the same pointer for the whole run.
  private func text(_ name: String) throws(NNError) -> UnsafePointer<CChar> {
    if let known = names[name] { return UnsafePointer(known) }
    guard let copy = strdup(name) else { throw NNError(.outOfMemory, "out of memory while progress was reported") }
    names[name] = copy
    return UnsafePointer(copy)
  }
}
