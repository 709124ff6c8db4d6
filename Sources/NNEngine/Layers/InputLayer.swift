/// Says what shape comes into a model.
struct InputLayer: LayerDefinition {
  static let className = "InputLayer"
  static let doc = """
    The entry of a model: declares the shape of one sample. Models need it only when the first layer does not say input_shape itself.
    Example: InputLayer{input_shape={28, 28}}
    """
  static let fields: [Field<InputLayer>] = []

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) -> Symbol { x }
}

extension InputLayer { static var shapes: String { "none → (n, input_shape…)" } }
