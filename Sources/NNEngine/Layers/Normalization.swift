/// Features brought to mean 0 and variance 1 by statistics that were computed before training.
struct Normalization: LayerDefinition, Adaptable {
  var axis = FeatureAxes(values: [-1])
  var mean: Numbers?
  var variance: Numbers?
  var invert = false

  static let className = "Normalization"
  static let doc = """
    (x - mean) / max(sqrt(variance), epsilon), with the mean and variance of each feature: those that adapt(x) computes from data, or \
    those that are given. Before adapt they are 0 and 1. Example: local n = Normalization{}; n:adapt(x_train)
    """
  static let fields: [Field<Normalization>] = [
    Field(
      "axis", \.axis,
      "The axis or axes whose every index is a feature of its own, the batch's being 0; none ({}): all are one feature."
    ),
    Field("mean", \.mean, "The mean itself, one number or one for each feature, instead of adapt."),
    Field(
      "variance", \.variance,
      check: Check("numbers that are not negative, or nil") { $0?.values.allSatisfy { $0 >= 0 } ?? true },
      "The variance itself, likewise."),
    Field("invert", \.invert, "Whether to turn normalized numbers back: mean + x * max(sqrt(variance), epsilon)."),
  ]

  func validate() throws(NNError) {
    if (mean == nil) != (variance == nil) {
      throw .invalid("Normalization: 'mean' and 'variance' must be given together")
    }
  }

  /// Where mean and variance come from, and how they stand beside the input.
  struct Weights {
    let adapted: (mean: Variable, variance: Variable)?
    /// Extents of the features' axes, and the same with 1 on all other axes.
    let extents: [Int]
    let broadcast: [Int]
  }

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Weights {
    let kept = try features(of: input)
    let whole = input.batch(1)
    let extents = kept.map { whole[$0] }
    let broadcast = (0..<whole.rank).map { kept.contains($0) ? whole[$0] : 1 }
    guard mean == nil else { return Weights(adapted: nil, extents: extents, broadcast: broadcast) }
    let (zeros, ones) = (Initializer(Zeros()), Initializer(Ones()))
    let mean = try new.make("mean", extents, zeros, role: .statistic)
    let variance = try new.make("variance", extents, ones, role: .statistic)
    _ = try new.make("count", [], zeros, role: .statistic)
    return Weights(adapted: (mean, variance), extents: extents, broadcast: broadcast)
  }

  /// The axes that are kept, of a batch of such samples.
  private func features(of input: Shape) throws(NNError) -> [Int] {
    let axes = try input.batch(1).axes(axis.values, for: "Normalization")
    guard !axes.contains(0) else {
      throw .shape("Normalization: 'axis' must not be the batch's axis 0; inputs have shape \(input.batched)")
    }
    return axes
  }

  func call(_ x: Symbol, _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol {
    let mean: Symbol
    let variance: Symbol
    if let adapted = weights.adapted {
      mean = try context.read(adapted.mean).reshaped(weights.broadcast)
      variance = try context.read(adapted.variance).reshaped(weights.broadcast)
    } else {
      mean = try constant(self.mean, "mean", weights)
      variance = try constant(self.variance, "variance", weights)
    }
    let deviation = try variance.sqrt().maximum(Float(FuzzFactor.value))
    return invert ? try mean + x * deviation : try (x - mean) / deviation
  }

  private func constant(_ numbers: Numbers?, _ name: String, _ weights: Weights) throws(NNError) -> Symbol {
    guard let numbers else { throw NNError(.internal, "Normalization: no \(name)") }
    let (tensor, features) = (try numbers.tensor(), try Shape(weights.extents))
    let whole = try Shape.broadcast(tensor.shape, features, for: "Normalization: '\(name)'")
    guard whole == features else {
      throw .shape("Normalization: '\(name)' has shape \(tensor.shape), but the features' is \(features)")
    }
    return try Symbol.literal(tensor).broadcast(to: features).reshaped(weights.broadcast)
  }

  func adapt(_ batches: [Tensor], _ variables: [Variable]) throws(NNError) {
    guard variables.count == 3 else {
      throw NNError(.state, "its mean and variance were given, so there is nothing to adapt")
    }
    var moments = Moments(sample: batches[0].shape.sample, kept: try features(of: batches[0].shape.sample))
    for batch in batches { try moments.add(values: batch) }
    for batch in batches { try moments.add(squares: batch) }
    try variables[0].set(Tensor(moments.mean.map { Float($0) }, shape: variables[0].shape))
    try variables[1].set(Tensor(moments.variance.map { Float($0) }, shape: variables[1].shape))
    try variables[2].set(Tensor(scalar: Float(moments.count)))
  }
}

/// One axis, several, or none.
struct FeatureAxes: ConfigValue, Hashable {
  let values: [Int]

  static let kind = "an axis, a list of axes, or nil"
  static func decode(_ value: Value) throws(NNError) -> FeatureAxes? {
    if value.isNull { return FeatureAxes(values: []) }
    if let one = Int.decode(value) { return FeatureAxes(values: [one]) }
    return try [Int].decode(value).map { FeatureAxes(values: $0) }
  }
  var encoded: Value {
    if values.isEmpty { return .null }
    return values.count == 1 ? .integer(values[0]) : values.encoded
  }
}

extension Normalization { static var shapes: String { LayerShapes.same } }
