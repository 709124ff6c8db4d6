/// A penalty on what passes through.
struct ActivityRegularization: LayerDefinition {
  var l1 = 0.0
  var l2 = 0.0

  static let className = "ActivityRegularization"
  static let doc = """
    Leaves its input as it is and adds l1 * sum(abs(x)) + l2 * sum(x^2), divided by the batch size, to the loss. \
    Example: ActivityRegularization{l1=0.001}
    """
  static let fields: [Field<ActivityRegularization>] = [
    Field("l1", \.l1, check: .notNegative, "Factor of the sum of magnitudes."),
    Field("l2", \.l2, check: .notNegative, "Factor of the sum of squares."),
  ]

  var activityRegularizer: Regularizer? { l1 == 0 && l2 == 0 ? nil : Regularizer(L1L2(l1: l1, l2: l2)) }

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) -> Symbol { x }
}

extension ActivityRegularization { static var shapes: String { LayerShapes.same } }
