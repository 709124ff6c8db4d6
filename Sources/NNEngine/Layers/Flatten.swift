/// Each sample as one vector.
struct Flatten: LayerDefinition {
  var dataFormat = "channels_last"

  static let className = "Flatten"
  static let doc = """
    Turns each sample into a vector, whatever its shape: (None, 28, 28) becomes (None, 784). Has no weights.
    Example: Flatten{input_shape={28, 28}}
    """
  static let fields: [Field<Flatten>] = [
    Field(
      "data_format", \.dataFormat, check: .oneOf("channels_last", "channels_first"),
      "With channels_first the first axis of a sample becomes its last before it is flattened.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard dataFormat == "channels_first", x.shape.rank > 2 else { return try x.flattenedSamples() }
    return try x.transposed([0] + Array(2..<x.shape.rank) + [1]).flattenedSamples()
  }
}

extension Flatten { static var shapes: String { "(n, a, b, …) → (n, a·b·…)" } }
