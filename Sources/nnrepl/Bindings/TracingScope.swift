import NNEngine

/// The user's function that is being traced now. A variable that is mentioned there, even beside numbers only, is one of the
/// program's, not its present value.
enum TracingScope {
  /// Lua runs on one thread.
  nonisolated(unsafe) private(set) static var current: SymbolScope?

  /// Whether a function is being traced.
  static var isActive: Bool { current.map { !$0.isOver } ?? false }

  /// Begins a call with these arguments; returns what `leave` takes.
  static func enter(_ arguments: [Value]) -> SymbolScope? {
    let before = current
    if let scope = firstScope(arguments) { current = scope }
    return before
  }

  static func enter(_ scope: SymbolScope) -> SymbolScope? {
    let before = current
    current = scope
    return before
  }

  static func leave(_ before: SymbolScope?) { current = before }

  private static func firstScope(_ arguments: [Value]) -> SymbolScope? {
    for argument in arguments {
      switch argument {
      case .object(let object): if let symbol = object as? ScopedSymbol { return symbol.scope }
      case .list(let items): if let scope = firstScope(items) { return scope }
      default: break
      }
    }
    return nil
  }
}

/// Variables as operands: `x * layer.kernel`, `layer.kernel:square():sum()`.
enum VariableOperands {
  static func add(to members: inout LuaClass<Variable>) {
    for function in TensorFunctions.all where function.operands > 0 {
      members.method(function.name) { _, lua throws(LuaError) in try TensorClass.call(function, lua) }
    }
    members.method("reshape") { variable, lua throws(LuaError) in
      let shape = try CallArguments("reshape", ["shape"], lua.shape(from: 2)).require("shape", as: [Int].self)
      switch try operand(variable) {
      case .symbol(let symbol): try lua.push(symbol) { (x) throws(NNError) in try x.reshaped(shape) }
      case .tensor(let tensor): lua.push(try engine { () throws(NNError) in try tensor.reshaped(shape) })
      }
      return 1
    }
    TensorClass.addOperators(&members)
  }

  /// The variable in the program that is being traced; its value where none is.
  static func operand(_ variable: Variable) throws(LuaError) -> SymbolOperand {
    try engine { () throws(NNError) in
      if let scope = TracingScope.current, !scope.isOver { return .symbol(try scope.read(variable)) }
      return .tensor(try variable.value())
    }
  }
}
