internal import CNN
internal import NNEngine

/// A callback whose hooks are functions in C.
final class Hooks: Callback {
  private let hooks: nn_hooks
  private let events = Events()

  init(_ hooks: nn_hooks) { self.hooks = hooks }

  deinit { hooks.release?(hooks.user) }

  private func call(
    _ hook: nn_hook?, _ name: StaticString, _ kind: Int, _ run: TrainingRun, batch: Int = 0,
    _ logs: @autoclosure () -> [(name: String, value: Double)] = [], open: Logs? = nil
  ) throws(NNError) {
    guard let hook else { return }
    let status = try events.send(kind, run, batch: batch, logs(), open: open) { hook($0, hooks.user) }
    if status > 0 { run.stop() }
    if status < 0 { throw failure("\(name)", status) }
  }

  func prepare(_ run: TrainingRun) throws(NNError) { if hooks.on_epoch_end != nil { run.announceMore() } }

  func trainBegan(_ run: TrainingRun) throws(NNError) {
    events.epoch = 0
    try call(hooks.on_train_begin, "on_train_begin", NN_EVENT_TRAIN_BEGIN, run)
  }

  func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    guard let getState = hooks.get_state else { return nil }
    var handle: OpaquePointer?
    let status = getState(&handle, hooks.user)
    defer { Handles.free(handle, .tensor) }
    if status < 0 { throw failure("get_state", status) }
    return .object(Boxed(try Handles.tensor(handle, "state")))
  }

  func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    try trainBegan(run)
    guard let setState = hooks.set_state, case .object(let object) = backup, let tensor = object as? Boxed<Tensor>
    else { return }
    let handle = Handles.new(.tensor(tensor.value))
    defer { Handles.free(handle, .tensor) }
    let status = setState(handle, hooks.user)
    if status < 0 { throw failure("set_state", status) }
  }

  private func failure(_ name: String, _ status: Int32) -> NNError {
    NNError(
      NNError.Code(rawValue: status) ?? .invalidArgument, "a callback's \(name) ended the training (status \(status))")
  }

  func trainEnded(_ run: TrainingRun) throws(NNError) {
    try call(hooks.on_train_end, "on_train_end", NN_EVENT_TRAIN_END, run, run.history.lastLogs.entries)
  }

  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    events.epoch = epoch
    try call(hooks.on_epoch_begin, "on_epoch_begin", NN_EVENT_EPOCH_BEGIN, run)
  }

  func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    try call(hooks.on_epoch_end, "on_epoch_end", NN_EVENT_EPOCH_END, run, batch: run.steps, open: logs)
  }

  func batchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(hooks.on_batch_begin, "on_batch_begin", NN_EVENT_BATCH_BEGIN, run, batch: batch)
  }

  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(hooks.on_batch_end, "on_batch_end", NN_EVENT_BATCH_END, run, batch: batch, run.logs())
  }

  func testBegan(_ run: TrainingRun) throws(NNError) {
    try call(hooks.on_test_begin, "on_test_begin", NN_EVENT_TEST_BEGIN, run)
  }

  func testEnded(_ logs: Logs, _ run: TrainingRun) throws(NNError) {
    try call(hooks.on_test_end, "on_test_end", NN_EVENT_TEST_END, run, batch: run.steps, logs.entries)
  }

  func testBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(hooks.on_test_batch_begin, "on_test_batch_begin", NN_EVENT_TEST_BATCH_BEGIN, run, batch: batch)
  }

  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(hooks.on_test_batch_end, "on_test_batch_end", NN_EVENT_TEST_BATCH_END, run, batch: batch, run.logs())
  }
}

extension nn_hooks {
  /// A copy of the caller's hooks, whatever version of the header they were compiled with.
  init(reading pointer: UnsafePointer<nn_hooks>) throws(NNError) {
    self.init()
    try withUnsafeMutableBytes(of: &self) { (target) throws(NNError) in
      try OptionStructure.copy(UnsafeRawPointer(pointer), "hooks", "nn_hooks", "NN_HOOKS_INIT", to: target)
    }
  }
}
