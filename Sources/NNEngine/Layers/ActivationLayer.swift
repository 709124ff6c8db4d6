/// An activation function as a layer of its own.
struct ActivationLayer: LayerDefinition {
  var activation = Activation.linear

  static let className = "Activation"
  static let doc = """
    Applies an activation function to its input. Example: Activation{"elu"}
    """
  static let fields: [Field<ActivationLayer>] = [
    Field("activation", \.activation, required: true, "The function, by name or as an object.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol { try activation(x) }
}

extension ActivationLayer { static var shapes: String { LayerShapes.same } }
