/// What fit recorded, epoch by epoch.
public final class History {
  /// The numbers of the completed epochs, from 0.
  public internal(set) var epochs: [Int] = []
  /// "loss", metrics, then "val_loss" and so on, in the order in which they first appeared.
  public private(set) var keys: [String] = []
  private var columns: [String: [Double]] = [:]
  /// How training was called, as Keras's History.params: batch_size, epochs, steps, samples.
  public internal(set) var parameters = Value.Table()
  /// Where training was cancelled, counted from 0; nil when it ran to its end, and once it was resumed.
  public internal(set) var interruption: (epoch: Int, batch: Int)?

  init() {}

  /// One value for each epoch that has one.
  public func values(_ key: String) throws(NNError) -> [Double] {
    if let column = columns[key] { return column }
    throw NNError(.notFound, "history: no '\(key)'" + Suggestion.hint(for: key, among: keys))
  }

  /// What is recorded by now: a training that is resumed goes on with this record.
  package func copy() -> History {
    let copy = History()
    (copy.epochs, copy.keys, copy.columns) = (epochs, keys, columns)
    (copy.parameters, copy.interruption) = (parameters, interruption)
    return copy
  }

  func clear() { (epochs, keys, columns, interruption) = ([], [], [:], nil) }

  /// What was recorded, for a backup.
  var record: Value {
    .table(
      Value.Table([
        ("epochs", .list(epochs.map { .integer($0) })),
        ("values", .table(Value.Table(keys.map { ($0, .list((columns[$0] ?? []).map { .number($0) })) }))),
      ]))
  }

  /// Goes on after what a backup says.
  func restore(_ record: Value) throws(NNError) {
    clear()
    epochs = try [Int].decode(record.table?["epochs"] ?? .null) ?? []
    for (key, value) in record.table?["values"]?.table?.entries ?? [] {
      for number in try [Double].decode(value) ?? [] { append(key, number) }
    }
  }

  func append(_ key: String, _ value: Double) {
    if columns[key] == nil { keys.append(key) }
    columns[key, default: []].append(value)
  }
}
