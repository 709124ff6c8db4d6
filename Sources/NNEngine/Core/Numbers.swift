/// Numbers as an argument: one, a list, lists of lists, or a tensor.
struct Numbers: ConfigValue {
  let shape: [Int]
  let values: [Double]

  static let kind = "a number, a list of numbers or a tensor"

  static func decode(_ value: Value) throws(NNError) -> Numbers? {
    if let number = Double.decode(value) { return Numbers(shape: [], values: [number]) }
    if case .object(let object) = value {
      guard let tensor = (object as? Boxed<Tensor>)?.value else { return nil }
      return Numbers(shape: tensor.shape.dimensions, values: (0..<tensor.shape.count).map { tensor.element($0) })
    }
    guard case .list(let items) = value else { return nil }
    var parts: [Numbers] = []
    for item in items {
      guard let part = try decode(item) else { return nil }
      guard part.shape == parts.first?.shape ?? part.shape else { throw .shape("lists of unequal lengths") }
      parts.append(part)
    }
    return Numbers(shape: [parts.count] + (parts.first?.shape ?? []), values: parts.flatMap(\.values))
  }

  var encoded: Value { Numbers.encoded(shape[...], values[...]) }

  private static func encoded(_ shape: ArraySlice<Int>, _ values: ArraySlice<Double>) -> Value {
    guard let extent = shape.first else { return .number(values.first ?? 0) }
    let part = extent == 0 ? 0 : values.count / extent
    return .list(
      (0..<extent).map { i in
        let start = values.startIndex + i * part
        return encoded(shape.dropFirst(), values[start..<start + part])
      })
  }

  func tensor() throws(NNError) -> Tensor { try Tensor(values.map { Float($0) }, shape: Shape(shape)) }
}
