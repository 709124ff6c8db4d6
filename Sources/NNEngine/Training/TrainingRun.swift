/// A training (or an evaluation) while it runs, as callbacks see it.
public final class TrainingRun {
  /// The model that is trained or evaluated. An interrupted training belongs to its model and does not keep it alive.
  public var model: Model { held ?? owner }
  private var held: Model?
  private unowned let owner: Model
  /// Number of the last epoch, plus 1.
  public let epochs: Int
  /// Batches in an epoch; 0 when a generator does not say.
  public let steps: Int
  /// Samples in an epoch; 0 when they come from a generator.
  public let samples: Int
  /// Samples of the validation set, 0 without one.
  public let validationSamples: Int
  /// The names that `logs()` gives values for.
  public let names: [String]
  /// Samples seen in this epoch.
  public internal(set) var samplesSeen = 0
  /// Batches seen in this epoch.
  public internal(set) var stepsSeen = 0
  /// What fit records.
  public let history: History
  /// Whether nothing is trained: evaluate, or a pass over the validation data.
  public let isEvaluation: Bool
  /// Whether there is validation data.
  public let isValidating: Bool
  /// The names that an epoch's logs will have: `names`, with validation data the same after "val_", and what callbacks announced.
  public var epochNames: [String] {
    let own = names + (isValidating ? names.map { "val_" + $0 } : [])
    var more: [String] = []
    for name in announced where !own.contains(name) && !more.contains(name) { more.append(name) }
    return own + more
  }
  private var announced: [String] { announcements.map(\.name) }
  /// What callbacks said in `prepare`, and which of them did.
  private var announcements: [(by: ObjectIdentifier?, name: String)] = []
  private var preparing: ObjectIdentifier?
  /// Whether a callback of the user's may add to the logs what nobody knows yet.
  public var mayHaveMoreLogs: Bool { !open.isEmpty }
  private var open: [ObjectIdentifier?] = []
  /// Where callbacks' messages go, a line each, without its end; nowhere, unless a callback sets it in `prepare`.
  public var say: (String) -> Void = { _ in }
  /// Whether somebody asked to end the training.
  public var isStopping: Bool { model.stopTraining }
  private var rateCallbacks: [(by: ObjectIdentifier?, name: String, everyBatch: Bool)] = []
  var totals: BatchTotals?
  /// Where the batches come from.
  weak var source: BatchSource?
  /// Where the training begins instead of at its first epoch; a callback sets it in `trainBegan`.
  var resumption: Resumption?
  private var backupOwner: ObjectIdentifier?
  /// A backup that was asked for by a callback: it is made once all callbacks have heard of the batch, or of the epoch.
  var dueBackup: BackupAndRestore?
  /// Whether the training was interrupted and goes on: callbacks that join it then find it as it is.
  var isResumed = false

  /// A place in a training that was interrupted.
  struct Resumption {
    var epoch: Int
    /// Batches of the epoch that are done, and what they added up to.
    var batch = 0
    var samples = 0
    var sums: [Double] = []
    /// Whether a callback had asked for the end.
    var isStopping = false
  }

  init(
    _ model: Model, epochs: Int, steps: Int, samples: Int, validationSamples: Int = 0, isValidating: Bool = false,
    names: [String] = [], history: History = History(), isEvaluation: Bool = false
  ) {
    self.isValidating = isValidating
    (held, owner) = (model, model)
    self.epochs = epochs
    self.steps = steps
    self.samples = samples
    self.validationSamples = validationSamples
    self.names = names
    self.history = history
    self.isEvaluation = isEvaluation
    if !isEvaluation { model.stopTraining = false }
  }

  /// Means over the samples of this epoch so far.
  public func logs() -> [(name: String, value: Double)] {
    guard let totals else { return [] }
    return Array(zip(names, totals.values()))
  }

  /// The loss of the last batch alone.
  var batchLoss: Double? { totals?.lastLoss }

  /// Ends the training: after this batch, or after this epoch when called from epochEnded.
  public func stop() { model.stopTraining = true }

  // MARK: For callbacks' `prepare`

  /// Says that the callback adds this name to each epoch's logs.
  public func announce(_ name: String) { announcements.append((preparing, name)) }

  /// Says that the callback may add anything.
  public func announceMore() { open.append(preparing) }

  /// Says that the callback sets the learning rate. An error where that could have no effect: the rate follows a schedule, or another
  /// callback sets it at each batch.
  func steerRate(_ callback: String, everyBatch: Bool = false) throws(NNError) {
    if let schedule = model.optimizer?.schedule {
      throw NNError(
        .state,
        "\(callback): the learning rate follows a schedule (\(schedule.label)), which decides each step's rate; compile with a number"
      )
    }
    if let other = rateCallbacks.first(where: { $0.everyBatch || everyBatch }) {
      throw .invalid("\(callback): the learning rate is set by \(other.name) already")
    }
    rateCallbacks.append((preparing, callback, everyBatch))
  }

  /// Says that the callback makes backups of the training: one does.
  func claimBackups(_ callback: String) throws(NNError) {
    guard backupOwner == nil || backupOwner == preparing else {
      throw .invalid("\(callback): there is one among the callbacks already")
    }
    backupOwner = preparing
  }

  // MARK: For who runs it

  /// Lets a callback prepare for the run.
  func prepare(_ callback: any Callback) throws(NNError) {
    preparing = ObjectIdentifier(callback)
    defer { preparing = nil }
    try callback.prepare(self)
  }

  /// Forgets what a callback said that has no more part in the run.
  func forget(_ callback: any Callback) {
    let gone = ObjectIdentifier(callback)
    announcements.removeAll { $0.by == gone }
    open.removeAll { $0 == gone }
    rateCallbacks.removeAll { $0.by == gone }
    if backupOwner == gone { backupOwner = nil }
  }

  /// Keeps the model alive until `letGo`.
  func hold(_ model: Model) { held = model }
  /// Belongs to the model from here on.
  func letGo() { held = nil }
}
