/// Products of the samples of two inputs along an axis of each.
struct DotLayer: LayerFunction {
  var axes = DotAxes(first: -1, second: -1)
  var normalize = false

  static let className = "Dot"
  static let doc = """
    The sums of products of two inputs along one axis of each: of vectors of n numbers, Dot{axes=-1} is their scalar product. \
    With normalize, of vectors of length 1: the cosine of their angle. Example: Dot{axes=-1, normalize=true}{a, b}
    """
  static let fields: [Field<DotLayer>] = [
    Field(
      "axes", \.axes, required: true, "The axis that is summed over, or one for each input; the batch's cannot be."),
    Field("normalize", \.normalize, "Whether samples are scaled to length 1 along their axis first."),
  ]

  private func axes(_ inputs: [Shape]) throws(NNError) -> (Int, Int) {
    guard inputs.count == 2 else {
      throw .shape("Dot takes two inputs, got \(inputs.count); call it with a list: Dot{axes=-1}{a, b}")
    }
    let first = try inputs[0].batch(1).axis(axes.first, for: "Dot")
    let second = try inputs[1].batch(1).axis(axes.second, for: "Dot")
    guard first > 0, second > 0 else { throw .shape("Dot: 'axes' must not be the batch's") }
    guard inputs[0][first - 1] == inputs[1][second - 1] else {
      throw .shape(
        "Dot: inputs of shapes \(inputs[0].batched) and \(inputs[1].batched) have \(inputs[0][first - 1]) and "
          + "\(inputs[1][second - 1]) elements along the axes that are summed over")
    }
    return (first, second)
  }

  func build(inputs: [Shape], _ new: inout VariableFactory) throws(NNError) { _ = try axes(inputs) }

  func call(inputs: [Symbol], _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    let (first, second) = try axes(inputs.map(\.shape.sample))
    guard normalize else { return try .batchDot(inputs[0], inputs[1], axes: (first, second)) }
    return try .batchDot(inputs[0].unit(along: first), inputs[1].unit(along: second), axes: (first, second))
  }
}

extension Symbol {
  /// x / √max(Σ x², 1e-12), Keras's l2_normalize.
  fileprivate func unit(along axis: Int) throws(NNError) -> Symbol {
    try self * square().sum(axes: [axis], keepDims: true).maximum(1e-12).apply("rsqrt")
  }
}

/// One axis for both inputs, or one for each; counted with the batch's as 0.
struct DotAxes: ConfigValue {
  let first: Int
  let second: Int

  static let kind = "an axis, or a list of two"
  static func decode(_ value: Value) throws(NNError) -> DotAxes? {
    if let axis = Int.decode(value) { return DotAxes(first: axis, second: axis) }
    guard let pair = try [Int].decode(value), pair.count == 2 else { return nil }
    return DotAxes(first: pair[0], second: pair[1])
  }
  var encoded: Value { first == second ? .integer(first) : .list([.integer(first), .integer(second)]) }
}

extension DotLayer {
  static var shapes: String { "(n, …, a, …) and (n, …, a, …) → (n, …) without the axes that are summed over" }
}
