/// Each sample brought to mean 0 and variance 1 over some of its axes, then scaled and shifted.
struct LayerNormalization: LayerDefinition {
  var axis: Axes = -1
  var epsilon = 1e-3
  var center = true
  var scale = true
  var betaInitializer = Initializer(Zeros())
  var gammaInitializer = Initializer(Ones())
  var betaRegularizer: Regularizer?
  var gammaRegularizer: Regularizer?
  var betaConstraint: Constraint?
  var gammaConstraint: Constraint?

  static let className = "LayerNormalization"
  static let doc = """
    gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance of each sample over the given axes; the \
    batch plays no role, so training and inference are alike. Example: LayerNormalization{}
    """
  static let fields: [Field<LayerNormalization>] = [
    Field("axis", \.axis, "The axis or axes to normalize over; the batch's is 0."),
    Field("epsilon", \.epsilon, check: .notNegative, "Added to the variance."),
    Field("center", \.center, "Whether beta is added."),
    Field("scale", \.scale, "Whether the result is multiplied by gamma."),
    Field("beta_initializer", \.betaInitializer, "First values of beta."),
    Field("gamma_initializer", \.gammaInitializer, "First values of gamma."),
    Field("beta_regularizer", \.betaRegularizer, "Penalty on beta, added to the loss."),
    Field("gamma_regularizer", \.gammaRegularizer, "Penalty on gamma, added to the loss."),
    Field("beta_constraint", \.betaConstraint, "Applied to beta after each update."),
    Field("gamma_constraint", \.gammaConstraint, "Applied to gamma after each update."),
  ]

  /// Gamma and beta, as long as the normalized axes, and how they stand beside the input.
  struct Weights {
    let axes: [Int]
    let gamma: Variable?
    let beta: Variable?
    /// Extents of gamma and beta with 1 on all other axes, the batch's among them.
    let broadcast: [Int]
  }

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Weights {
    let whole = input.batch(1)
    let axes = try whole.axes(axis.values, for: "LayerNormalization")
    guard !axes.contains(0) else {
      throw .shape("LayerNormalization: axis 0 is the batch's; samples are normalized each by itself")
    }
    let extents = axes.map { whole[$0] }
    let gamma =
      scale
      ? try new.make("gamma", extents, gammaInitializer, regularizer: gammaRegularizer, constraint: gammaConstraint)
      : nil
    let beta =
      center
      ? try new.make("beta", extents, betaInitializer, regularizer: betaRegularizer, constraint: betaConstraint) : nil
    let broadcast = (0..<whole.rank).map { axes.contains($0) ? whole[$0] : 1 }
    return Weights(axes: axes, gamma: gamma, beta: beta, broadcast: broadcast)
  }

  func call(_ x: Symbol, _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol {
    let centered = try x - x.mean(axes: weights.axes, keepDims: true)
    let variance = try centered.square().mean(axes: weights.axes, keepDims: true)
    var y = try centered * (variance + Float(epsilon)).apply("rsqrt")
    if let gamma = weights.gamma { y = try y * context.read(gamma).reshaped(weights.broadcast) }
    if let beta = weights.beta { y = try y + context.read(beta).reshaped(weights.broadcast) }
    return y
  }
}

extension LayerNormalization { static var shapes: String { LayerShapes.same } }
