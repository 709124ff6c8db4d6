/// An optimizer's whole configuration: the rate, what its rule declares, and what Keras's base class gives to every optimizer.
/// Sendable except for a rate that is a user's function, which stays with the optimizer that is made from it.
struct OptimizerConfiguration<D: OptimizerDefinition>: Configurable, @unchecked Sendable {
  var learningRate = LearningRate.number(D.learningRate)
  var definition = D()
  var base = OptimizerBase()

  static var className: String { D.className }
  static var doc: String { D.doc }
  static var fields: [Field<OptimizerConfiguration<D>>] {
    let own = D.fields.map { $0.lifted(\OptimizerConfiguration<D>.definition) }
    let names = own.map(\.name)
    return [Field("learning_rate", \.learningRate, aliases: ["lr"], "Step size: a number, or a schedule over the steps.")]
      + own + OptimizerBase.fields.filter { !names.contains($0.name) }.map { $0.lifted(\.base) }
  }

  func validate() throws(NNError) {
    try definition.validate()
    do throws(NNError) { try base.validate() } catch {
      throw NNError(error.code, "\(D.className): \(error.message)", path: error.path)
    }
  }
}

/// The arguments of Keras's base class.
struct OptimizerBase: Configurable {
  var name: String?
  var decay = 0.0
  var clipNorm: Double?
  var clipValue: Double?
  var globalClipNorm: Double?
  var weightDecay: Double?
  var usesAverage = false
  var averageMomentum = OptimizerBase.usualAverageMomentum
  var averageFrequency: Int?

  static let usualAverageMomentum = 0.99

  static let className = "Optimizer"
  static let doc = "What every optimizer has."
  static let fields: [Field<OptimizerBase>] = [
    Field("name", \.name, "Its name; the class's when not given."),
    Field("decay", \.decay, check: .notNegative, "Step t, counted from 0, has the rate learning_rate / (1 + decay * t)."),
    Field(
      "clipnorm", \.clipNorm, check: .positiveOrNil,
      "Gradients of a weight that are together longer than this are shortened to it."),
    Field("clipvalue", \.clipValue, check: .positiveOrNil, "Gradients are limited to -clipvalue ... clipvalue."),
    Field(
      "global_clipnorm", \.globalClipNorm, check: .positiveOrNil,
      "Gradients of all weights that are together longer than this are shortened to it."),
    Field(
      "weight_decay", \.weightDecay, check: .notNegativeOrNil,
      "Each step first takes rate * weight_decay * w from a weight w."),
    Field("use_ema", \.usesAverage, "Whether to keep a moving average of the weights, which is their value after fit."),
    Field("ema_momentum", \.averageMomentum, check: .range(0...1), "Share of the old average that a step keeps."),
    Field(
      "ema_overwrite_frequency", \.averageFrequency,
      check: Check("a positive integer or nil") { $0 ?? 1 > 0 },
      "The weights are set to their average after every so many steps, too."),
  ]

  func validate() throws(NNError) {
    if let name, name.isEmpty || name.contains("/") {
      throw .invalid("'name' must not be empty and not contain '/', got '\(name)'")
    }
    if clipNorm != nil && globalClipNorm != nil {
      throw .invalid("'clipnorm' and 'global_clipnorm' exclude each other")
    }
    if !usesAverage && (averageMomentum != OptimizerBase.usualAverageMomentum || averageFrequency != nil) {
      let name = averageFrequency == nil ? "ema_momentum" : "ema_overwrite_frequency"
      throw .invalid("'\(name)' has no effect without use_ema")
    }
  }

  /// As Keras 2 writes it: what is not used is left out, since its older versions refuse names that they do not know.
  var used: [(name: String, value: Value)] {
    configuration.entries.filter { entry in
      switch entry.name {
      case "name": false
      case "use_ema", "ema_momentum", "ema_overwrite_frequency": usesAverage
      default: !entry.value.isNull
      }
    }
  }
}

extension Check where V == Double? {
  static var positiveOrNil: Check { Check("a positive finite number or nil") { $0 ?? 1 > 0 && $0 ?? 1 < .infinity } }
  static var notNegativeOrNil: Check {
    Check("a finite number that is not negative or nil") { $0 ?? 0 >= 0 && $0 ?? 0 < .infinity }
  }
}
