import Glibc

/// Makes a training survive a crash: writes all that it needs to go on, and a later call of fit with the same arguments begins where the
/// interrupted one was. Weights, the optimizer's state, the rate, random numbers, the order of the samples, the history and what the other
/// callbacks have found out come back: the end is the same, bit for bit, as without the interruption. The file is replaced in one step, so a
/// crash while it is written harms nothing.
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
      for bit; other callbacks know again what they knew (EarlyStopping's best, OneCycle's place). A class of your own defines get_state(self), \
      which returns what it must know (numbers, texts, tables, tensors), and set_state(self, state). Example: \
      BackupAndRestore{"backup", save_freq=100}
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Field(
        "backup_dir", \.folder, required: true, check: Check("a path") { !$0.isEmpty },
        "The folder of the backup; it is made when missing."),
      Field("save_freq", \.frequency, "'epoch', or a number of batches; a backup is made after each epoch, too."),
      Field("delete_checkpoint", \.deletes, "Whether the backup goes away when the training has ended."),
    ]
  }

  private var batches = 0
  private var restored: (epoch: Int, batch: Int)?

  private var path: String { options.folder + "/training.safetensors" }

  /// restored_epoch and restored_batch: where the training went on; nil when it began at its beginning.
  public override var state: Value.Table {
    Value.Table([
      ("restored_epoch", restored.map { .integer($0.epoch) } ?? .null),
      ("restored_batch", restored.map { .integer($0.batch) } ?? .null),
    ])
  }

  /// Two in one training would have different opinions of where it was.
  public func prepare(_ run: TrainingRun) throws(NNError) { try run.claimBackups(className) }

  /// Makes the folder.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {
    batches = 0
    if run.isResumed { restored = nil }
    try named { () throws(NNError) in try makeFolders() }
  }

  /// Counts on.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    .table(Value.Table([("batches", .integer(batches))]))
  }
  /// Counts on.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    batches = try Remembered(backup, className).count("batches")
  }

  /// Asks for a backup after so many batches.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    guard case .batches(let count) = options.frequency else { return }
    batches += 1
    guard batches >= count else { return }
    batches = 0
    run.dueBackup = self
  }

  /// Asks for a backup of what the epoch has left, with all that other callbacks do at its end.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) { run.dueBackup = self }

  /// Takes the backup away. What was cancelled can go on.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {
    if run.history.interruption == nil, options.deletes { unlink(path) }
  }

  /// Goes back to the backup, if there is one.
  func restore(_ run: TrainingRun) throws(NNError) -> TrainingBackup? {
    restored = nil
    guard access(path, F_OK) == 0 else { return nil }
    return try named { () throws(NNError) in
      let backup = try TrainingBackup.restore(path, run)
      restored = (backup.place.epoch, backup.place.batch)
      return backup
    }
  }

  /// Writes a backup: of a training that stands before this epoch, or so many batches after the epoch's beginning.
  func save(_ run: TrainingRun, epoch: Int, batch: Int, _ callbacks: [any Callback]) throws(NNError) {
    try named { () throws(NNError) in try TrainingBackup.save(path, run, epoch: epoch, batch: batch, callbacks) }
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
