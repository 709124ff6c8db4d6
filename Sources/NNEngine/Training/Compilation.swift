/// What compile gives to a model.
final class Compilation {
  let optimizer: Optimizer
  let loss: Loss
  let metrics: [Metric]
  /// "loss", then the metrics as the user wrote them.
  var names: [String] { ["loss"] + metrics.map(\.key) }

  init(_ options: CompileOptions) throws(NNError) {
    guard let loss = options.loss else { throw .invalid("compile: 'loss' is required (\(Loss.kind))") }
    guard loss.isReduced else {
      throw .invalid("compile: a loss with reduction 'none' is one number for each sample, but training needs one")
    }
    if let optimizer = options.optimizer {
      self.optimizer = optimizer
    } else {
      self.optimizer = try Optimizer.make("RMSprop")
    }
    self.loss = loss
    self.metrics = options.metrics.items
    var seen: Set<String> = ["loss"]
    for metric in metrics where !seen.insert(metric.key).inserted {
      throw .invalid("compile: the metric '\(metric.key)' is given twice")
    }
  }
}

/// The arguments of compile, by Keras's names.
struct CompileOptions: Configurable, @unchecked Sendable {
  var optimizer: Optimizer?
  var loss: Loss?
  var metrics = MetricList(items: [])

  static let className = "compile"
  static let doc =
    "Chooses how the model is trained. Example: model:compile{loss=\"mse\", optimizer=\"sgd\", metrics={\"mae\"}}"
  static let fields: [Field<CompileOptions>] = [
    Field("optimizer", \.optimizer, "By name, or an object; RMSprop when not given."),
    Field("loss", \.loss, "What is minimised; required."),
    Field("metrics", \.metrics, "What is reported beside the loss."),
  ]
}

/// A list of metrics, or one alone.
struct MetricList: ConfigValue {
  let items: [Metric]
  static let kind = "a list of metrics"
  static func decode(_ value: Value) throws(NNError) -> MetricList? {
    if let several = try [Metric].decode(value) { return MetricList(items: several) }
    return try Metric.decode(value).map { MetricList(items: [$0]) }
  }
  var encoded: Value { items.encoded }
}

extension Model {
  /// Chooses optimizer, loss and metrics. Resets the optimizer's state, leaves the weights alone.
  public func compile(_ arguments: Arguments) throws(NNError) {
    guard !isActive else { throw NNError(.state, "compile: the model is being trained or evaluated", path: [name]) }
    do throws(NNError) {
      let new = try Compilation(CompileOptions.make(arguments))
      new.optimizer.reset()
      compilation = new
    } catch { throw error.within(name) }
    programs.removeAll()
  }

  /// Whether compile was called.
  public var isCompiled: Bool { compilation != nil }
  /// The optimizer, after compile.
  public var optimizer: Optimizer? { compilation?.optimizer }
  /// The names of what evaluate returns: "loss", then the metrics as the user wrote them.
  public var metricsNames: [String] { compilation?.names ?? [] }

  func compiled(for call: String) throws(NNError) -> Compilation {
    guard let compilation else {
      throw NNError(.state, "\(call): the model is not compiled; call compile first", path: [name])
    }
    return compilation
  }
}
