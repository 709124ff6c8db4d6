/// A fixed line: x · scale + offset.
struct Rescaling: LayerDefinition {
  var scale = 1.0
  var offset = 0.0

  static let className = "Rescaling"
  static let doc = """
    x * scale + offset. Example: Rescaling{scale=1/255} brings pixels to 0 ... 1
    """
  static let fields: [Field<Rescaling>] = [
    Field("scale", \.scale, required: true, check: .finite, "The factor."),
    Field("offset", \.offset, check: .finite, "What is added afterwards."),
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    let scaled = try x * Float(scale)
    return offset == 0 ? scaled : try scaled + Float(offset)
  }
}

extension Rescaling { static var shapes: String { LayerShapes.same } }
