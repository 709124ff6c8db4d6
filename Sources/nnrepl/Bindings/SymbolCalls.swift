import CLua
import NNEngine

/// Layers and models that are called on symbols, inside functions that become part of a program, or on numbers.
enum SymbolCalls {
  /// `layer(x, training)`, with the layer at 1; nil when x is neither a symbol nor a tensor nor a list of these.
  static func call(_ layer: Layer, _ lua: LuaState) throws(LuaError) -> Int32? {
    if lua.containsSymbol(2) {
      let inputs = try lua.symbols(2)
      let training = try lua.trainingArgument(3)
      let outputs = try engine { () throws(NNError) in try layer(inputs, training: training) }
      return push(outputs, lua)
    }
    guard let inputs = lua.tensorList(2) else { return nil }
    if let scope = TracingScope.current, !scope.isOver {
      // Numbers go through the variables of what is being traced, not through their present values.
      let training = try lua.trainingArgument(3)
      let outputs = try engine { () throws(NNError) in
        var symbols: [ScopedSymbol] = []
        for tensor in inputs { symbols.append(try scope.constant(tensor)) }
        return try layer(symbols, training: training)
      }
      return push(outputs, lua)
    }
    let training = try lua.trainingArgument(3) ?? false
    let outputs = try engine { () throws(NNError) in try layer(inputs, training: training) }
    if outputs.count == 1 { lua.push(outputs[0]) } else { lua.push(list: outputs.map { Boxed($0) }) }
    return 1
  }

  /// One symbol, or a list of several.
  static func push(_ outputs: [ScopedSymbol], _ lua: LuaState) -> Int32 {
    if outputs.count == 1 { lua.push(outputs[0]) } else { lua.push(list: outputs) }
    return 1
  }
}

extension LuaState {
  /// Whether there is a symbol, or a list with one.
  func containsSymbol(_ index: Int32) -> Bool {
    if symbol(index) != nil { return true }
    guard type(index) == .table else { return false }
    for position in stride(from: 1, through: rawLength(index), by: 1) {
      rawGet(position, in: index)
      defer { pop() }
      if symbol(-1) != nil { return true }
    }
    return false
  }

  /// The symbols at an index; tensors and variables among them become symbols.
  func symbols(_ index: Int32) throws(LuaError) -> [ScopedSymbol] {
    if let one = symbol(index) { return [one] }
    guard type(index) == .table else { throw mismatch(index, "a symbol, or a list of them") }
    var operands: [SymbolOperand] = []
    for position in stride(from: 1, through: rawLength(index), by: 1) {
      rawGet(position, in: index)
      defer { pop() }
      operands.append(try operand(top, "input \(position)"))
    }
    return try engine { () throws(NNError) in try SymbolOperand.recorded(operands) }
  }

  /// The tensors at an index: one, or a list; nil when there is something else.
  func tensorList(_ index: Int32) -> [Tensor]? {
    if let one = tensor(index) { return [one] }
    guard type(index) == .table, rawLength(index) > 0 else { return nil }
    var result: [Tensor] = []
    for position in stride(from: 1, through: rawLength(index), by: 1) {
      rawGet(position, in: index)
      defer { pop() }
      guard let tensor = tensor(-1) else { return nil }
      result.append(tensor)
    }
    return result
  }

  /// `layer(x, true)` or `layer(x, {training = true})`; nil when it is not said.
  func trainingArgument(_ index: Int32) throws(LuaError) -> Bool? {
    if isNil(index) { return nil }
    if type(index) == .boolean { return truth(index) }
    return try CallArguments("call", ["training"], constructorArguments(from: index)).get("training")
  }
}
