/// A picture of the values, as NumPy draws it, and a line with shape and storage type.
extension Tensor: CustomStringConvertible {
  /// Aligned rows in brackets. Of more than 1000 values only the first and last three of each axis are shown.
  public var description: String {
    let picture = TensorPicture(self)
    return picture.text + "\n\(shape) \(dtype.name)"
  }
}

private struct TensorPicture {
  private let tensor: Tensor
  private let strides: [Int]
  /// Indices shown on each axis; nil is the gap.
  private let shown: [[Int?]]
  private let format: NumberFormat

  private static let mostValues = 1000
  private static let lineLength = 79

  init(_ tensor: Tensor) {
    self.tensor = tensor
    strides = tensor.shape.strides
    shown = TensorPicture.indices(tensor.shape)
    var values: [Double] = []
    TensorPicture.visit(tensor.shape.count == 0 ? [[]] : shown, strides, 0, 0) { values.append(tensor.element($0)) }
    format = NumberFormat(values, tensor.dtype)
  }

  var text: String {
    if tensor.shape.count == 0 { return "[]" }
    return tensor.shape.rank == 0 ? format.text(tensor.element(0)) : rows(0, 0)
  }

  /// The part of the tensor that starts at element `offset`, from `axis` on.
  private func rows(_ axis: Int, _ offset: Int) -> String {
    let indent = String(repeating: " ", count: axis + 1)
    if axis == tensor.shape.rank - 1 {
      let items = shown[axis].map { index in
        index.map { format.padded(tensor.element(offset + $0)) } ?? "..."
      }
      return "[" + TensorPicture.wrapped(items, indent) + "]"
    }
    let parts = shown[axis].map { index in index.map { rows(axis + 1, offset + $0 * strides[axis]) } ?? "..." }
    // One line break between rows, one more for each axis further out.
    let breaks = String(repeating: "\n", count: tensor.shape.rank - 1 - axis)
    return "[" + parts.joined(separator: breaks + indent) + "]"
  }

  private static func wrapped(_ items: [String], _ indent: String) -> String {
    var text = ""
    var column = indent.utf8.count
    for (i, item) in items.enumerated() {
      // One more for the separator or the closing bracket.
      if i > 0, column + 1 + item.utf8.count + 1 > lineLength {
        text += "\n" + indent
        column = indent.utf8.count
      } else if i > 0 {
        text += " "
        column += 1
      }
      text += item
      column += item.utf8.count
    }
    return text
  }

  private static func indices(_ shape: Shape) -> [[Int?]] {
    if shape.count <= mostValues { return shape.dimensions.map { Array(0..<$0) } }
    // With many axes even three from each end are too many to look at.
    let ends =
      [3, 2].first { ends in shape.dimensions.reduce(1) { $0 * min($1, 2 * ends) } <= 2 * mostValues } ?? 1
    return shape.dimensions.map { extent in
      extent <= 2 * ends ? Array(0..<extent) : Array(0..<ends) + [nil] + Array((extent - ends)..<extent)
    }
  }

  private static func visit(
    _ shown: [[Int?]], _ strides: [Int], _ axis: Int, _ offset: Int, _ body: (Int) -> Void
  ) {
    guard axis < shown.count else { return body(offset) }
    for case let index? in shown[axis] { visit(shown, strides, axis + 1, offset + index * strides[axis], body) }
  }
}

/// One way to write all the numbers of a tensor.
private struct NumberFormat {
  private let dtype: DType
  private var isScientific = false
  private var places = 1
  private var width = 0

  private static let mostPlaces = 4

  init(_ values: [Double], _ dtype: DType) {
    self.dtype = dtype
    if dtype == .float32 {
      isScientific = NumberFormat.needsExponents(values)
      let needed = values.map { value in NumberFormat.places(value, isScientific) }
      places = needed.reduce(1, max)
    }
    width = values.reduce(0) { max($0, text($1).utf8.count) }
  }

  /// NumPy's rule: very large and very small numbers, and such that are far apart. Whole numbers may be far apart.
  private static func needsExponents(_ values: [Double]) -> Bool {
    var (smallest, largest) = (Double.infinity, 0.0)
    var areWhole = true
    for value in values where value.isFinite && value != 0 {
      smallest = min(smallest, value.magnitude)
      largest = max(largest, value.magnitude)
      if value != value.rounded() { areWhole = false }
    }
    // With at most four places, numbers that are all small would keep too few digits, too.
    return largest >= 1e8
      || largest > 0 && (largest < 1e-3 || smallest < 1e-4 || !areWhole && largest / smallest > 1000)
  }

  func text(_ value: Double) -> String {
    switch dtype {
    case .bool: value == 0 ? "false" : "true"
    case .int32, .uint8: String(Int(value))
    case .float32:
      isScientific
        ? DecimalText.scientific(value, places: places) : DecimalText.fixed(value, places: places)
    }
  }

  func padded(_ value: Double) -> String {
    let text = text(value)
    return String(repeating: " ", count: width - text.utf8.count) + text
  }

  /// Digits after the point that say as much as the most that are ever written.
  private static func places(_ value: Double, _ isScientific: Bool) -> Int {
    guard value.isFinite else { return 1 }
    let longest =
      isScientific
      ? String(DecimalText.scientific(value, places: mostPlaces).prefix { $0 != "e" })
      : DecimalText.fixed(value, places: mostPlaces)
    return mostPlaces - longest.reversed().prefix { $0 == "0" }.count
  }
}
