/// Zeros around images.
struct ZeroPadding2D: LayerDefinition {
  var padding = Margins(top: 1, bottom: 1, left: 1, right: 1)
  var dataFormat = "channels_last"

  static let className = "ZeroPadding2D"
  static let doc = """
    Puts zeros around images: rows above and below, columns left and right. Example: ZeroPadding2D{padding={{1, 1}, {2, 2}}}
    """
  static let fields: [Field<ZeroPadding2D>] = [
    Field(
      "padding", \.padding, check: Check(Margins.kind) { min($0.top, $0.bottom, $0.left, $0.right) >= 0 },
      "How many: for all sides; for rows and columns; or {{top, bottom}, {left, right}}."),
    dataFormatField(\.dataFormat),
  ]

  /// Keras's ((top, bottom), (left, right)).
  struct Margins: ConfigValue, Sendable {
    let top, bottom, left, right: Int

    static let kind = "an integer that is not negative, two, or {{top, bottom}, {left, right}}"
    var encoded: Value { [[top, bottom], [left, right]].encoded }
    static func decode(_ value: Value) throws(NNError) -> Margins? {
      if let both = try Extents<Plane>.decode(value)?.values {
        return Margins(top: both[0], bottom: both[0], left: both[1], right: both[1])
      }
      guard let pairs = try [[Int]].decode(value), pairs.count == 2, pairs.allSatisfy({ $0.count == 2 }) else {
        return nil
      }
      return Margins(top: pairs[0][0], bottom: pairs[0][1], left: pairs[1][0], right: pairs[1][1])
    }
  }

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try Plane.check(x.shape.sample, for: Self.className)
    let wide = try Self.padded(x, axis: 2, padding.left, padding.right)
    return try Self.padded(wide, axis: 1, padding.top, padding.bottom)
  }

  private static func padded(_ x: Symbol, axis: Int, _ before: Int, _ after: Int) throws(NNError) -> Symbol {
    func zeros(_ extent: Int) throws(NNError) -> [Symbol] {
      var dimensions = x.shape.dimensions
      dimensions[axis] = extent
      return extent > 0 ? [try .fill(0, Shape(dimensions))] : []
    }
    let parts = try zeros(before) + [x] + zeros(after)
    return parts.count == 1 ? x : try .concatenated(parts, axis: axis)
  }
}

/// Larger images, each pixel repeated.
struct UpSampling2D: LayerDefinition {
  var size = Extents<Plane>(2)
  var dataFormat = "channels_last"
  var interpolation = "nearest"

  static let className = "UpSampling2D"
  static let doc = "Makes images larger by repeating rows and columns. Example: UpSampling2D{size=2}"
  static let fields: [Field<UpSampling2D>] = [
    Field("size", \.size, check: Extents.positive, "How often rows and columns are repeated."),
    dataFormatField(\.dataFormat),
    Field("interpolation", \.interpolation, check: .oneOf("nearest"), "What is put between pixels: copies."),
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try Plane.check(x.shape.sample, for: Self.className)
    let (n, rows, columns, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let spread = try Shape([n, rows, size.values[0], columns, size.values[1], channels])
    return try x.reshaped([n, rows, 1, columns, 1, channels]).broadcast(to: spread)
      .reshaped([n, rows * size.values[0], columns * size.values[1], channels])
  }
}

extension ZeroPadding2D {
  static var shapes: String { "(n, rows, columns, channels) → (n, top+rows+bottom, left+columns+right, channels)" }
}

extension UpSampling2D {
  static var shapes: String { "(n, rows, columns, channels) → (n, rows·size, columns·size, channels)" }
}
