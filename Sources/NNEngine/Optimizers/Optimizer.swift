import KernelTable

/// An optimizer at work: a rule, the rate, the count of its steps, and the slots it keeps for each weight. It has identity:
/// compiling a model with it again starts it anew.
public final class Optimizer {
  /// Keras's class name.
  public let className: String
  /// Its name; Keras counts none.
  public let name: String
  /// The number of steps made.
  public internal(set) var iterations = 0

  private(set) var definition: any OptimizerDefinition
  let base: OptimizerBase
  var rate: LearningRate
  /// What the rule reads at each step; the first number is what weight decay leaves of a weight.
  let hyperparameters: Variable
  /// In the order in which weights were first met.
  private(set) var kept: [KeptForWeight] = []
  private var momentumProduct = (steps: 0, value: 1.0)

  init<D: OptimizerDefinition>(_ configuration: OptimizerConfiguration<D>) throws(NNError) {
    className = D.className
    name = configuration.base.name ?? D.className
    definition = configuration.definition
    base = configuration.base
    rate = configuration.learningRate
    hyperparameters = try Variable("hyperparameters", Shape([D.numberCount + 1]), role: .slot)
  }

  /// An optimizer of a class of the registry.
  public static func make(_ className: String, _ arguments: Arguments = Arguments()) throws(NNError) -> Optimizer {
    try registry.entry(className).make(arguments)
  }

  // MARK: Steps

  /// The rule as an operation of the graph.
  var rule: UpdateRule {
    UpdateRule(
      key: definition.variant.isEmpty ? className : "\(className)(\(definition.variant))",
      slotCount: definition.slots.count, update: definition.rule, isPlainDescent: definition.isPlainDescent)
  }

  /// Sets what the rule reads for the next step, and counts it.
  func beginStep() throws(NNError) {
    let rate = try learningRate / (1 + base.decay * Double(iterations))
    let numbers = hyperparameters.pointer
    numbers[0] = Float(1 - rate * (definition.weightDecay ?? base.weightDecay ?? 0))
    let moment = OptimizerMoment(rate: rate, step: iterations + 1, momentumProduct: momentumSoFar)
    definition.writeNumbers(moment, to: numbers + 1)
    if iterations == 0 { startAverages() }
    iterations &+= 1
  }

  /// Π momentum over the steps made. A function of their number, so it need not be saved.
  var momentumSoFar: Double {
    if momentumProduct.steps > iterations { momentumProduct = (0, 1) }
    while momentumProduct.steps < iterations {
      // Once it is 0, it stays so.
      guard momentumProduct.value > 0, let m = definition.momentum(step: momentumProduct.steps + 1) else {
        momentumProduct.steps = iterations
        break
      }
      momentumProduct = (momentumProduct.steps + 1, momentumProduct.value * m)
    }
    return momentumProduct.value
  }

  /// How often slots and count were forgotten: programs bound to older slots are out of date.
  private(set) var resets = 0

  /// Forgets slots and count, as compiling does.
  func reset() {
    resets += 1
    kept = []
    iterations = 0
  }

  // MARK: What is kept for each weight

  /// The slots of a weight, and its moving average if there is one; made at first need.
  func kept(for variable: Variable) throws(NNError) -> KeptForWeight {
    if let known = kept.first(where: { $0.weight === variable }) { return known }
    func make(_ slot: String, _ fill: (Variable) -> Void) throws(NNError) -> Variable {
      let result = try Variable(slot, variable.shape, role: .slot)
      result.path = "\(name)/\(variable.path)/\(slot)"
      fill(result)
      return result
    }
    var slots: [Variable] = []
    for slot in definition.slots {
      slots.append(try make(slot.name) { $0.pointer.update(repeating: slot.initial, count: $0.shape.count) })
    }
    var average: Variable?
    if base.usesAverage {
      average = try make("average") { $0.pointer.update(from: variable.pointer, count: $0.shape.count) }
    }
    let new = KeptForWeight(weight: variable, slots: slots, average: average)
    kept.append(new)
    return new
  }

  /// Everything that is kept for weights.
  var slotVariables: [Variable] { kept.flatMap(\.all) }

  // MARK: Configuration

  /// Keras's get_config, with the present values.
  public var configuration: Value.Table {
    var table = Value.Table([("name", .string(name)), ("learning_rate", rate.encoded)])
    for entry in base.used { table[entry.name] = entry.value }
    for entry in definition.configuration.entries { table[entry.name] = entry.value }
    return table
  }

  /// Sets one of the numbers that the rule or the rate is made of, by Keras's name ("momentum", "beta_1", "learning_rate"), from the next
  /// step on. What decides which slots there are, or how steps are compiled, can only be chosen when the optimizer is made.
  public func set(_ field: String, _ value: Value) throws(NNError) {
    if field == "learning_rate" || field == "lr" {
      switch try LearningRate.decode(value) {
      case .number(let new)?: return try setLearningRate(new)
      case .schedule(let new)?: return setSchedule(new)
      case nil: throw .invalid("'\(field)' must be \(LearningRate.kind), got \(value.text)")
      }
    }
    let new = try definition.setting(field, value)
    guard new.variant == definition.variant, new.slots == definition.slots else {
      throw NNError(
        .state,
        "\(className): '\(field)' cannot become \(value.text) now, since that is another rule; make a new optimizer")
    }
    definition = new
    momentumProduct = (0, 1)
  }
}

/// What an optimizer keeps for one weight.
struct KeptForWeight {
  let weight: Variable
  /// In the rule's order.
  let slots: [Variable]
  let average: Variable?
  var all: [Variable] { slots + (average.map { [$0] } ?? []) }
}

extension Configurable {
  /// The same configuration with another value of one field.
  fileprivate func setting(_ name: String, _ value: Value) throws(NNError) -> Self {
    guard let field = Self.fields.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
      throw NNError(
        .notFound, "\(Self.className) has no '\(name)'" + Suggestion.hint(for: name, among: Self.fields.map(\.name)))
    }
    var result = self
    do throws(NNError) { try field.set(&result, value) } catch {
      throw NNError(error.code, "\(Self.className): \(error.message)", path: error.path)
    }
    try result.validate()
    return result
  }
}
