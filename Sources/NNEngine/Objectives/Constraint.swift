/// What weights must satisfy.
public protocol ConstraintDefinition: Configurable {
  /// Weights of the same shape that satisfy it.
  func apply(_ weights: Symbol) throws(NNError) -> Symbol
}

/// A condition on weights that is restored after each update.
public struct Constraint: Registered, Sendable {
  let definition: any ConstraintDefinition

  init(_ definition: any ConstraintDefinition) { self.definition = definition }

  /// The weights, moved to where they satisfy the condition.
  public func apply(_ weights: Symbol) throws(NNError) -> Symbol {
    try within(type(of: definition).className) { () throws(NNError) in try definition.apply(weights) }
  }

  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? {
    definition is any UserComponent ? nil : (type(of: definition).className, definition.configuration)
  }

  /// All constraints.
  public static let registry = Registry<Constraint>(
    "constraint",
    [
      .init(MaxNorm.self, aliases: ["max_norm"]) { Constraint($0) },
      .init(NonNeg.self, aliases: ["non_neg"]) { Constraint($0) },
      .init(UnitNorm.self, aliases: ["unit_norm"]) { Constraint($0) },
      .init(MinMaxNorm.self, aliases: ["min_max_norm"]) { Constraint($0) },
    ])
}

/// One axis or several, counted from 0 (negative: from the end), as Keras's `axis` arguments take them.
struct Axes: ConfigValue, Hashable, ExpressibleByIntegerLiteral {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }
  init(integerLiteral value: Int) { values = [value] }

  static let kind = "an axis or a list of axes"
  static func decode(_ value: Value) throws(NNError) -> Axes? {
    if let one = Int.decode(value) { return Axes([one]) }
    guard let several = try [Int].decode(value), !several.isEmpty else { return nil }
    return Axes(several)
  }
  var encoded: Value { values.count == 1 ? .integer(values[0]) : values.encoded }
}

extension Symbol {
  /// The Euclidean length along `axes`, which keep extent 1.
  fileprivate func norms(_ axes: Axes) throws(NNError) -> Symbol {
    try square().sum(axes: axes.values, keepDims: true).sqrt()
  }

  /// Keras's backend epsilon, which its norm constraints add to each length before they divide by it. So even a weight
  /// that satisfies the constraint shrinks by about one part in ten million at each step.
  fileprivate static var epsilon: Float { 1e-7 }
}

/// ‖w‖ ≤ max_value along the axes.
struct MaxNorm: ConstraintDefinition {
  var maxValue = 2.0
  var axis: Axes = 0

  static let className = "MaxNorm"
  static let doc = "Shortens the weights of each unit to a Euclidean length of at most max_value."
  static let fields: [Field<MaxNorm>] = [
    Field("max_value", \.maxValue, aliases: ["m"], check: .notNegative, "The greatest length."),
    Field("axis", \.axis, "The axis along which a length is computed: 0 gives one for each unit of a Dense layer."),
  ]

  func apply(_ weights: Symbol) throws(NNError) -> Symbol {
    let norms = try weights.norms(axis)
    let wanted = try norms.clip(min: 0, max: Float(maxValue))
    return try weights * (wanted / (norms + Symbol.epsilon))
  }
}

/// w ≥ 0
struct NonNeg: ConstraintDefinition {
  static let className = "NonNeg"
  static let doc = "Sets negative weights to 0."
  static let fields: [Field<NonNeg>] = []

  func apply(_ weights: Symbol) throws(NNError) -> Symbol { try weights * weights.greaterEqual(0) }
}

/// ‖w‖ = 1 along the axes.
struct UnitNorm: ConstraintDefinition {
  var axis: Axes = 0

  static let className = "UnitNorm"
  static let doc = "Scales the weights of each unit to a Euclidean length of 1."
  static let fields: [Field<UnitNorm>] = [
    Field("axis", \.axis, "The axis along which a length is computed: 0 gives one for each unit of a Dense layer.")
  ]

  func apply(_ weights: Symbol) throws(NNError) -> Symbol {
    try weights / (weights.norms(axis) + Symbol.epsilon)
  }
}

/// min_value ≤ ‖w‖ ≤ max_value along the axes, approached at `rate`.
struct MinMaxNorm: ConstraintDefinition {
  var minValue = 0.0
  var maxValue = 1.0
  var rate = 1.0
  var axis: Axes = 0

  static let className = "MinMaxNorm"
  static let doc = """
    Brings the Euclidean length of each unit's weights between min_value and max_value; rate says which part of the way \
    it goes at each update.
    """
  static let fields: [Field<MinMaxNorm>] = [
    Field("min_value", \.minValue, check: .notNegative, "The smallest length."),
    Field("max_value", \.maxValue, check: .notNegative, "The greatest length."),
    Field("rate", \.rate, check: .range(0...1), "1 enforces the limits at once, less approaches them."),
    Field("axis", \.axis, "The axis along which a length is computed: 0 gives one for each unit of a Dense layer."),
  ]

  func validate() throws(NNError) {
    guard minValue <= maxValue else {
      throw .invalid("MinMaxNorm: 'min_value' (\(minValue)) must not be greater than 'max_value' (\(maxValue))")
    }
  }

  func apply(_ weights: Symbol) throws(NNError) -> Symbol {
    let norms = try weights.norms(axis)
    let inside = try norms.clip(min: Float(minValue), max: Float(maxValue))
    let wanted = try inside * Float(rate) + norms * Float(1 - rate)
    return try weights * (wanted / (norms + Symbol.epsilon))
  }
}
