/// A training between two batches, as a file keeps it: BackupAndRestore's.
struct TrainingBackup {
  /// Where the training was.
  let place: TrainingRun.Resumption
  /// What the callbacks said, by their names; for several of one name, in their order.
  private var memories: [(name: String, value: Value)]

  /// What the first callback of this name said that has not been taken; nil where there is none, or it had nothing to say.
  mutating func take(_ name: String) -> Value? {
    guard let i = memories.firstIndex(where: { $0.name == name }) else { return nil }
    let value = memories.remove(at: i).value
    return value.isNull ? nil : value
  }

  // MARK: Writing

  /// Writes the training as it is, before an epoch or so many batches after the epoch's beginning.
  static func save(
    _ path: String, _ run: TrainingRun, epoch: Int, batch: Int, _ callbacks: [any Callback]
  ) throws(NNError) {
    guard let optimizer = run.model.optimizer else { return }
    var table = Value.Table([
      ("epoch", .integer(epoch)), ("batch", .integer(batch)), ("is_stopping", .bool(run.isStopping)),
      ("history", run.history.record), ("optimizer", .string(optimizer.className)),
      ("hyperparameters", .table(numbers(optimizer))), ("has_own_seed", .bool(run.model.random.place.isOwn)),
    ])
    if optimizer.schedule == nil { table["learning_rate"] = .number(try optimizer.learningRate) }
    if let stream = run.source?.shuffling {
      table["shuffle"] = .list([.string(String(stream.seed)), .integer(Int(stream.stream))])
    }
    if batch > 0, let totals = run.totals {
      table["samples"] = .integer(totals.samples)
      table["sums"] = .list(totals.state.map { .number($0) })
    }
    var tensors: [Tensor] = []
    var memories: [Value] = []
    for callback in callbacks {
      let name = callback.backupName
      let memory = try portable(callback.backup(run) ?? .null, name, &tensors)
      memories.append(.table(Value.Table([("name", .string(name)), ("state", memory)])))
    }
    table["callbacks"] = .list(memories)
    let contents = ModelContents(kind: .backup, training: .table(table), trainingTensors: tensors)
    try run.model.write(path, contents, FileFormat.find(nil, format: "safetensors", models: true))
  }

  /// What the rule is made of; callbacks may have changed it.
  private static func numbers(_ optimizer: Optimizer) -> Value.Table {
    Value.Table(
      optimizer.configuration.entries.compactMap { entry in
        if case .number = entry.value, entry.name != "learning_rate" { return (entry.name, entry.value) }
        return nil
      })
  }

  /// Stands in a text for a tensor, which is among the file's tensors.
  private static let tensorKey = "__tensor__"

  private static func portable(_ value: Value, _ callback: String, _ tensors: inout [Tensor]) throws(NNError) -> Value {
    switch value {
    case .null, .bool, .integer, .number, .string: return value
    case .list(let items):
      var result: [Value] = []
      for item in items { result.append(try portable(item, callback, &tensors)) }
      return .list(result)
    case .table(let table):
      var result: [(String, Value)] = []
      for (name, item) in table.entries { result.append((name, try portable(item, callback, &tensors))) }
      return .table(Value.Table(distinct: result))
    case .object(let object):
      guard let tensor = (object as? Boxed<Tensor>)?.value else {
        throw NNError(
          .notSupported,
          "the state of \(callback) holds something that a file cannot keep; numbers, texts, tables and tensors can be")
      }
      tensors.append(tensor)
      return .table(Value.Table([(tensorKey, .integer(tensors.count - 1))]))
    }
  }

  // MARK: Reading

  /// Brings back what the file has: the model's and the optimizer's variables, the random numbers, the history.
  static func restore(_ path: String, _ run: TrainingRun) throws(NNError) -> TrainingBackup {
    let model = run.model
    guard model.isBuilt else {
      throw NNError(.state, "the model is not built yet, so the backup '\(path)' cannot be restored; call build first")
    }
    let file = try ModelFile.open(ByteSource(file: path))
    guard let own = file.own, let training = own.training?.table, case .integer(let epoch)? = training["epoch"],
      case .integer(let batch)? = training["batch"], epoch >= 0, (0..<1 << 53).contains(batch),
      let optimizer = model.optimizer
    else { throw file.source.error("is not a backup of a training") }
    guard training["optimizer"]?.string == optimizer.className else {
      throw NNError(
        .state,
        "the backup '\(path)' is of a training with another optimizer (\(training["optimizer"]?.text ?? "none")); delete it to begin anew"
      )
    }
    let record = try file.record(model, true)
    let tensors = Dictionary(record.trainingTensors.map { ($0.name, $0) }) { first, _ in first }
    let memories = try memories(training["callbacks"], tensors, file.source)
    let (pairs, _) = try WeightMatching(model).match(record.layers, file.source, false, false)
    for (variable, tensor) in pairs { try variable.set(tensor.tensor()) }
    try restore(optimizer, training)
    if let state = record.optimizer { try optimizer.restore(state, of: model.trainableVariables) }
    if let seed = own.seed, let step = own.step {
      let isOwn = training["has_own_seed"].flatMap { Bool.decode($0) } ?? false
      model.random.go(to: RandomPlace(seed: seed, step: step, isOwn: isOwn))
    }
    if case .list(let items)? = training["shuffle"], items.count == 2,
      let seed = items[0].string.flatMap({ UInt64($0) }),
      case .integer(let stream) = items[1], let number = UInt32(exactly: stream)
    {
      run.source?.shuffling = RandomStream(seed: seed, stream: number)
    }
    try run.history.restore(training["history"] ?? .null)
    var place = TrainingRun.Resumption(epoch: epoch, batch: batch)
    if case .integer(let samples)? = training["samples"] { place.samples = samples }
    if case .bool(true)? = training["is_stopping"] { place.isStopping = true }
    place.sums = try [Double].decode(training["sums"] ?? .null) ?? []
    return TrainingBackup(place: place, memories: memories)
  }

