/// LeakyReLU whose slopes are learned.
struct PReLU: LayerDefinition {
  var alphaInitializer = Initializer(Zeros())
  var alphaRegularizer: Regularizer?
  var alphaConstraint: Constraint?
  var sharedAxes: Axes?

  static let className = "PReLU"
  static let doc = """
    x if x > 0; alpha * x below, with an alpha learned for each input, or for all inputs along the shared axes. \
    Example: PReLU{shared_axes={1, 2}}
    """
  static let fields: [Field<PReLU>] = [
    Field("alpha_initializer", \.alphaInitializer, "First values of alpha."),
    Field("alpha_regularizer", \.alphaRegularizer, "Penalty on alpha, added to the loss."),
    Field("alpha_constraint", \.alphaConstraint, "Applied to alpha after each update."),
    Field(
      "shared_axes", \.sharedAxes,
      check: Check("a list of distinct axes, counted from 1 (the first after the batch), or nil") {
        guard let axes = $0?.values else { return true }
        return axes.allSatisfy { $0 > 0 } && Set(axes).count == axes.count
      }, "Axes along which all inputs have the same alpha."),
  ]

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Variable {
    var extents = input.dimensions
    for axis in sharedAxes?.values ?? [] {
      guard axis <= extents.count else {
        throw .shape("PReLU: shared axis \(axis) does not exist in inputs of shape \(input.batched)")
      }
      extents[axis - 1] = 1
    }
    return try new.make(
      "alpha", extents, alphaInitializer, regularizer: alphaRegularizer, constraint: alphaConstraint)
  }

  func call(_ x: Symbol, _ alpha: Variable, _ context: CallContext) throws(NNError) -> Symbol {
    try x.parametricReLU(context.read(alpha))
  }
}

extension PReLU { static var shapes: String { LayerShapes.same } }
