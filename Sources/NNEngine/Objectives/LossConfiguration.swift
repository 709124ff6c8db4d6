/// A loss's whole configuration: what its kind declares, and what Keras's base class gives to every loss.
struct LossConfiguration<D: LossDefinition>: Configurable {
  var definition = D()
  var options = LossOptions(name: D.names.first ?? D.className)

  static var className: String { D.className }
  static var doc: String { D.doc }
  static var fields: [Field<LossConfiguration<D>>] {
    D.fields.map { $0.lifted(\.definition) } + LossOptions.fields.map { $0.lifted(\.options) }
  }

  func validate() throws(NNError) { try definition.validate() }
}

/// The arguments of Keras's base class.
struct LossOptions: Configurable {
  var reduction = "auto"
  var name = "loss"

  static let className = "Loss"
  static let doc = "What every loss has."
  static let fields: [Field<LossOptions>] = [
    Field(
      "reduction", \.reduction, check: .oneOf("auto", "sum_over_batch_size", "sum", "none"),
      "What becomes of the samples' losses: their mean ('auto', too), their sum, or nothing."),
    Field("name", \.name, "Keras's name."),
  ]
}

/// One kind of loss, twice: as a loss, and as a metric.
struct LossEntry: Sendable {
  let loss: Registry<Loss>.Entry
  let metric: Registry<Metric>.Entry

  init<D: LossDefinition>(_ type: D.Type, metricAliases: [String] = []) {
    loss = .init(LossConfiguration<D>.self, aliases: D.names) { Loss($0) }
    metric = .init(LossMetric<D>.self, aliases: D.names + metricAliases) { Metric($0) }
  }

  /// In the order of the reference.
  static let all: [LossEntry] = [
    LossEntry(MeanSquaredError.self), LossEntry(MeanAbsoluteError.self), LossEntry(MeanAbsolutePercentageError.self),
    LossEntry(MeanSquaredLogarithmicError.self), LossEntry(Huber.self),
    LossEntry(LogCosh.self, metricAliases: ["LogCoshError"]), LossEntry(BinaryCrossentropy.self),
    LossEntry(CategoricalCrossentropy.self), LossEntry(SparseCategoricalCrossentropy.self),
    LossEntry(BinaryFocalCrossentropy.self), LossEntry(Hinge.self), LossEntry(SquaredHinge.self),
    LossEntry(CategoricalHinge.self), LossEntry(KLDivergence.self), LossEntry(Poisson.self),
    LossEntry(CosineSimilarity.self),
  ]
}
