/// Random weights whose variance is `scale / n`, so that signals keep their size from layer to layer; n is the number of
/// a unit's inputs (fan_in), outputs (fan_out), or their mean (fan_avg).
struct VarianceScaling: InitializerDefinition {
  var scale = 1.0
  var mode = "fan_in"
  var distribution = "truncated_normal"
  var seed: Int?

  static let className = "VarianceScaling"
  static let doc = """
    Random weights with variance scale / n, where n is the fan that mode names. The truncated normal distribution is cut \
    at two standard deviations and widened so that its variance is still scale / n; uniform has the limit \
    sqrt(3 * scale / n).
    """
  static let fields: [Field<VarianceScaling>] = [
    Field("scale", \.scale, check: .positive, "Factor of the variance."),
    Field("mode", \.mode, check: .oneOf("fan_in", "fan_out", "fan_avg"), "Which fan the variance is divided by."),
    Field(
      "distribution", \.distribution,
      check: .oneOf("truncated_normal", "normal", "untruncated_normal", "uniform"),
      "Shape of the distribution; 'normal' means truncated_normal."),
    Field("seed", \.seed, "Repeats the same numbers at each use."),
  ]

  /// The standard deviation of a standard normal distribution that is cut at ±2.
  static let deviationOfTruncated = 0.87962566103423978

  func variance(_ shape: Shape) -> Double {
    let fans = Fans(of: shape)
    let n =
      switch mode {
      case "fan_out": fans.output
      case "fan_avg": (fans.input + fans.output) / 2
      default: fans.input
      }
    return scale / max(1, n)
  }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    let variance = variance(shape)
    switch distribution {
    case "uniform":
      let limit = (3 * variance).squareRoot()
      for i in 0..<shape.count { out[i] = Float((2 * stream.uniform(i) - 1) * limit) }
    case "untruncated_normal":
      let deviation = variance.squareRoot()
      for i in 0..<shape.count { out[i] = Float(deviation * stream.normal(i)) }
    default:
      let deviation = variance.squareRoot() / VarianceScaling.deviationOfTruncated
      for i in 0..<shape.count { out[i] = Float(deviation * stream.truncatedNormal(i)) }
    }
  }
}

/// How many inputs and outputs one unit of a weight has, by Keras's rule: a kernel is [receptive field…, in, out].
struct Fans {
  let input: Double
  let output: Double

  init(of shape: Shape) {
    switch shape.rank {
    case 0: (input, output) = (1, 1)
    case 1: (input, output) = (Double(shape[0]), Double(shape[0]))
    default:
      let field = shape.dimensions.dropLast(2).reduce(1.0) { $0 * Double($1) }
      (input, output) = (field * Double(shape[shape.rank - 2]), field * Double(shape[shape.rank - 1]))
    }
  }
}
