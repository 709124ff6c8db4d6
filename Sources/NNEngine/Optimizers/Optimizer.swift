import KernelTable

/// An optimizer at work: a rule, the rate, the count of its steps, and the slots it keeps for each weight. It has identity:
/// compiling a model with it again starts it anew.
public final class Optimizer {
  /// Keras's class name.
  public let className: String
  /// Its name; Keras counts none.
  public let name: String
  /// The step size; may be set at any time, takes effect at the next step.
  public var learningRate: Double
  /// The number of steps made.
  public internal(set) var iterations = 0

  private let definition: any OptimizerDefinition
  /// What the rule reads at each step.
  let hyperparameters: Variable
  private var slots: [ObjectIdentifier: (owner: Variable, values: [Variable])] = [:]

  init<D: OptimizerDefinition>(_ definition: D) throws(NNError) {
    className = D.className
    name = D.className
    learningRate = definition.learningRate
    self.definition = definition
    hyperparameters = try Variable("hyperparameters", Shape([D.hyperparameterCount]), role: .slot)
  }

  /// An optimizer of a class of the registry.
  public static func make(_ className: String, _ arguments: Arguments = Arguments()) throws(NNError) -> Optimizer {
    try registry.entry(className).make(arguments)
  }

  /// Keras's get_config, with the present rate.
  public var configuration: Value.Table {
    var table = Value.Table([("name", .string(name))])
    for entry in definition.configuration.entries { table[entry.name] = entry.value }
    table["learning_rate"] = .number(learningRate)
    return table
  }

  /// The rule as an operation of the graph.
  var rule: UpdateRule {
    let parts = definition.configuration.entries.filter { $0.name != "learning_rate" }.map {
      "\($0.name)=\(JSON.text($0.value))"
    }
    return UpdateRule(
      key: parts.isEmpty ? className : "\(className)(\(parts.joined(separator: ", ")))",
      slotCount: definition.slots.count,
      update: definition.rule)
  }

  /// The slots of a weight, made at first need.
  func slots(for variable: Variable) throws(NNError) -> [Variable] {
    if let known = slots[ObjectIdentifier(variable)] { return known.values }
    var values: [Variable] = []
    for slot in definition.slots {
      let value = try Variable(slot, variable.shape, role: .slot)
      value.path = "\(variable.path)/\(slot)"
      values.append(value)
    }
    slots[ObjectIdentifier(variable)] = (variable, values)
    return values
  }

  /// Sets what the rule reads for the next step, and counts it.
  func beginStep() {
    definition.writeHyperparameters(rate: learningRate, iterations: iterations, to: hyperparameters.pointer)
    iterations &+= 1
  }

  /// Forgets slots and count, as compiling does.
  func reset() {
    slots = [:]
    iterations = 0
  }

  /// Everything that is kept for weights.
  var slotVariables: [Variable] { slots.values.flatMap(\.values) }
}

extension Optimizer: Registered {
  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? { (className, configuration) }

  /// All optimizers.
  public static let registry = Registry<Optimizer>(
    "optimizer",
    [entry(SGD.self, "sgd"), entry(RMSprop.self, "rmsprop")])

  private static func entry<D: OptimizerDefinition>(_ type: D.Type, _ alias: String) -> Registry<Optimizer>.Entry {
    .init(OptimizerConfiguration<D>.self, aliases: [alias]) { (configuration) throws(NNError) in
      try Optimizer(configuration.definition)
    }
  }
}

/// An optimizer's whole configuration: what its rule declares, and what Keras's base class gives to every optimizer.
struct OptimizerConfiguration<D: OptimizerDefinition>: Configurable {
  var definition = D()
  var name: String?

  static var className: String { D.className }
  static var doc: String { D.doc }
  static var fields: [Field<OptimizerConfiguration<D>>] {
    D.fields.map { $0.lifted(\.definition) } + [Field("name", \.name, "Its name.")]
  }
  func validate() throws(NNError) { try definition.validate() }
}
