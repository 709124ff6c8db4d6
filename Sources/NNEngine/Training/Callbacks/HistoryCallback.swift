/// The arguments of Keras's History: none.
struct HistoryOptions: Configurable {
  static let className = "History"
  static let doc = """
    Records what the logs of each epoch hold by then. fit does so by itself and returns the record; one of your own is for callbacks that \
    want to look at it. A new training begins a new record. Example: History()
    """
  static let fields: [Field<HistoryOptions>] = []
}

extension History: Callback, ReadableCallback {
  /// Begins anew.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {
    guard self !== run.history else { return }
    clear()
    parameters = run.history.parameters
  }

  /// What is recorded.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? { self === run.history ? nil : record }
  /// Goes on with the record.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    try restore(backup)
    parameters = run.history.parameters
  }

  /// Records.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    guard self !== run.history else { return }
    epochs.append(epoch)
    for (name, value) in logs.entries { append(name, value) }
  }

  /// Keras's class name.
  public var className: String { HistoryOptions.className }
  /// Nothing.
  public var configuration: Value.Table { Value.Table() }
  /// epoch, and the recorded columns.
  public var state: Value.Table {
    let columns = keys.map { key in (key, Value.list(((try? values(key)) ?? []).map { .number($0) })) }
    return Value.Table([
      ("epoch", .list(epochs.map { .integer($0) })), ("history", .table(Value.Table(columns))),
      ("params", .table(parameters)),
    ])
  }

  /// The last epoch's values.
  public var lastLogs: Logs {
    Logs(keys.compactMap { key in (try? values(key))?.last.map { (key, $0) } })
  }
}
