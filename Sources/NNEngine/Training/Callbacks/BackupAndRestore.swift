import Glibc

/// Makes a training survive a crash: writes all that it needs to go on, and a later call of fit with the same arguments begins where the
/// interrupted one was. Weights, the optimizer's state, the rate, random numbers, the order of the samples and the history come back: the
/// end is the same, bit for bit, as without the interruption. The file is replaced in one step, so a crash while it is written harms nothing.
public final class BackupAndRestore: ConfiguredCallback<BackupAndRestore.Options>, Callback {
  /// Keras's arguments.
  public struct Options: Configurable {
    var folder = ""
    var frequency = SaveFrequency.epoch
    var deletes = true

    /// Keras's defaults.
    public init() {}
    /// Keras's name.
    public static let className = "BackupAndRestore"
    /// One paragraph.
    public static let doc = """
      Lets a training survive a crash: call fit again with the same data and arguments, and it goes on where it was, to the same weights bit \
      for bit. What other callbacks have found out (EarlyStopping's best, OneCycle's place) begins anew. Example: \
      BackupAndRestore{"backup", save_freq=100}
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Field(
        "backup_dir", \.folder, required: true, check: Check("a path") { !$0.isEmpty },
        "The folder of the backup; it is made when missing."),
      Field("save_freq", \.frequency, "'epoch', or a number of batches."),
      Field("delete_checkpoint", \.deletes, "Whether the backup goes away when the training has ended."),
    ]
  }

  private var batches = 0
  private var epoch = 0
  private var firstEpoch: Int?
  private var restored: (epoch: Int, batch: Int)?

  private var path: String { options.folder + "/training.safetensors" }

  /// restored_epoch and restored_batch: where the training went on; nil when it began at its beginning.
  public override var state: Value.Table {
    Value.Table([
      ("restored_epoch", restored.map { .integer($0.epoch) } ?? .null),
      ("restored_batch", restored.map { .integer($0.batch) } ?? .null),
    ])
  }

  /// Goes back to the backup, if there is one; not in the middle of a training that it joins.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {
    (batches, restored, firstEpoch) = (0, nil, nil)
    try named { () throws(NNError) in
      try makeFolders()
      guard !run.isResumed, access(path, F_OK) == 0 else { return }
      try restore(run)
    }
  }

  /// Saves what the epoch before has left, with all that other callbacks did at its end.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    self.epoch = epoch
    defer { firstEpoch = firstEpoch ?? epoch }
    if firstEpoch != nil { try save(run, epoch, batch: 0) }
  }

  /// Saves after so many batches.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    guard case .batches(let count) = options.frequency else { return }
    batches += 1
    guard batches >= count else { return }
    batches = 0
    try save(run, epoch, batch: batch + 1)
  }

  /// Takes the backup away, or leaves one of the end. What was cancelled can go on.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {
    guard run.history.interruption == nil else { return }
    if options.deletes { unlink(path) } else { try save(run, epoch + 1, batch: 0) }
  }

  private func save(_ run: TrainingRun, _ epoch: Int, batch: Int) throws(NNError) {
    try named { () throws(NNError) in
      guard let optimizer = run.model.optimizer else { return }
      var table = Value.Table([
        ("epoch", .integer(epoch)), ("batch", .integer(batch)), ("history", run.history.record),
        ("optimizer", .string(optimizer.className)),
      ])
      if optimizer.schedule == nil { table["learning_rate"] = .number(try optimizer.learningRate) }
      if let stream = run.source?.shuffling {
        table["shuffle"] = .list([.string(String(stream.seed)), .integer(Int(stream.stream))])
      }
      if batch > 0, let totals = run.totals {
        table["samples"] = .integer(totals.samples)
        table["sums"] = .list(totals.state.map { .number($0) })
      }
      let contents = ModelContents(kind: .backup, training: .table(table))
      try run.model.write(path, contents, FileFormat.find(nil, format: "safetensors", models: true))
    }
  }

  private func restore(_ run: TrainingRun) throws(NNError) {
    let model = run.model
    guard model.isBuilt else {
      throw NNError(.state, "the model is not built yet, so the backup '\(path)' cannot be restored; call build first")
    }
    let file = try ModelFile.open(ByteSource(file: path))
    guard let own = file.own, let training = own.training?.table, case .integer(let epoch)? = training["epoch"],
      case .integer(let batch)? = training["batch"], epoch >= 0, batch >= 0, let optimizer = model.optimizer
    else { throw file.source.error("is not a backup of a training") }
    guard training["optimizer"]?.string == optimizer.className else {
      throw NNError(
        .state,
        "the backup '\(path)' is of a training with another optimizer (\(training["optimizer"]?.text ?? "none")); delete it to begin anew"
      )
    }
    let record = try file.record(model, true)
    let (pairs, _) = try WeightMatching(model).match(record.layers, file.source, false, false)
    for (variable, tensor) in pairs { try variable.set(tensor.tensor()) }
    if let state = record.optimizer { try optimizer.restore(state, of: model.trainableVariables) }
    if optimizer.schedule == nil, let rate = training["learning_rate"].flatMap({ Double.decode($0) }) {
      try optimizer.setLearningRate(rate)
    }
    if let seed = own.seed, let step = own.step {
      model.random.go(to: RandomPlace(seed: seed, step: step, isOwn: false))
    }
    if case .list(let items)? = training["shuffle"], items.count == 2,
      let seed = items[0].string.flatMap({ UInt64($0) }),
      case .integer(let stream) = items[1], let number = UInt32(exactly: stream)
    {
      run.source?.shuffling = RandomStream(seed: seed, stream: number)
    }
    try run.history.restore(training["history"] ?? .null)
    var resumption = TrainingRun.Resumption(epoch: epoch, batch: batch)
    if case .integer(let samples)? = training["samples"] { resumption.samples = samples }
    resumption.sums = try [Double].decode(training["sums"] ?? .null) ?? []
    run.resumption = resumption
    restored = (epoch, batch)
  }

  private func makeFolders() throws(NNError) {
    let folder = options.folder
    var end = folder.utf8.startIndex
    while end != folder.utf8.endIndex {
      end = folder.utf8[folder.utf8.index(after: end)...].firstIndex(of: UInt8(ascii: "/")) ?? folder.utf8.endIndex
      let part = String(folder[..<end])
      if mkdir(part, 0o777) != 0 && errno != EEXIST {
        throw NNError(.io, "the folder '\(part)' could not be made: " + SystemError.text(errno))
      }
    }
  }
}
