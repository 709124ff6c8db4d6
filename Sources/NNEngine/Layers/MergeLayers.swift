/// Layers that make one tensor of several, element by element, with NumPy's broadcasting.

/// What a merging layer does with its inputs.
protocol TensorMerge: Sendable {
  static var className: String { get }
  static var doc: String { get }
  /// Whether just two inputs are taken.
  static var isOfTwo: Bool { get }
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol
}

extension TensorMerge {
  static var isOfTwo: Bool { false }

  /// f(f(a, b), c) …
  fileprivate static func fold(
    _ inputs: [Symbol], _ f: (Symbol, Symbol) throws(NNError) -> Symbol
  ) throws(NNError) -> Symbol {
    guard var result = inputs.first else { throw .shape("\(className): no inputs") }
    for next in inputs.dropFirst() { result = try f(result, next) }
    return result
  }
}

/// A layer of several inputs of the same shape (or shapes that can be broadcast).
struct Merge<Kind: TensorMerge>: LayerFunction {
  static var className: String { Kind.className }
  static var doc: String { Kind.doc }
  static var fields: [Field<Merge<Kind>>] { [] }

  func build(inputs: [Shape], _ new: inout VariableFactory) throws(NNError) {
    guard Kind.isOfTwo ? inputs.count == 2 : inputs.count >= 2 else {
      throw .shape(
        "\(Kind.className) takes \(Kind.isOfTwo ? "two" : "two or more") inputs, got \(inputs.count)"
          + "; call it with a list: \(Kind.className)(){a, b}")
    }
    var result = inputs[0]
    for shape in inputs.dropFirst() {
      // Keras's rule for samples: of the same number of axes, or the shorter is aligned at the end.
      do throws(NNError) { result = try Shape.broadcast(result, shape, for: Kind.className) } catch {
        throw .shape("\(Kind.className): inputs of shapes \(result.batched) and \(shape.batched) do not fit together")
      }
    }
  }

  func call(inputs: [Symbol], _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    // Axes of extent 1 after the batch's, so that samples of fewer axes are aligned at their ends.
    let rank = inputs.map(\.shape.rank).max() ?? 0
    var aligned: [Symbol] = []
    for x in inputs {
      let missing = [Int](repeating: 1, count: rank - x.shape.rank)
      aligned.append(try x.reshaped([x.shape[0]] + missing + x.shape.dimensions.dropFirst()))
    }
    return try Kind.merge(aligned)
  }
}

enum AddTensors: TensorMerge {
  static let className = "Add"
  static let doc = "The sum of its inputs. Example: Add(){a, b}"
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol {
    try fold(inputs) { (a, b) throws(NNError) in try a + b }
  }
}

enum SubtractTensors: TensorMerge {
  static let className = "Subtract"
  static let doc = "The first of its two inputs less the second. Example: Subtract(){a, b}"
  static let isOfTwo = true
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol {
    try fold(inputs) { (a, b) throws(NNError) in try a - b }
  }
}

enum MultiplyTensors: TensorMerge {
  static let className = "Multiply"
  static let doc = "The product of its inputs, element by element. Example: Multiply(){a, b}"
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol {
    try fold(inputs) { (a, b) throws(NNError) in try a * b }
  }
}

enum AverageTensors: TensorMerge {
  static let className = "Average"
  static let doc = "The mean of its inputs, element by element. Example: Average(){a, b}"
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol {
    try AddTensors.merge(inputs) / Float(inputs.count)
  }
}

enum MaximumTensors: TensorMerge {
  static let className = "Maximum"
  static let doc = "The largest of its inputs, element by element. Example: Maximum(){a, b}"
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol {
    try fold(inputs) { (a, b) throws(NNError) in try a.maximum(b) }
  }
}

enum MinimumTensors: TensorMerge {
  static let className = "Minimum"
  static let doc = "The smallest of its inputs, element by element. Example: Minimum(){a, b}"
  static func merge(_ inputs: [Symbol]) throws(NNError) -> Symbol {
    try fold(inputs) { (a, b) throws(NNError) in try a.minimum(b) }
  }
}

/// Inputs one after another along an axis.
struct Concatenate: LayerFunction {
  var axis = -1

  static let className = "Concatenate"
  static let doc = """
    Its inputs one after another along an axis; all other extents must be equal. Example: Concatenate(){a, b}
    """
  static let fields: [Field<Concatenate>] = [
    Field("axis", \.axis, "The axis that grows; the batch's cannot.")
  ]

  func build(inputs: [Shape], _ new: inout VariableFactory) throws(NNError) {
    guard inputs.count >= 2 else {
      throw .shape(
        "Concatenate takes two or more inputs, got \(inputs.count); call it with a list: Concatenate(){a, b}")
    }
    let axis = try inputs[0].batch(1).axis(self.axis, for: "Concatenate")
    guard axis > 0 else { throw .shape("Concatenate: 'axis' must not be the batch's") }
    for other in inputs.dropFirst() {
      guard other.rank == inputs[0].rank,
        (0..<other.rank).allSatisfy({ $0 == axis - 1 || other[$0] == inputs[0][$0] })
      else {
        throw .shape(
          "Concatenate: inputs of shapes \(inputs[0].batched) and \(other.batched) differ beside the axis that grows")
      }
    }
  }

  func call(inputs: [Symbol], _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try .concatenated(inputs, axis: axis)
  }
}

extension Merge { static var shapes: String { LayerShapes.merged } }

extension Concatenate { static var shapes: String { "a list of (n, …, a), (n, …, b), … → (n, …, a+b+…) along axis" } }
