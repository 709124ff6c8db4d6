/// relu as a layer, with all its parameters.
struct ReLU: LayerDefinition {
  var maxValue: Double?
  var negativeSlope = 0.0
  var threshold = 0.0

  static let className = "ReLU"
  static let doc = """
    max_value if x >= max_value; x if x > threshold; negative_slope * (x - threshold) below. Example: ReLU{max_value=6}
    """
  static let fields: [Field<ReLU>] = [
    Field(
      "max_value", \.maxValue, check: Check("a number that is not negative, or nil") { $0.map { $0 >= 0 } ?? true },
      "The largest result; no limit when not given."),
    Field("negative_slope", \.negativeSlope, check: .notNegative, "Slope below the threshold."),
    Field("threshold", \.threshold, check: .notNegative, "Where the function leaves the identity."),
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.apply("relu", Float(maxValue ?? .infinity), Float(negativeSlope), Float(threshold))
  }
}

/// relu with a slope left of zero.
struct LeakyReLU: LayerDefinition {
  var alpha = 0.3

  static let className = "LeakyReLU"
  static let doc = """
    x if x > 0; alpha * x below: units that never die. Example: LeakyReLU{alpha=0.2}
    """
  static let fields: [Field<LeakyReLU>] = [
    Field("alpha", \.alpha, aliases: ["negative_slope"], check: .finite, "Slope left of 0.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.apply("relu", .infinity, Float(alpha))
  }
}

/// elu as a layer.
struct ELU: LayerDefinition {
  var alpha = 1.0

  static let className = "ELU"
  static let doc = """
    x if x > 0; alpha * (exp(x) - 1) below. Example: ELU{alpha=0.5}
    """
  static let fields: [Field<ELU>] = [
    Field("alpha", \.alpha, check: .finite, "Distance of the left asymptote below 0.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.apply("elu", Float(alpha))
  }
}

/// Nothing up to a threshold, the identity above it.
struct ThresholdedReLU: LayerDefinition {
  var theta = 1.0

  static let className = "ThresholdedReLU"
  static let doc = """
    x if x > theta; 0 else. Example: ThresholdedReLU{theta=0.5}
    """
  static let fields: [Field<ThresholdedReLU>] = [
    Field("theta", \.theta, check: .notNegative, "The threshold.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.apply("thresholded_relu", Float(theta))
  }
}

extension ReLU { static var shapes: String { LayerShapes.same } }

extension LeakyReLU { static var shapes: String { LayerShapes.same } }

extension ELU { static var shapes: String { LayerShapes.same } }

extension ThresholdedReLU { static var shapes: String { LayerShapes.same } }
