/// Saves the model as the training goes on.
///
/// As Keras's, it keeps its `best` from one fit to the next, so that a second fit does not replace something better.
public final class ModelCheckpoint: ConfiguredCallback<ModelCheckpoint.Options>, Callback {
  /// Keras's arguments, and `on_save`. Sendable except for the function.
  public struct Options: Configurable, @unchecked Sendable {
    var path = PathText()
    var monitor = Options.usualMonitor
    var verbose = 0
    var savesBestOnly = false
    var savesWeightsOnly = false
    var mode = "auto"
    var frequency = SaveFrequency.epoch
    var threshold: Double?
    var onSave: FunctionReference?

    static let usualMonitor = "val_loss"
    /// Some files hold nothing else.
    var writesWeightsOnly: Bool { savesWeightsOnly || path.format?.holdsModels == false }

    /// Keras's defaults.
    public init() {}
    /// Keras's name.
    public static let className = "ModelCheckpoint"
    /// One paragraph.
    public static let doc = """
      Saves the model after each epoch (or each save_freq batches), or that of the best epoch alone. filepath ends in .h5, .keras, .weights.h5, \
      .safetensors or .npz; with any other name no file is written: the weights stay in memory, in its field 'weights', under the name 'path'. \
      on_save(path, model, logs) is called each time. Example: ModelCheckpoint{"best-{epoch:02d}-{val_loss:.2f}.h5", save_best_only=true}
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Field(
        "filepath", \.path, required: true,
        "The name, with placeholders: {epoch:02d} (from 1), {batch:04d}, {val_loss:.2f} and all that is recorded."),
      Monitor.field(\.monitor),
      Monitor.verboseField(\.verbose, "1: says what is kept."),
      Field("save_best_only", \.savesBestOnly, "Whether only what is better than all before is kept."),
      Field("save_weights_only", \.savesWeightsOnly, "Whether files hold the weights alone."),
      Monitor.modeField(\.mode),
      Field("save_freq", \.frequency, "'epoch', or a number of batches."),
      Field("initial_value_threshold", \.threshold, "What must be beaten before anything is kept."),
      Field("on_save", \.onSave, "A function of path, model and logs: called whenever weights are kept."),
    ]

    /// What only save_best_only looks at has no effect without it.
    public func validate() throws(NNError) {
      guard !savesBestOnly else { return }
      let idle =
        monitor != Options.usualMonitor
        ? "monitor" : mode != "auto" ? "mode" : threshold != nil ? "initial_value_threshold" : nil
      if let idle { throw .invalid("\(Self.className): '\(idle)' has no effect without save_best_only") }
    }
  }

  private let monitor: Monitor
  private var best: Double
  private var batches = 0
  private var epoch = 0
  private var saved: (path: String, weights: [Tensor]?)?

  override init(_ options: Options) {
    monitor = Monitor(options.monitor, mode: options.mode)
    best = options.threshold ?? monitor.worst
    super.init(options)
  }

  /// best, path, weights; best_weights with save_best_only.
  public override var state: Value.Table {
    let weights = Value.weights(saved?.weights)
    return Value.Table([
      ("best", .number(best)), ("path", saved.map { .string($0.path) } ?? .null), ("weights", weights),
      ("best_weights", options.savesBestOnly ? weights : .null),
    ])
  }

  /// What is watched and what the name asks for must be recorded, by the time of saving.
  public func prepare(_ run: TrainingRun) throws(NNError) {
    let names = options.frequency == .epoch ? run.epochNames : run.names
    if options.savesBestOnly { try monitor.check(names, run, className) }
    let counters = options.frequency == .epoch ? ["epoch"] : ["epoch", "batch"]
    for name in options.path.template?.names ?? [] where !counters.contains(name) && !names.contains(name) {
      if options.frequency == .epoch, run.mayHaveMoreLogs { continue }
      throw NNError(
        .notFound,
        "\(className): 'filepath' asks for '\(name)', which is not recorded"
          + Suggestion.hint(for: name, among: counters + names))
    }
  }

  /// Counts batches anew.
  public func trainBegan(_ run: TrainingRun) throws(NNError) { batches = 0 }
  /// The best so far, its place between two checkpoints, and the weights that it keeps.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    .table(
      Value.Table([
        ("best", .number(best)), ("batches", .integer(batches)), ("epoch", .integer(epoch)),
        ("path", saved.map { .string($0.path) } ?? .null), ("weights", .weights(saved?.weights)),
      ]))
  }
  /// Knows again what it knew.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    let memory = try Remembered(backup, className)
    (best, batches, epoch) = (
      try memory.number("best"), try memory.count("batches"), try memory.count("epoch")
    )
    saved = memory.has("path") ? (try memory.text("path"), try memory.tensors("weights")) : nil
  }

  /// Notes the number.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { self.epoch = epoch }

  /// Keeps after so many batches.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    guard case .batches(let count) = options.frequency else { return }
    batches += 1
    guard batches >= count else { return }
    batches = 0
    try save(epoch, batch, Logs(run.logs()), run)
  }

  /// Keeps after an epoch.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    if options.frequency == .epoch { try save(epoch, nil, logs, run) }
  }

  private func save(_ epoch: Int, _ batch: Int?, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    var reason = ""
    if options.savesBestOnly {
      guard let value = try monitor.value(logs, run, className) else { return }
      let (old, new) = (DecimalText.fixed(best, places: 5), DecimalText.fixed(value, places: 5))
      guard monitor.isBetter(value, than: best) else {
        if options.verbose > 0 { run.say(epoch: epoch, "\(monitor.name) did not improve from \(old)") }
        return
      }
      best = value
      reason = "\(monitor.name) improved from \(old) to \(new), "
    }
    guard let template = options.path.template else { return }
    let path = try named { () throws(NNError) in try template.text(epoch: epoch, batch: batch, logs) }
    if let format = options.path.format {
      try named { () throws(NNError) in
        try run.model.write(
          path, ModelContents(kind: options.writesWeightsOnly ? .weights : .model), format)
      }
      saved = (path, nil)
    } else {
      saved = (path, try run.model.getWeights())
    }
    if options.verbose > 0 { run.say(epoch: epoch, reason + "saving model to \(path)") }
    try options.onSave?(.string(path), .object(run.model), .object(logs))
  }
}

/// A path with placeholders, checked when the configuration is made.
struct PathText: ConfigValue, Sendable {
  var text = ""
  var template: PathTemplate?
  /// The format of the files; nil where the name asks for none.
  var format: FileFormat? { FileFormat.named(by: text) }

  static let kind = "a path, perhaps with placeholders"
  static func decode(_ value: Value) throws(NNError) -> PathText? {
    guard let text = value.string, !text.isEmpty else { return nil }
    return PathText(text: text, template: try PathTemplate(text))
  }
  var encoded: Value { .string(text) }
}

/// When a checkpoint is made.
enum SaveFrequency: ConfigValue, Hashable, Sendable {
  case epoch
  case batches(Int)

  static let kind = "'epoch', or a positive number of batches"
  static func decode(_ value: Value) -> SaveFrequency? {
    if value.string == "epoch" { return .epoch }
    guard let count = Int.decode(value), count > 0 else { return nil }
    return .batches(count)
  }
  var encoded: Value {
    switch self {
    case .epoch: .string("epoch")
    case .batches(let count): .integer(count)
    }
  }
}
