/// softmax as a layer.
struct SoftmaxLayer: LayerDefinition {
  var axis = -1

  static let className = "Softmax"
  static let doc = """
    Positive numbers that sum to 1 along an axis: exp(x) / sum(exp(x)). Example: Softmax{}
    """
  static let fields: [Field<SoftmaxLayer>] = [
    Field(
      "axis", \.axis, check: Check("an axis other than 0, the batch's") { $0 != 0 },
      "The axis along which the results sum to 1; the batch's is 0.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.softmax(axis: axis)
  }
}

extension SoftmaxLayer { static var shapes: String { LayerShapes.same } }
