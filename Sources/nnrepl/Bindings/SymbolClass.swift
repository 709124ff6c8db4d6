import CLua
import NNEngine

extension ScopedSymbol: LuaObject { static var luaName: String { "Symbol" } }

/// What a Lua function receives while a model is made from it: the same methods, fields and operators as tensors have, but no numbers
/// yet. Everything that is called on it is recorded.
enum SymbolClass {
  static func register(_ lua: LuaState, _ help: Help) {
    var members = LuaClass<ScopedSymbol>()
    addFields(&members)
    addRows(&members)
    addRefusals(&members)
    for function in TensorFunctions.all where function.operands > 0 {
      members.method(function.name) { _, lua throws(LuaError) in try TensorClass.call(function, lua) }
    }
    TensorClass.addOperators(&members)
    lua.register(ScopedSymbol.self, members)
    help.add(
      HelpEntry(
        name: "Symbol", signature: "",
        summary:
          "What a function that becomes part of a model receives in place of a tensor: the same fields, methods and "
          + "operators, but no numbers yet. The function runs once, when the model is made; what it does to symbols is recorded."
      ))
  }

  private static func addFields(_ members: inout LuaClass<ScopedSymbol>) {
    members.property("shape") { symbol, lua in lua.push(list: symbol.shape.dimensions) }
    members.property("dtype") { _, lua in lua.push("float32") }
    members.property("ndim") { symbol, lua in lua.push(symbol.shape.rank) }
    members.property("size") { symbol, lua in lua.push(symbol.shape.count) }
    members.metamethod("__len") { lua throws(LuaError) in
      let symbol = try lua.requireObject(1, ScopedSymbol.self)
      guard let rows = symbol.shape.dimensions.first else { throw .message("#: a scalar has no length") }
      lua.push(rows)
      return 1
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      let symbol = try lua.requireObject(1, ScopedSymbol.self)
      lua.push("symbol of shape \(symbol.shape): it has no numbers until the model runs")
      return 1
    }
  }

  private static func addRows(_ members: inout LuaClass<ScopedSymbol>) {
    members.subscripting { symbol, lua throws(LuaError) in
      let index = try lua.requireInteger(2)
      guard let rows = symbol.shape.dimensions.first else { throw refusal(symbol, "x[\(index)]") }
      if index == rows + 1 { return lua.pushNil() }  // where ipairs stops
      let row = try TensorClass.position(index, rows)
      guard symbol.shape.rank > 1 else { throw refusal(symbol, "x[\(index)]") }
      let rest = Array(symbol.shape.dimensions.dropFirst())
      try lua.push(symbol) { (x) throws(NNError) in try x.slice(axis: 0, first: row, count: 1).reshaped(rest) }
    }
    members.method("slice") { symbol, lua throws(LuaError) in
      guard let rows = symbol.shape.dimensions.first else { throw .message("a scalar has no rows") }
      let range = try TensorClass.range(lua, rows)
      try lua.push(symbol) { (x) throws(NNError) in try x.slice(axis: 0, first: range.lowerBound, count: range.count) }
      return 1
    }
    members.method("take") { symbol, lua throws(LuaError) in
      guard let rows = symbol.shape.dimensions.first else { throw .message("a scalar has no rows") }
      let positions = try TensorClass.positions(lua, rows).map { Float($0) }
      try lua.push(symbol) { (x) throws(NNError) in try x.gathered(.literal(Tensor(positions))) }
      return 1
    }
    members.method("split") { _, lua throws(LuaError) in try TensorParts.split(lua) }
    members.method("reshape") { symbol, lua throws(LuaError) in
      let shape = try CallArguments("reshape", ["shape"], lua.shape(from: 2)).require("shape", as: [Int].self)
      try lua.push(symbol) { (x) throws(NNError) in try x.reshaped(shape) }
      return 1
    }
    members.method("astype") { symbol, lua throws(LuaError) in
      let name = try lua.requireString(2)
      let dtype = try engine { () throws(NNError) in try DType(name: name) }
      guard dtype == .float32 else {
        throw .message("a symbol computes in float32, where true is 1 and false is 0; it cannot become \(name)")
      }
      lua.copy(1)
      return 1
    }
  }

  /// What tensors can and symbols cannot: each says why.
  private static func addRefusals(_ members: inout LuaClass<ScopedSymbol>) {
    for name in ["item", "tolist"] {
      members.method(name) { symbol, _ throws(LuaError) in throw refusal(symbol, name) }
    }
  }

  private static func refusal(_ symbol: ScopedSymbol, _ what: String) -> LuaError {
    .message(symbol.hasNoNumbers(for: what).description)
  }
}

extension LuaState {
  /// The symbol at an index, if there is one.
  func symbol(_ index: Int32) -> ScopedSymbol? { object(index, ScopedSymbol.self) }

  /// Pushes what becomes of a symbol.
  func push(_ symbol: ScopedSymbol, _ body: (Symbol) throws(NNError) -> Symbol) throws(LuaError) {
    push(try engine { () throws(NNError) in try symbol.with(body) })
  }
}
