/// Normalizes each feature over the batch, in training by the batch's own statistics, in inference by their moving averages.
struct BatchNormalization: LayerDefinition {
  var axis: Axes = -1
  var momentum = 0.99
  var epsilon = 1e-3
  var center = true
  var scale = true
  var betaInitializer = Initializer(Zeros())
  var gammaInitializer = Initializer(Ones())
  var movingMeanInitializer = Initializer(Zeros())
  var movingVarianceInitializer = Initializer(Ones())
  var betaRegularizer: Regularizer?
  var gammaRegularizer: Regularizer?
  var betaConstraint: Constraint?
  var gammaConstraint: Constraint?

  static let className = "BatchNormalization"
  static let doc = """
    Gives each feature mean beta and deviation gamma: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta. In training mean and variance are \
    the batch's, and moving averages are kept (moving = moving * momentum + batch * (1 - momentum)); in inference, and when the layer is \
    frozen, the moving averages are used. Example: BatchNormalization{momentum=0.9}
    """
  static let fields: [Field<BatchNormalization>] = [
    Field("axis", \.axis, "The axis (or axes) of the features; all others are averaged over."),
    Field("momentum", \.momentum, check: .range(0...1), "Share of the old moving average that is kept."),
    Field("epsilon", \.epsilon, check: .notNegative, "Added to the variance."),
    Field("center", \.center, "Whether beta is added."),
    Field("scale", \.scale, "Whether gamma multiplies."),
    Field("beta_initializer", \.betaInitializer, "First values of beta."),
    Field("gamma_initializer", \.gammaInitializer, "First values of gamma."),
    Field("moving_mean_initializer", \.movingMeanInitializer, "First values of the moving mean."),
    Field("moving_variance_initializer", \.movingVarianceInitializer, "First values of the moving variance."),
    Field("beta_regularizer", \.betaRegularizer, "Penalty on beta."),
    Field("gamma_regularizer", \.gammaRegularizer, "Penalty on gamma."),
    Field("beta_constraint", \.betaConstraint, "Applied to beta after each update."),
    Field("gamma_constraint", \.gammaConstraint, "Applied to gamma after each update."),
  ]

  struct Weights {
    let gamma: Variable?
    let beta: Variable?
    let mean: Variable
    let variance: Variable
    /// The features' axes of a batch, and their number.
    let axes: [Int]
    let features: Int
  }

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Weights {
    let axes = try input.batch(1).axes(axis.values, for: "BatchNormalization")
    guard !axes.contains(0) else { throw .shape("BatchNormalization: 'axis' must not be the batch's axis 0") }
    let extents = axes.map { input[$0 - 1] }
    // Keras gives one axis a vector; several axes parameters of the batch's rank, with extent 1 on all other axes.
    let shape = axes.count == 1 ? extents : [1] + input.dimensions.enumerated().map { axes.contains($0 + 1) ? $1 : 1 }
    let gamma =
      scale
      ? try new.make("gamma", shape, gammaInitializer, regularizer: gammaRegularizer, constraint: gammaConstraint) : nil
    let beta =
      center
      ? try new.make("beta", shape, betaInitializer, regularizer: betaRegularizer, constraint: betaConstraint) : nil
    return Weights(
      gamma: gamma, beta: beta,
      mean: try new.make("moving_mean", shape, movingMeanInitializer, role: .statistic),
      variance: try new.make("moving_variance", shape, movingVarianceInitializer, role: .statistic), axes: axes,
      features: extents.reduce(1, *))
  }

  func call(_ x: Symbol, _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol {
    // The features' axes last, then a matrix [everything else, features].
    let rest = (0..<x.shape.rank).filter { !weights.axes.contains($0) }
    let order = rest + weights.axes
    let moved = try x.transposed(order)
    let matrix = try moved.reshaped([-1, weights.features])
    let y = try normalized(matrix, x.shape.rank, weights, context)
    var inverse = [Int](repeating: 0, count: order.count)
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return try y.reshaped(moved.shape.dimensions).transposed(inverse)
  }

  private func normalized(
    _ x: Symbol, _ rank: Int, _ weights: Weights, _ context: CallContext
  ) throws(NNError) -> Symbol {
    func vector(_ variable: Variable?, _ otherwise: Float) throws(NNError) -> Symbol {
      guard let variable else { return try .fill(otherwise, Shape(unchecked: [weights.features])) }
      return try context.read(variable).reshaped([weights.features])
    }
    let (gamma, beta) = (try vector(weights.gamma, 1), try vector(weights.beta, 0))
    guard context.normalizesByBatch else {
      let (mean, variance) = (try vector(weights.mean, 0), try vector(weights.variance, 1))
      let factor = try gamma * (variance + Float(epsilon)).apply("rsqrt")
      return try x * factor + (beta - mean * factor)
    }
    let r = try Symbol.results(BatchNormalizationOperation(epsilon: Float(epsilon)), [x, gamma, beta])
    // Keras 2 normalizes images (four axes, one of features) by a fused kernel that keeps the variance of the sample, n/(n−1).
    let n = Float(x.shape[0])
    let isFused = rank == 4 && weights.axes.count == 1 && (weights.axes == [1] || weights.axes == [3])
    let unbiased: Float = isFused && n > 1 ? n / (n - 1) : 1
    let (keep, take) = (Float(momentum), Float(1 - momentum))
    let shape = weights.mean.shape.dimensions
    let mean = try context.latest(weights.mean).reshaped([weights.features])
    let variance = try context.latest(weights.variance).reshaped([weights.features])
    context.update(weights.mean, try (mean * keep + r[1] * take).reshaped(shape))
    context.update(weights.variance, try (variance * keep + r[2] * (take * unbiased)).reshaped(shape))
    return r[0]
  }
}

extension BatchNormalization { static var shapes: String { LayerShapes.same } }
