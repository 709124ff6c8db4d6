/// A function on tensors as users see it: the same name, arguments and documentation in Lua, in C and in the help; run at once on
/// numbers, recorded on symbols.
public struct TensorFunction: Sendable {
  /// NumPy's or Keras's name.
  public let name: String
  /// One line.
  public let doc: String
  /// How many tensors it takes; −1: any number.
  public let operands: Int
  /// Further arguments, in order.
  public let fields: [FieldInfo]

  let result: DType
  /// Each element of the result depends on the same element of each operand: may be computed piece by piece.
  let isElementwise: Bool
  let emit: @Sendable ([Symbol], Arguments) throws(NNError) -> Symbol
  /// What there is beyond running what `emit` records: functions that need the numbers themselves, other types than float32, small
  /// tensors. nil where there is nothing.
  var compute: (@Sendable ([Tensor], Arguments) throws(NNError) -> Tensor?)?
  /// For functions with several results.
  var computeAll: (@Sendable ([Tensor], Arguments) throws(NNError) -> [Tensor])?

  /// Records the function in a graph.
  public func callAsFunction(_ operands: [Symbol], _ arguments: Arguments = Arguments()) throws(NNError) -> Symbol {
    try checkCount(operands.count)
    return try emit(operands, arguments)
  }

  /// Computes the function.
  public func callAsFunction(_ operands: [Tensor], _ arguments: Arguments = Arguments()) throws(NNError) -> Tensor {
    try checkCount(operands.count)
    if let computeAll { return try computeAll(operands, arguments)[0] }
    if let compute, let computed = try compute(operands, arguments) { return computed }
    let value =
      isElementwise && Eager.isWorthCutting(operands)
      ? try Eager.piecewise(operands) { (symbols) throws(NNError) in try emit(symbols, arguments) }
      : try Eager.run(operands) { (symbols) throws(NNError) in try emit(symbols, arguments) }
    return try value.astype(result)
  }

  /// Computes all results.
  public func results(
    _ operands: [Tensor], _ arguments: Arguments = Arguments()
  ) throws(NNError) -> [Tensor] {
    guard let computeAll else { return [try self(operands, arguments)] }
    try checkCount(operands.count)
    return try computeAll(operands, arguments)
  }

  /// Whether `results` gives more than one.
  public var hasSeveralResults: Bool { computeAll != nil }

  private func checkCount(_ count: Int) throws(NNError) {
    guard count == operands || operands < 0 && count > 0 else {
      throw .invalid("\(name): expected \(operands) tensors, got \(count)")
    }
  }
}

/// Running a piece of graph at once.
enum Eager {
  /// Elements computed at once when cutting: small enough to stay in the cache.
  private static let piece = 1 << 16

  static func run(
    _ operands: [Tensor], _ emit: ([Symbol]) throws(NNError) -> Symbol
  ) throws(NNError) -> Tensor {
    var symbols: [Symbol] = []
    for t in operands { symbols.append(try .literal(t)) }
    let result = try emit(symbols)
    if !ReferenceMode.isOn, let value = try DirectRun.value(of: result) { return value }
    let program = try Program(outputs: [result], options: .current)
    program.run()
    return try program.takeOutput()
  }

  /// Large operands, each as large as the largest or of one element.
  static func isWorthCutting(_ operands: [Tensor]) -> Bool {
    guard let largest = operands.max(by: { $0.shape.count < $1.shape.count }), largest.shape.count > 4 * piece else {
      return false
    }
    return operands.allSatisfy {
      $0.shape == largest.shape || $0.shape.count == 1 && $0.shape.rank <= largest.shape.rank
    }
  }

  /// The same function piece after piece: neither converted copies of the operands nor intermediate results ever exist as a whole.
  static func piecewise(
    _ operands: [Tensor], _ emit: ([Symbol]) throws(NNError) -> Symbol
  ) throws(NNError) -> Tensor {
    guard let shape = operands.max(by: { $0.shape.count < $1.shape.count })?.shape else {
      return try run(operands, emit)
    }
    var feeds: [(feed: Variable, gather: Gather)] = []
    var symbols: [Symbol] = []
    for t in operands {
      if t.shape.count == 1 {
        symbols.append(try .literal(t.reshaped([])))
      } else {
        let feed = try Variable("piece", Shape([piece]), role: .feed)
        feeds.append((feed, Gather(try t.reshaped([t.shape.count]))))
        symbols.append(try .read(feed))
      }
    }
    let program = try Program(outputs: [emit(symbols)], options: .current)
    return try Tensor(shape) { (out: UnsafeMutablePointer<Float>) in
      var first = 0
      while first < shape.count {
        let count = min(piece, shape.count - first)
        for (feed, gather) in feeds { gather.gather(first..<(first + count), into: feed.pointer) }
        program.run()
        (out + first).update(from: program.pointer(0), count: count)
        first += count
      }
    }
  }
}
