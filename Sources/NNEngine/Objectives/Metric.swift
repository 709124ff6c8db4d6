/// What is reported of a training besides the loss. It is computed batch by batch in small sums, which the trainer adds up
/// in double precision, so a short last batch counts by its size.
public protocol MetricDefinition: Configurable {
  /// The key in the history; the default is Keras's name of the metric.
  var name: String { get set }
  /// Sums over the batch, small tensors of a fixed shape.
  func increments(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> [Symbol]
  /// The metric from the sums over all batches, one list for each increment.
  func result(_ sums: [[Double]]) -> Double
}

extension MetricDefinition {
  /// The ratio of the first sum to the second: right ones to all.
  public func result(_ sums: [[Double]]) -> Double {
    guard sums.count > 1, let part = sums[0].first, let whole = sums[1].first, whole > 0 else { return 0 }
    return part / whole
  }
}

/// A metric, with the name under which it is reported.
public struct Metric: Registered, Sendable {
  private(set) var definition: any MetricDefinition

  init(_ definition: any MetricDefinition) { self.definition = definition }

  /// The key in the history: what the user wrote ("acc" stays "acc"), or Keras's name of the metric.
  public var key: String { definition.name }

  /// Sums over the batch; both arguments have the batch as their first axis.
  public func increments(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> [Symbol] {
    try within(key) { () throws(NNError) in try definition.increments(yTrue, yPred) }
  }

  /// The metric from the sums over all batches.
  public func result(_ sums: [[Double]]) -> Double { definition.result(sums) }

  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? {
    if let loss = (definition as? LossMetric)?.loss.serialized {
      let fields = loss.configuration.entries.map { ($0.name, $0.value) }
      return (loss.className, Value.Table([("name", .string(key))] + fields))
    }
    return (type(of: definition).className, definition.configuration)
  }

  /// A name keeps its spelling as the key.
  public static func decode(_ value: Value) throws(NNError) -> Metric? {
    guard var metric = try registry.make(value) else { return nil }
    if let name = value.string { metric.definition.name = name }
    return metric
  }

  /// All metrics: the accuracies, and every loss.
  public static let registry = Registry<Metric>(
    "metric",
    [
      .init(Accuracy.self, aliases: ["accuracy", "acc"]) { Metric($0) },
      .init(BinaryAccuracy.self, aliases: ["binary_accuracy"]) { Metric($0) },
      .init(CategoricalAccuracy.self, aliases: ["categorical_accuracy"]) { Metric($0) },
      .init(SparseCategoricalAccuracy.self, aliases: ["sparse_categorical_accuracy"]) { Metric($0) },
    ] + Loss.registry.entries.map(LossMetric.entry))
}

/// A loss as a metric: the mean of its values for each sample.
struct LossMetric: MetricDefinition {
  var loss = Loss(MeanSquaredError())
  var name = "loss"

  static let className = "LossMetric"
  static let doc = "The mean of a loss over the samples."
  static let fields: [Field<LossMetric>] = [Field("loss", \.loss, required: true, "The loss.")]

  func increments(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> [Symbol] {
    let values = try loss.perSample(yTrue, yPred)
    return [try values.sum(), try .fill(Float(values.shape.count), .scalar)]
  }

  /// The metric that has a loss's name and arguments, and Keras's `name` before them.
  static func entry(_ loss: Registry<Loss>.Entry) -> Registry<Metric>.Entry {
    let key = loss.aliases.first ?? loss.name
    let name = FieldInfo(
      name: "name", aliases: [], kind: String.kind, defaultText: JSON.text(.string(key)), choices: [],
      doc: Accuracy.nameDoc)
    return .init(
      name: loss.name, aliases: loss.aliases, doc: loss.doc, fields: [name] + loss.fields,
      make: { (arguments) throws(NNError) in
        var (rest, given) = (arguments, arguments.named["name"])
        rest.named["name"] = nil
        if let first = rest.positional.first {
          guard given == nil else { throw .invalid("\(loss.name): 'name' is given twice") }
          given = first
          rest.positional.removeFirst()
        }
        if let given, !given.isNull, given.string == nil {
          throw .invalid("\(loss.name): 'name' must be \(String.kind), got \(given.text)")
        }
        return Metric(LossMetric(loss: try loss.make(rest), name: given?.string ?? key))
      })
  }
}
