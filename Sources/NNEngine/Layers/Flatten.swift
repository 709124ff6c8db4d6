/// Each sample as one vector.
struct Flatten: LayerDefinition {
  static let className = "Flatten"
  static let doc = """
    Turns each sample into a vector, whatever its shape: (None, 28, 28) becomes (None, 784). Has no weights.
    Example: Flatten{input_shape={28, 28}}
    """
  static let fields: [Field<Flatten>] = []

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.flattenedSamples()
  }
}
