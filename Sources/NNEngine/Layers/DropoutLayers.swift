/// Layers that disturb their input in training and leave it alone otherwise.

/// Drops inputs at random (Srivastava et al., 2014).
struct DropoutLayer: LayerDefinition {
  var rate = 0.5
  var noiseShape: [Int?]?
  var seed: Int?

  static let className = "Dropout"
  static let doc = """
    In training, sets each input to 0 with probability rate and divides the others by 1 - rate, so that their sum stays the same. \
    Example: Dropout{0.2}
    """
  static let fields: [Field<DropoutLayer>] = [
    Field("rate", \.rate, required: true, check: .range(0..<1), "Share of the inputs that is dropped."),
    Field(
      "noise_shape", \.noiseShape,
      "Shape of the mask, batch first (nil: as the input); 1 drops along that axis together."),
    Field("seed", \.seed, "A stream of random numbers of its own."),
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard context.dropsOut, rate > 0 else { return x }
    let stream = context.newStream(seed: seed)
    guard let noiseShape else { return try .make(Dropout(rate: Float(rate), stream: stream), x, context.randomKey()) }
    let shape = try x.shape.mask(noiseShape)
    let ones = try Symbol.fill(1, shape)
    return try x * .make(Dropout(rate: Float(rate), stream: stream), ones, context.randomKey())
  }
}

/// Dropout that keeps mean and variance of self-normalizing networks (Klambauer et al., 2017).
struct AlphaDropout: LayerDefinition {
  var rate = 0.5
  var noiseShape: [Int?]?
  var seed: Int?

  static let className = "AlphaDropout"
  static let doc = """
    In training, sets each input to selu's negative limit with probability rate, then scales and shifts so that mean and variance stay: \
    the dropout for selu networks. Example: AlphaDropout{0.2}
    """
  static let fields: [Field<AlphaDropout>] = [
    Field("rate", \.rate, required: true, check: .range(0..<1), "Share of the inputs that is dropped."),
    Field("noise_shape", \.noiseShape, "Shape of the mask, batch first (nil: as the input)."),
    Field("seed", \.seed, "A stream of random numbers of its own."),
  ]

  /// −selu's scale · alpha.
  static let limit = -1.7580993408473766

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard context.dropsOut, rate > 0 else { return x }
    let shape = try x.shape.mask(noiseShape ?? x.shape.dimensions)
    let keeps = try context.random(.uniform, shape, seed: seed).greaterEqual(Float(rate))
    let limit = AlphaDropout.limit
    let a = 1 / ((1 - rate) * (1 + rate * limit * limit)).squareRoot()
    let b = -a * limit * rate
    return try Symbol.select(keeps, x, .fill(Float(limit), .scalar)) * Float(a) + Float(b)
  }
}

/// Adds normal noise.
struct GaussianNoise: LayerDefinition {
  var stddev = 0.0
  static let className = "GaussianNoise"
  static let doc = "In training, adds normally distributed noise. Example: GaussianNoise{0.1}"
  static let fields: [Field<GaussianNoise>] = [
    Field("stddev", \.stddev, required: true, check: .notNegative, "Standard deviation of the noise.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard context.dropsOut, stddev > 0 else { return x }
    return try x + context.random(.normal, x.shape) * Float(stddev)
  }
}

/// Multiplies by normal noise around 1 (Srivastava et al., 2014).
struct GaussianDropout: LayerDefinition {
  var rate = 0.0
  static let className = "GaussianDropout"
  static let doc =
    "In training, multiplies by noise of mean 1 and variance rate / (1 - rate). Example: GaussianDropout{0.2}"
  static let fields: [Field<GaussianDropout>] = [
    Field("rate", \.rate, required: true, check: .range(0..<1), "As Dropout's.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard context.dropsOut, rate > 0 else { return x }
    let deviation = (rate / (1 - rate)).squareRoot()
    return try x * (context.random(.normal, x.shape) * Float(deviation) + 1)
  }
}

/// A leaky relu whose slope is random in training (Xu et al., 2015).
struct RReLU: LayerDefinition {
  var lower = 1.0 / 8
  var upper = 1.0 / 3
  var seed: Int?

  static let className = "RReLU"
  static let doc = """
    Leaky relu with a slope for negative inputs that is drawn uniformly between lower and upper for each input in training, and is their mean \
    otherwise. Not in Keras. Example: RReLU{lower=1/8, upper=1/3}
    """
  static let fields: [Field<RReLU>] = [
    Field("lower", \.lower, check: .finite, "Smallest slope."),
    Field("upper", \.upper, check: .finite, "Largest slope."),
    Field("seed", \.seed, "A stream of random numbers of its own."),
  ]

  func validate() throws(NNError) {
    if lower > upper { throw .invalid("RReLU: 'lower' (\(lower)) is greater than 'upper' (\(upper))") }
  }

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    let mean = Float((lower + upper) / 2)
    let slope =
      context.dropsOut
      ? try context.random(.uniform, x.shape, seed: seed) * Float(upper - lower) + Float(lower)
      : try .fill(mean, .scalar)
    return try Symbol.select(x.greaterEqual(0), x, x * slope)
  }
}

extension Shape {
  /// The shape of a mask for this input: nil is the input's extent, 1 the same along the axis.
  fileprivate func mask(_ noiseShape: [Int?]) throws(NNError) -> Shape {
    guard noiseShape.count == rank, zip(noiseShape, dimensions).allSatisfy({ $0 == nil || $0 == 1 || $0 == $1 }) else {
      let given = noiseShape.map { $0.map(String.init) ?? "nil" }.joined(separator: ", ")
      throw .shape(
        "'noise_shape' (\(given)) does not fit the input's shape \(self): each extent must be nil, 1 or the input's")
    }
    return Shape(unchecked: noiseShape.enumerated().map { $1 ?? dimensions[$0] })
  }
}

extension RReLU { static var shapes: String { LayerShapes.same } }

extension DropoutLayer { static var shapes: String { LayerShapes.same } }

extension AlphaDropout { static var shapes: String { LayerShapes.same } }

extension GaussianNoise { static var shapes: String { LayerShapes.same } }

extension GaussianDropout { static var shapes: String { LayerShapes.same } }