  /// The rate, and the rule's numbers where they differ.
  private static func restore(_ optimizer: Optimizer, _ training: Value.Table) throws(NNError) {
    let present = numbers(optimizer)
    for (name, value) in training["hyperparameters"]?.table?.entries ?? [] {
      guard let number = Double.decode(value), let now = present[name].flatMap({ Double.decode($0) }), now != number
      else { continue }
      try optimizer.set(name, .number(number))
    }
    if optimizer.schedule == nil, let rate = training["learning_rate"].flatMap({ Double.decode($0) }) {
      try optimizer.setLearningRate(rate)
    }
  }

  private static func memories(
    _ value: Value?, _ tensors: [String: StoredTensor], _ source: ByteSource
  ) throws(NNError) -> [(name: String, value: Value)] {
    guard case .list(let items)? = value else { return [] }
    var result: [(name: String, value: Value)] = []
    for item in items {
      guard let table = item.table, let name = table["name"]?.string else {
        throw source.error("is not a backup of a training")
      }
      result.append((name, try whole(table["state"] ?? .null, tensors, source)))
    }
    return result
  }

  private static func whole(
    _ value: Value, _ tensors: [String: StoredTensor], _ source: ByteSource
  ) throws(NNError) -> Value {
    switch value {
    case .list(let items):
      var result: [Value] = []
      for item in items { result.append(try whole(item, tensors, source)) }
      return .list(result)
    case .table(let table):
      if case .integer(let i)? = table[tensorKey] {
        guard let tensor = tensors["\(i)"] else { throw source.error("is damaged: a callback's tensor is missing") }
        return .object(Boxed(try tensor.tensor()))
      }
      var result: [(String, Value)] = []
      for (name, item) in table.entries { result.append((name, try whole(item, tensors, source))) }
      return .table(Value.Table(distinct: result))
    default: return value
    }
  }
}

/// What a callback finds in its part of a backup.
struct Remembered {
  private let table: Value.Table
  private let callback: String

  init(_ value: Value, _ callback: String) throws(NNError) {
    guard let table = value.table else {
      throw NNError(.format, "\(callback): its part of the backup is \(value.text), not a table")
    }
    (self.table, self.callback) = (table, callback)
  }

  private func missing(_ name: String) -> NNError {
    NNError(.format, "\(callback): its part of the backup has no '\(name)' of the kind that it should be")
  }

  func number(_ name: String) throws(NNError) -> Double {
    guard let number = table[name].flatMap({ Double.decode($0) }) else { throw missing(name) }
    return number
  }

  /// A number of things: not negative, and such that adding to it has no end that anybody sees.
  func count(_ name: String) throws(NNError) -> Int {
    guard case .integer(let number)? = table[name], (0..<1 << 53).contains(number) else { throw missing(name) }
    return number
  }

  /// nil where it is null, or not there.
  func countOrNil(_ name: String) throws(NNError) -> Int? { has(name) ? try count(name) : nil }

  func bool(_ name: String) throws(NNError) -> Bool {
    guard case .bool(let truth)? = table[name] else { throw missing(name) }
    return truth
  }

  func text(_ name: String) throws(NNError) -> String {
    guard let text = table[name]?.string else { throw missing(name) }
    return text
  }

  func has(_ name: String) -> Bool { !(table[name] ?? .null).isNull }

  subscript(name: String) -> Value { table[name] ?? .null }

  /// nil where it is null, or not there.
  func tensors(_ name: String) throws(NNError) -> [Tensor]? {
    guard has(name) else { return nil }
    guard case .list(let items)? = table[name] else { throw missing(name) }
    var tensors: [Tensor] = []
    for item in items {
      guard case .object(let object) = item, let tensor = (object as? Boxed<Tensor>)?.value else { throw missing(name) }
      tensors.append(tensor)
    }
    return tensors
  }
}
