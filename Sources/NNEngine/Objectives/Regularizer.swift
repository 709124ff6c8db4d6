/// What large weights add to the loss.
public protocol RegularizerDefinition: Configurable {
  /// A scalar.
  func penalty(_ weights: Symbol) throws(NNError) -> Symbol
}

/// A penalty on weights, added to the loss.
public struct Regularizer: Registered, Sendable {
  let definition: any RegularizerDefinition

  init(_ definition: any RegularizerDefinition) { self.definition = definition }

  /// The penalty, a scalar.
  public func penalty(_ weights: Symbol) throws(NNError) -> Symbol { try definition.penalty(weights) }

  /// Class name and configuration: always L1L2, as Keras 2 writes it.
  public var serialized: (className: String, configuration: Value.Table)? {
    definition is any UserComponent ? nil : (type(of: definition).className, definition.configuration)
  }

  /// All regularizers. Those that differ only in names and defaults make an L1L2.
  public static let registry = Registry<Regularizer>(
    "regularizer",
    [
      .init(L1.self, aliases: ["l1"]) { Regularizer(L1L2(l1: $0.l1)) },
      .init(L2.self, aliases: ["l2"]) { Regularizer(L1L2(l2: $0.l2)) },
      .init(L1L2.self) { Regularizer($0) },
      .init(L1L2Function.self) { Regularizer(L1L2(l1: $0.l1, l2: $0.l2)) },
    ])
}

/// l1 · Σ|w| + l2 · Σw²
struct L1L2: RegularizerDefinition {
  var l1 = 0.0
  var l2 = 0.0

  static let className = "L1L2"
  static let doc = "Adds l1 * sum(abs(w)) + l2 * sum(w^2) to the loss; both factors are 0 unless given."
  static let fields: [Field<L1L2>] = [
    Field("l1", \.l1, check: .notNegative, "Factor of the sum of magnitudes."),
    Field("l2", \.l2, check: .notNegative, "Factor of the sum of squares."),
  ]

  func penalty(_ weights: Symbol) throws(NNError) -> Symbol {
    // A factor of zero emits nothing: its gradient would be computed in every step.
    if l1 == 0 && l2 == 0 { return try Symbol.fill(0, .scalar) }
    if l1 == 0 { return try weights.square().sum() * Float(l2) }
    if l2 == 0 { return try weights.abs().sum() * Float(l1) }
    return try weights.abs().sum() * Float(l1) + weights.square().sum() * Float(l2)
  }
}

/// The arguments of `l1(…)`.
struct L1: Configurable {
  var l1 = 0.01

  static let className = "L1"
  static let doc = "Adds l1 * sum(abs(w)) to the loss: drives weights to zero."
  static let fields: [Field<L1>] = [
    Field("l1", \.l1, aliases: ["l"], check: .notNegative, "Factor of the sum of magnitudes.")
  ]
}

/// The arguments of `l2(…)`.
struct L2: Configurable {
  var l2 = 0.01

  static let className = "L2"
  static let doc = "Adds l2 * sum(w^2) to the loss: keeps weights small."
  static let fields: [Field<L2>] = [
    Field("l2", \.l2, aliases: ["l"], check: .notNegative, "Factor of the sum of squares.")
  ]
}

/// The arguments of `l1_l2(…)`, whose defaults are not those of the class.
struct L1L2Function: Configurable {
  var l1 = 0.01
  var l2 = 0.01

  static let className = "l1_l2"
  static let doc = "Adds l1 * sum(abs(w)) + l2 * sum(w^2) to the loss; both factors are 0.01 unless given."
  static let fields: [Field<L1L2Function>] = [
    Field("l1", \.l1, check: .notNegative, "Factor of the sum of magnitudes."),
    Field("l2", \.l2, check: .notNegative, "Factor of the sum of squares."),
  ]
}
