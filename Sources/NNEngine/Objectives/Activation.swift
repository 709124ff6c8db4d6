/// A function applied to each number of a layer's output (softmax and log_softmax: to each row along an axis).
public struct Activation: Registered, Hashable, Sendable {
  private let definition: ActivationDefinition
  /// One number for each parameter, in the definition's order.
  private let values: [Double]
  /// The user's function, if this is one.
  private let code: UserCode?

  init(_ definition: ActivationDefinition, _ values: [Double]) {
    self.definition = definition
    self.values = values
    code = nil
  }

  /// A user's function.
  init(_ code: UserCode) {
    definition = ActivationDefinition(name: "function", doc: "A user's function.") { (x, _) throws(NNError) in
      let y = try code([x], for: "activation")
      guard y.shape == x.shape else {
        throw .shape("activation: the function turned an output of shape \(x.shape) into \(y.shape)")
      }
      return y
    }
    values = []
    self.code = code
  }

  /// Keras's name: "elu".
  public var name: String { definition.name }

  /// f(x).
  public func callAsFunction(_ x: Symbol) throws(NNError) -> Symbol { try definition.emit(x, values) }

  /// Keras's linear: the output as it is.
  public static let linear = Activation(.linear, [])

  /// All activations.
  public static let registry = Registry<Activation>(
    "activation",
    ActivationDefinition.all.map { definition in
      .init(
        name: definition.name, aliases: definition.aliases, doc: definition.doc,
        fields: definition.parameters.map(\.field),
        make: { (arguments) throws(NNError) in Activation(definition, try definition.values(arguments)) })
    })

  /// The name, and those parameters that it has.
  public var serialized: (className: String, configuration: Value.Table)? {
    if code != nil { return nil }
    return (name, Value.Table(zip(definition.parameters, values).map { ($0.name, $0.encoded($1)) }))
  }

  /// The bare name, as Keras writes it, wherever the name alone means the same function.
  public var encoded: Value {
    if let code { return code.encoded }
    if values == definition.parameters.map(\.initial) { return .string(name) }
    let configuration = serialized?.configuration ?? .init()
    return .table(Value.Table([("class_name", .string(name)), ("config", .table(configuration))]))
  }

  /// The same function with the same parameters.
  public static func == (a: Activation, b: Activation) -> Bool {
    a.name == b.name && a.values == b.values && a.code == b.code
  }
  /// By name and parameters.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(values)
    hasher.combine(code)
  }
}
