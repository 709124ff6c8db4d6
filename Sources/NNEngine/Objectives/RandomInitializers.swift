/// Normally distributed numbers.
struct RandomNormal: InitializerDefinition {
  var mean = 0.0
  var stddev = 0.05
  var seed: Int?

  static let className = "RandomNormal"
  static let doc = "Normally distributed numbers."
  static let fields: [Field<RandomNormal>] = [
    Field("mean", \.mean, check: .finite, "Mean."),
    Field("stddev", \.stddev, check: .notNegative, "Standard deviation."),
    Field("seed", \.seed, "Repeats the same numbers at each use."),
  ]

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    for i in 0..<shape.count { out[i] = Float(mean + stddev * stream.normal(i)) }
  }
}

/// Normally distributed numbers without those beyond two standard deviations; nothing makes up for the variance lost.
struct TruncatedNormal: InitializerDefinition {
  var mean = 0.0
  var stddev = 0.05
  var seed: Int?

  static let className = "TruncatedNormal"
  static let doc = """
    Normally distributed numbers within two standard deviations of the mean; what remains has 0.88 times the standard \
    deviation given.
    """
  static let fields: [Field<TruncatedNormal>] = [
    Field("mean", \.mean, check: .finite, "Mean."),
    Field("stddev", \.stddev, check: .notNegative, "Standard deviation before the cut."),
    Field("seed", \.seed, "Repeats the same numbers at each use."),
  ]

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    for i in 0..<shape.count { out[i] = Float(mean + stddev * stream.truncatedNormal(i)) }
  }
}

/// Evenly distributed numbers.
struct RandomUniform: InitializerDefinition {
  var minval = -0.05
  var maxval = 0.05
  var seed: Int?

  static let className = "RandomUniform"
  static let doc = "Evenly distributed numbers between two limits."
  static let fields: [Field<RandomUniform>] = [
    Field("minval", \.minval, check: .finite, "Lower limit."),
    Field("maxval", \.maxval, check: .finite, "Upper limit."),
    Field("seed", \.seed, "Repeats the same numbers at each use."),
  ]

  func validate() throws(NNError) {
    guard minval <= maxval else {
      throw .invalid("RandomUniform: 'minval' (\(minval)) must not be greater than 'maxval' (\(maxval))")
    }
  }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    // Weighted, not minval + u · (maxval − minval): the difference of two huge limits is infinite.
    for i in 0..<shape.count {
      let u = stream.uniform(i)
      out[i] = Float(minval * (1 - u) + maxval * u)
    }
  }
}
