import CLua
import NNEngine

/// An instance of a user's callback class, as fit sees it. What the class does not define costs nothing.
final class LuaCallback: Callback {
  /// Keras's hooks.
  enum Hook: String, CaseIterable {
    case trainBegin = "on_train_begin"
    case trainResume = "on_train_resume"
    case trainEnd = "on_train_end"
    case epochBegin = "on_epoch_begin"
    case epochEnd = "on_epoch_end"
    case trainBatchBegin = "on_train_batch_begin"
    case trainBatchEnd = "on_train_batch_end"
    case batchBegin = "on_batch_begin"
    case batchEnd = "on_batch_end"
    case testBegin = "on_test_begin"
    case testEnd = "on_test_end"
    case testBatchBegin = "on_test_batch_begin"
    case testBatchEnd = "on_test_batch_end"
    case predictBegin = "on_predict_begin"
    case predictEnd = "on_predict_end"
    case predictBatchBegin = "on_predict_batch_begin"
    case predictBatchEnd = "on_predict_batch_end"
  }

  private let lua: LuaState
  private let instance: LuaReference
  private var functions: [Hook: LuaReference] = [:]
  // Looked up for each batch: not by a dictionary.
  private let batchBegin: LuaReference?
  private let batchEnd: LuaReference?
  private var attached: Model?
  /// What backups ask, and tell: get_state(self) and set_state(self, state), where the class has them.
  private let getState: LuaReference?
  private let setState: LuaReference?
  /// The class's name.
  let backupName: String

  /// Of the instance at an index.
  init(_ state: LuaState, _ index: Int32) throws(LuaError) {
    lua = state.main
    let index = state.absolute(index)
    try state.ensure(8)
    state.copy(index)
    instance = LuaReference(popping: state)
    var functions: [Hook: LuaReference] = [:]
    CallbackClass.pushRoot(state)
    let root = state.top
    defer { state.setTop(root - 1) }
    for hook in Hook.allCases {
      try state.getField(hook.rawValue, in: index)
      state.rawGetField(hook.rawValue, in: root)
      let isInherited = lua_rawequal(state.raw, -1, -2) != 0
      state.pop()
      guard state.type(-1) == .function else {
        throw .message("\(hook.rawValue) must be a function, got \(state.typeName(-1))")
      }
      if isInherited { state.pop() } else { functions[hook] = LuaReference(popping: state) }
    }
    (getState, setState) = (
      try LuaCallback.method("get_state", state, index), try LuaCallback.method("set_state", state, index)
    )
    try state.getField("__name", in: index)
    backupName = state.string(-1) ?? "Callback"
    state.pop()
    guard (getState == nil) == (setState == nil) else {
      throw .message("\(backupName): get_state and set_state belong together; only one of them is there")
    }
    batchBegin = functions[.trainBatchBegin] ?? functions[.batchBegin]
    batchEnd = functions[.trainBatchEnd] ?? functions[.batchEnd]
    self.functions = functions
  }

  private static func method(_ name: String, _ state: LuaState, _ index: Int32) throws(LuaError) -> LuaReference? {
    try state.getField(name, in: index)
    switch state.type(-1) {
    case .function: return LuaReference(popping: state)
    case .nil:
      state.pop()
      return nil
    default: throw .message("\(name) must be a function, got \(state.typeName(-1))")
    }
  }

  /// Gives it `model` and `params`.
  func prepare(_ run: TrainingRun) throws(NNError) {
    try attach(run.model)
    try lua.calling { (lua) throws(LuaError) in
      instance.push(to: lua)
      try lua.push(.table(run.history.parameters))
      try lua.setField("params", in: -2)
    }
    if functions[.epochEnd] != nil { run.announceMore() }
  }

  private func attach(_ model: Model) throws(NNError) {
    guard attached !== model else { return }
    try lua.calling { (lua) throws(LuaError) in
      try lua.ensure(8)
      instance.push(to: lua)
      lua.push(model)
      try lua.setField("model", in: -2)
    }
    attached = model
  }

  private func call(
    _ function: LuaReference?, _ run: TrainingRun, _ number: Int? = nil,
    _ logs: @autoclosure () -> [(name: String, value: Double)] = [], open: Logs? = nil
  ) throws(NNError) {
    guard let function else { return }
    try attach(run.model)
    try lua.calling { (lua) throws(LuaError) in
      try lua.ensure(8)
      lua.push(logs: open?.entries ?? logs())
      function.push(to: lua)
      instance.push(to: lua)
      if let number { lua.push(number) }
      lua.copy(number == nil ? -3 : -4)
      try lua.call(arguments: number == nil ? 2 : 3)
      if let open { try lua.read(lua.top, into: open) }
    }
  }

  func trainBegan(_ run: TrainingRun) throws(NNError) { try call(functions[.trainBegin], run) }
  func trainResumed(_ run: TrainingRun) throws(NNError) { try call(functions[.trainResume], run) }
  func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    guard let getState else { return nil }
    try attach(run.model)
    return try lua.calling { (lua) throws(LuaError) in
      getState.push(to: lua)
      instance.push(to: lua)
      try lua.call(arguments: 1, results: 1)
      return try lua.value(-1)
    }
  }
  /// Calls on_train_begin, as always; then what was known is known again.
  func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    try trainBegan(run)
    guard let setState else { return }
    try lua.calling { (lua) throws(LuaError) in
      setState.push(to: lua)
      instance.push(to: lua)
      try lua.push(backup)
      try lua.call(arguments: 2)
    }
  }
  func trainEnded(_ run: TrainingRun) throws(NNError) {
    try call(functions[.trainEnd], run, nil, run.history.lastLogs.entries)
  }
  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { try call(functions[.epochBegin], run, epoch) }
  func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    try call(functions[.epochEnd], run, epoch, open: logs)
  }
  func batchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) { try call(batchBegin, run, batch) }
  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { try call(batchEnd, run, batch, run.logs()) }
  func testBegan(_ run: TrainingRun) throws(NNError) { try call(functions[.testBegin], run) }
  func testEnded(_ logs: Logs, _ run: TrainingRun) throws(NNError) {
    try call(functions[.testEnd], run, nil, logs.entries)
  }
  func testBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(functions[.testBatchBegin], run, batch)
  }
  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(functions[.testBatchEnd], run, batch, run.logs())
  }
  func predictBegan(_ run: TrainingRun) throws(NNError) { try call(functions[.predictBegin], run) }
  func predictEnded(_ run: TrainingRun) throws(NNError) { try call(functions[.predictEnd], run) }
  func predictBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(functions[.predictBatchBegin], run, batch)
  }
  func predictBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(functions[.predictBatchEnd], run, batch)
  }
}
