/// What is reported of a training besides the loss. It is computed batch by batch in small sums, which the trainer adds up
/// in double precision, so a short last batch counts by its size.
public protocol MetricDefinition: Configurable {
  /// The key in the history; the default is Keras's name of the metric.
  var name: String { get set }
  /// Sums over the batch, small tensors of a fixed shape. With weights, one number a sample, each sample counts so many times.
  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol]
  /// The metric from the sums over all batches, one list for each increment.
  func result(_ sums: [[Double]]) -> Double
}

extension MetricDefinition {
  /// The ratio of the first sum to the second: right ones to all.
  public func result(_ sums: [[Double]]) -> Double { Ratio.of(sums) }
}

/// A metric, with the name under which it is reported.
public struct Metric: Registered, Sendable {
  private(set) var definition: any MetricDefinition

  init(_ definition: any MetricDefinition) { self.definition = definition }

  /// The key in the history: what the user wrote ("acc" stays "acc"), or Keras's name of the metric.
  public var key: String { definition.name }

  /// Sums over the batch; all arguments have the batch as their first axis. With weights, one number a sample, each sample
  /// counts so many times: the metric becomes Keras's weighted one.
  public func increments(
    _ yTrue: Symbol, _ yPred: Symbol, weights: Symbol? = nil
  ) throws(NNError) -> [Symbol] {
    try within(key) { () throws(NNError) in
      if let weights {
        guard weights.shape.rank == 1, yPred.shape.rank > 0, weights.shape[0] == yPred.shape[0] else {
          throw .shape(
            "weights of shape \(weights.shape) for outputs of shape \(yPred.shape): expected one for each sample")
        }
      }
      return try definition.increments(yTrue, yPred, weights)
    }
  }

  /// The metric from the sums over all batches.
  public func result(_ sums: [[Double]]) -> Double { definition.result(sums) }

  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? {
    definition is any UserComponent ? nil : (type(of: definition).className, definition.configuration)
  }

  /// A name keeps its spelling as the key.
  public static func decode(_ value: Value) throws(NNError) -> Metric? {
    guard var metric = try registry.make(value) else { return nil }
    if let name = value.string { metric.definition.name = name }
    return metric
  }

  /// All metrics: those of their own, and every loss.
  public static let registry = Registry<Metric>(
    "metric",
    [
      .init(Accuracy.self, aliases: ["accuracy", "acc"]) { Metric($0) },
      .init(BinaryAccuracy.self, aliases: ["binary_accuracy"]) { Metric($0) },
      .init(CategoricalAccuracy.self, aliases: ["categorical_accuracy"]) { Metric($0) },
      .init(SparseCategoricalAccuracy.self, aliases: ["sparse_categorical_accuracy"]) { Metric($0) },
      .init(TopKCategoricalAccuracy.self, aliases: ["top_k_categorical_accuracy"]) { Metric($0) },
      .init(SparseTopKCategoricalAccuracy.self, aliases: ["sparse_top_k_categorical_accuracy"]) { Metric($0) },
      .init(Precision.self, aliases: ["precision"]) { Metric($0) },
      .init(Recall.self, aliases: ["recall"]) { Metric($0) },
      .init(F1Score.self, aliases: ["f1_score"]) { Metric($0) },
      .init(AUC.self, aliases: ["auc"]) { Metric($0) },
      .init(RootMeanSquaredError.self, aliases: ["root_mean_squared_error", "rmse"]) { Metric($0) },
      .init(R2Score.self, aliases: ["r2_score"]) { Metric($0) },
      .init(MeanOutput.self, aliases: ["mean"]) { Metric($0) },
      .init(SumOutput.self, aliases: ["sum"]) { Metric($0) },
    ] + LossEntry.all.map(\.metric))
}
