/// What a function on tensors is called with while a program is traced.
public enum SymbolOperand {
  /// Numbers that come later.
  case symbol(ScopedSymbol)
  /// Numbers.
  case tensor(Tensor)

  /// The extents.
  public var shape: Shape {
    switch self {
    case .symbol(let symbol): symbol.shape
    case .tensor(let tensor): tensor.shape
    }
  }

  /// The tensor, if it is one.
  public var tensor: Tensor? { if case .tensor(let tensor) = self { tensor } else { nil } }

  /// What becomes of operands of which at least one is a symbol.
  static func record(
    _ operands: [SymbolOperand], _ body: ([Symbol]) throws(NNError) -> Symbol
  ) throws(NNError) -> ScopedSymbol {
    var symbols: [Symbol] = []
    var scope: SymbolScope?
    for operand in operands {
      switch operand {
      case .symbol(let scoped):
        symbols.append(try scoped.value())
        scope = scope ?? scoped.scope
      case .tensor(let tensor): symbols.append(try .constant(tensor))
      }
    }
    guard let scope else { throw NNError(.internal, "no symbol among the operands") }
    return ScopedSymbol(try body(symbols), scope)
  }

  /// All of them as symbols of one call; at least one must be.
  public static func recorded(_ operands: [SymbolOperand]) throws(NNError) -> [ScopedSymbol] {
    let scope = operands.lazy.compactMap { if case .symbol(let symbol) = $0 { symbol.scope } else { nil } }.first
    guard let scope else { throw NNError(.internal, "no symbol among the operands") }
    var result: [ScopedSymbol] = []
    for operand in operands {
      switch operand {
      case .symbol(let symbol): result.append(symbol)
      case .tensor(let tensor): result.append(ScopedSymbol(try .constant(tensor), scope))
      }
    }
    return result
  }

  /// The same for two.
  public static func combine(
    _ a: SymbolOperand, _ b: SymbolOperand, _ body: (Symbol, Symbol) throws(NNError) -> Symbol
  ) throws(NNError) -> ScopedSymbol {
    try record([a, b]) { (x) throws(NNError) in try body(x[0], x[1]) }
  }

  /// Operands of one shape as rows of a new tensor.
  public static func stack(_ operands: [SymbolOperand]) throws(NNError) -> ScopedSymbol {
    for operand in operands where operand.shape != operands[0].shape {
      throw .shape("stack: shapes \(operands[0].shape) and \(operand.shape) differ")
    }
    return try record(operands) { (parts) throws(NNError) in
      var rows: [Symbol] = []
      for part in parts { rows.append(try part.reshaped([1] + part.shape.dimensions)) }
      return try .concatenated(rows, axis: 0)
    }
  }
}

extension TensorFunction {
  /// Records the function; at least one operand must be a symbol.
  public func callAsFunction(
    _ operands: [SymbolOperand], _ arguments: Arguments = Arguments()
  ) throws(NNError) -> ScopedSymbol {
    try SymbolOperand.record(operands) { (symbols) throws(NNError) in try self(symbols, arguments) }
  }
}

extension Symbol {
  /// Given numbers; a single one in the form that rewrites understand.
  static func constant(_ tensor: Tensor) throws(NNError) -> Symbol {
    tensor.shape == .scalar ? try .fill(Float(tensor.element(0)), .scalar) : try .literal(tensor)
  }
}
