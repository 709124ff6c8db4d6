/// A kind of layer: a configuration, the variables it needs, and what it emits into the graph, as a function of one or several
/// tensors. Layers of one input conform to `LayerDefinition`.
///
/// `call` runs once for each program, on symbols; nothing of a layer runs inside a training step.
public protocol LayerFunction: Configurable {
  /// The variables, by their roles in `call`.
  associatedtype Weights = Void
  /// Makes the variables for inputs of these shapes (one sample's, without the batch axis).
  func build(inputs: [Shape], _ new: inout VariableFactory) throws(NNError) -> Weights
  /// The layer's function; the inputs have the batch axis in front.
  func call(inputs: [Symbol], _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol
  /// A penalty on the layer's output, as Keras's activity_regularizer.
  var activityRegularizer: Regularizer? { get }
}

extension LayerFunction {
  /// None.
  public var activityRegularizer: Regularizer? { nil }
}

/// A kind of layer that takes one input.
public protocol LayerDefinition: LayerFunction {
  /// The variables, by their roles in `call`.
  associatedtype Weights = Void
  /// Makes the variables for inputs of this shape (one sample's, without the batch axis).
  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Weights
  /// The layer's function; `x` has the batch axis in front.
  func call(_ x: Symbol, _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol
}

extension LayerDefinition {
  /// Refuses several inputs.
  public func build(inputs: [Shape], _ new: inout VariableFactory) throws(NNError) -> Weights {
    guard inputs.count == 1 else { throw .shape("\(Self.className) takes one input, got \(inputs.count)") }
    return try build(inputs[0], &new)
  }

  /// The function of the only input.
  public func call(inputs: [Symbol], _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol {
    guard inputs.count == 1 else { throw .shape("\(Self.className) takes one input, got \(inputs.count)") }
    return try call(inputs[0], weights, context)
  }
}

extension LayerDefinition where Weights == Void {
  /// Makes no variables.
  public func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) {}
}

/// Where a layer's variables come from while it is built.
public struct VariableFactory {
  private(set) var variables: [Variable] = []

  /// A new variable with its first value.
  public mutating func make(
    _ name: String, _ dimensions: [Int], _ initializer: Initializer, role: Variable.Role = .weight,
    regularizer: Regularizer? = nil, constraint: Constraint? = nil
  ) throws(NNError) -> Variable {
    let variable = try Variable(name, Shape(dimensions), role: role)
    try initializer.initialize(variable)
    variable.regularizer = regularizer
    variable.constraint = constraint
    variables.append(variable)
    return variable
  }
}

/// One tracing of a model: what layers must know, and what they leave behind beside their outputs.
public final class CallContext {
  /// Whether layers behave as in training (dropout drops) or as in inference.
  public private(set) var training: Bool
  /// Scalars to be added to the loss.
  private(set) var losses: [Symbol] = []
  /// New values of statistics.
  private(set) var updates: [(Variable, Symbol)] = []
  private var reads: [ObjectIdentifier: Symbol] = [:]

  /// Seed and step, from which random numbers come.
  private let random: Variable?
  private var streams: UInt32 = 0
  /// Whether the layer that is being called is frozen.
  var isFrozen = false
  /// Told which layer emits what, when somebody wants to know.
  var origins: NodeOrigins?

  /// A new tracing. With `dropsOut`, dropout drops though all else is as in inference.
  init(training: Bool, random: Variable? = nil, dropsOut: Bool = false) {
    self.training = training
    self.random = random
    self.dropsOut = random != nil && (training || dropsOut)
  }

  /// Whether dropout drops.
  public private(set) var dropsOut: Bool
  /// Whether the results depend on random numbers.
  private(set) var isRandom = false
  /// Whether batch normalization uses the batch's own statistics, and keeps them: in training, unless the layer is frozen.
  public var normalizesByBatch: Bool { training && !isFrozen }

  /// A stream of random numbers that no other layer of the model has; the same in each tracing.
  func newStream(seed: Int?) -> UInt32 {
    streams += 1
    // Three kinds of streams, kept apart by their upper bits: draws of the process (0…), layers (1…), layers with a seed (01…).
    if let seed { return 0x4000_0000 | UInt32(truncatingIfNeeded: seed) & 0x3fff_ffff }
    return 0x8000_0000 | streams
  }

  /// The bits of seed and step.
  func randomKey() throws(NNError) -> Symbol {
    guard let random else { throw NNError(.internal, "no random numbers in this tracing") }
    isRandom = true
    return try read(random)
  }

  /// Emits something with layers behaving as in training, or as in inference; nil, and what is so anyway, changes nothing.
  func behaving<Result>(
    training wanted: Bool?, _ body: () throws(NNError) -> Result
  ) throws(NNError) -> Result {
    guard let wanted, wanted != training else { return try body() }
    let before = (training, dropsOut)
    defer { (training, dropsOut) = before }
    (training, dropsOut) = (wanted, wanted && random != nil)
    return try body()
  }

  /// Random numbers, new at each step.
  func random(
    _ distribution: RandomNumbers.Distribution, _ shape: Shape, seed: Int? = nil
  ) throws(NNError) -> Symbol {
    try .make(
      RandomNumbers(distribution: distribution, shape: shape, stream: newStream(seed: seed)), randomKey())
  }

  /// A variable's value; the same node for each use, which is what gradients are taken with respect to.
  public func read(_ variable: Variable) throws(NNError) -> Symbol {
    if let known = reads[ObjectIdentifier(variable)] { return known }
    let symbol = try Symbol.read(variable)
    reads[ObjectIdentifier(variable)] = symbol
    return symbol
  }

  /// Adds a scalar to the loss.
  public func add(loss: Symbol) { losses.append(loss) }
  /// Gives a statistic a new value at the end of the step. A layer that is called twice continues from `latest`.
  public func update(_ variable: Variable, _ value: Symbol) {
    if let i = updates.firstIndex(where: { $0.0 === variable }) {
      updates[i].1 = value
    } else {
      updates.append((variable, value))
    }
  }
  /// What a statistic will be by the calls so far.
  public func latest(_ variable: Variable) throws(NNError) -> Symbol {
    if let pending = updates.first(where: { $0.0 === variable }) { return pending.1 }
    return try read(variable)
  }
}
