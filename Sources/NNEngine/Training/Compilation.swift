/// What compile gives to a model.
final class Compilation {
  /// What one output is trained for.
  struct Target {
    /// Which of the model's outputs.
    let output: Int
    let loss: Loss
    /// Its share in the whole loss.
    let weight: Double
    /// What is reported; those of `weighted` by the samples' weights.
    let metrics: [Metric]
    let weighted: [Metric]
  }

  let optimizer: Optimizer
  /// In the order of the outputs; outputs without a loss are not among them.
  let targets: [Target]
  /// "loss"; with several outputs the loss of each; then the metrics as the user wrote them, with several outputs after the output's name.
  let names: [String]
  /// The arguments of compile.
  let options: CompileOptions
  /// How many of the first names are means over batches: losses. The others are metrics.
  let lossCount: Int
  /// Every metric, in the order of `names`.
  let metrics: [Metric]

  init(_ options: CompileOptions, for model: Model) throws(NNError) {
    let outputs = model.outputNames
    guard let losses = try options.loss?.resolved(for: outputs, "loss"), losses.contains(where: { $0 != nil }) else {
      throw .invalid("compile: 'loss' is required (\(Loss.kind))")
    }
    let weights = try options.lossWeights?.resolved(for: outputs, "loss_weights") ?? outputs.map { _ in nil }
    let metrics = try options.metrics.resolved(for: outputs, "metrics")
    let weighted = try options.weightedMetrics.resolved(for: outputs, "weighted_metrics")
    var targets: [Target] = []
    for (i, loss) in losses.enumerated() {
      guard let loss else {
        guard metrics[i].isEmpty, weighted[i].isEmpty, weights[i] == nil else {
          throw .invalid("compile: the output '\(outputs[i])' has no loss, so it has no labels for metrics")
        }
        continue
      }
      guard loss.isReduced else {
        throw .invalid("compile: a loss with reduction 'none' is one number for each sample, but training needs one")
      }
      targets.append(
        Target(output: i, loss: loss, weight: weights[i] ?? 1, metrics: metrics[i], weighted: weighted[i]))
    }
    if let optimizer = options.optimizer {
      self.optimizer = optimizer
    } else {
      self.optimizer = try Optimizer.make("RMSprop")
    }
    let isSeveral = outputs.count > 1
    var names = ["loss"]
    if isSeveral { names += targets.map { outputs[$0.output] + "_loss" } }
    lossCount = names.count
    for target in targets {
      let keys = (target.metrics + target.weighted).map(\.key)
      names += isSeveral ? keys.map { "\(outputs[target.output])_\($0)" } : keys
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw .invalid("compile: the metric '\(name)' is given twice")
    }
    (self.targets, self.names, self.options) = (targets, names, options)
    self.metrics = targets.flatMap { $0.metrics + $0.weighted }
  }
}

/// The arguments of compile, by Keras's names.
struct CompileOptions: Configurable, @unchecked Sendable {
  var optimizer: Optimizer?
  var loss: PerOutput<Loss>?
  var metrics = MetricsOption.every([])
  var lossWeights: PerOutput<Double>?
  var weightedMetrics = MetricsOption.every([])

  static let className = "compile"
  static let doc =
    "Chooses how the model is trained. Example: model:compile{loss=\"mse\", optimizer=\"sgd\", metrics={\"mae\"}}"
  static let fields: [Field<CompileOptions>] = [
    Field("optimizer", \.optimizer, "By name, or an object; RMSprop when not given."),
    Field("loss", \.loss, "What is minimised; required. One for all outputs, a list, or by the outputs' names."),
    Field("metrics", \.metrics, "What is reported beside the loss; with several outputs, lists or by name."),
    Field("loss_weights", \.lossWeights, "With several outputs, what each loss is multiplied by in the sum."),
    Field("weighted_metrics", \.weightedMetrics, "Metrics in which samples count by sample_weight and class_weight."),
  ]
}

extension Model {
  /// Chooses optimizer, loss and metrics. Resets the optimizer's state, leaves the weights alone.
  public func compile(_ arguments: Arguments) throws(NNError) {
    guard !isActive else { throw NNError(.state, "compile: the model is being trained or evaluated", path: [name]) }
    do throws(NNError) {
      let new = try Compilation(CompileOptions.make(arguments), for: self)
      new.optimizer.reset()
      compilation = new
      interrupted = nil
    } catch { throw error.within(name) }
    programs.removeAll()
  }

  /// Whether compile was called.
  public var isCompiled: Bool { compilation != nil }
  /// The optimizer, after compile.
  public var optimizer: Optimizer? { compilation?.optimizer }
  /// The names of what evaluate returns: "loss", then the metrics as the user wrote them.
  public var metricsNames: [String] { compilation?.names ?? [] }

  /// The names of the outputs for which there are labels: those with a loss.
  public var targetNames: [String] {
    let names = outputNames
    return compilation?.targets.map { names[$0.output] } ?? names
  }

  func compiled(for call: String) throws(NNError) -> Compilation {
    guard let compilation else {
      throw NNError(.state, "\(call): the model is not compiled; call compile first", path: [name])
    }
    return compilation
  }
}
