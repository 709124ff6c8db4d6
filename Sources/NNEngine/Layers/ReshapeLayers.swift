/// Each sample under another shape.
struct ReshapeLayer: LayerDefinition {
  var targetShape: [Int] = []

  static let className = "Reshape"
  static let doc = """
    Gives each sample another shape with as many elements. Example: Reshape{target_shape={28, 28}}
    """
  static let fields: [Field<ReshapeLayer>] = [
    Field(
      "target_shape", \.targetShape, required: true,
      check: Check("a list of positive integers, one of which may be -1") { shape in
        shape.allSatisfy { $0 > 0 || $0 == -1 } && shape.filter { $0 == -1 }.count <= 1
      }, "The new shape without the batch; -1 stands for what remains.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try x.reshaped([x.shape[0]] + x.shape.sample.reshaped(targetShape).dimensions)
  }
}

/// Each sample's axes in another order.
struct Permute: LayerDefinition {
  var dims: [Int] = []

  static let className = "Permute"
  static let doc = """
    Puts the axes of each sample in another order: Permute{dims={2, 1}} transposes matrices. Axes are counted from 1, \
    the batch's is not among them.
    """
  static let fields: [Field<Permute>] = [
    Field(
      "dims", \.dims, required: true,
      check: Check("the numbers 1, 2, … up to the number of axes, each once") { dims in
        !dims.isEmpty && dims.sorted() == Array(1...dims.count)
      }, "For each axis of the result, which axis of the input it is.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard x.shape.rank == dims.count + 1 else {
      throw .shape("Permute: \(dims.count) axes are named, but inputs have shape \(x.shape.sample.batched)")
    }
    return try x.transposed([0] + dims)
  }
}

/// Each sample, a vector, as a matrix of equal rows.
struct RepeatVector: LayerDefinition {
  var n = 1

  static let className = "RepeatVector"
  static let doc = """
    Repeats each sample n times: (None, 32) becomes (None, n, 32). Example: RepeatVector{n=3}
    """
  static let fields: [Field<RepeatVector>] = [
    Field("n", \.n, required: true, check: .positive, "How many times.")
  ]

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard x.shape.rank == 2 else {
      throw .shape("RepeatVector needs vectors, got inputs of shape \(x.shape.sample.batched)")
    }
    return try x.reshaped([x.shape[0], 1, x.shape[1]]).broadcast(to: Shape([x.shape[0], n, x.shape[1]]))
  }
}

extension ReshapeLayer { static var shapes: String { "(n, …) → (n, target_shape…), with as many elements" } }

extension Permute { static var shapes: String { "(n, a, b, …) → (n, …) in the order of dims" } }

extension RepeatVector { static var shapes: String { "(n, a) → (n, times, a)" } }
