import CLua
import NNEngine

extension SymbolScope: LuaObject { static var luaName: String { "recording" } }
extension CompiledFunction: LuaObject {
  static var luaName: String { "compiled function" }
  static var belongsToModels: Bool { true }
}

/// `nn.grad`, `nn.value_and_grad`, `nn.jit`, `nn.check_grad`, `nn.stop_gradient`: what `TransformsSource` is made of.
enum Transforms {
  /// Adds to the module's table, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    lua.register(SymbolScope.self, LuaClass<SymbolScope>())
    var compiled = LuaClass<CompiledFunction>()
    compiled.method("run") { function, lua throws(LuaError) in
      let inputs = try tensors(lua, 2)
      push(try engine { () throws(NNError) in try function.run(inputs) }, lua)
      return 1
    }
    lua.register(CompiledFunction.self, compiled)
    lua.define(
      "stop_gradient", in: "nn", help: help, "(x)", "The same numbers, through which no gradient flows."
    ) { lua throws(LuaError) in
      if case .symbol(let symbol) = try lua.operand(1, "x") {
        lua.push(try engine { () throws(NNError) in try symbol.stoppingGradient() })
      } else {
        lua.copy(1)
      }
      return 1
    }
    let module = lua.top
    do throws(LuaError) {
      let runner = try engine { () throws(NNError) in try FunctionRunner() }
      try lua.load(TransformsSource.text, name: LuaState.internalChunk)
      pushParts(runner, lua)
      try lua.call(arguments: 1, results: 1)
      for entry in TransformsSource.entries {
        lua.rawGetField(entry.shortName, in: -1)
        help.add(entry, valueAt: -1)
        lua.rawSetField(entry.shortName, in: module)
      }
    } catch {}  // the text is always the same
    lua.setTop(module)
  }

  private static func pushParts(_ runner: FunctionRunner, _ lua: LuaState) {
    lua.pushTable()
    let parts: [(String, LuaBody)] = [
      ("kind", { lua in kind(lua) }),
      (
        "begin",
        { lua throws(LuaError) in
          let isNested = TracingScope.current.map { !$0.isOver } ?? false
          lua.push(isNested ? TracingScope.current ?? runner.begin() : runner.begin(training: lua.truth(1)))
          lua.push(isNested)
          return 2
        }
      ),
      ("symbol", { lua throws(LuaError) in try symbol(lua) }),
      ("trace", { lua throws(LuaError) in try trace(lua) }),
      (
        "gradients",
        { lua throws(LuaError) in
          let scope = try lua.requireObject(1, SymbolScope.self)
          let (loss, targets) = (try lua.requireObject(2, ScopedSymbol.self), try symbols(lua, 3))
          lua.push(list: try engine { () throws(NNError) in try scope.gradients(of: loss, for: targets) })
          return 1
        }
      ),
      (
        "evaluate",
        { lua throws(LuaError) in
          let (scope, outputs) = (try lua.requireObject(1, SymbolScope.self), try symbols(lua, 2))
          push(try engine { () throws(NNError) in try runner.run(scope, outputs) }, lua)
          return 1
        }
      ),
      ("inputs", { lua throws(LuaError) in try inputs(lua) }),
      (
        "compile",
        { lua throws(LuaError) in
          let scope = try lua.requireObject(1, SymbolScope.self)
          let (inputs, outputs) = (try lua.requireObject(2, Boxed<[FunctionInput]>.self), try symbols(lua, 3))
          lua.push(try engine { () throws(NNError) in try runner.compile(scope, inputs.value, outputs) })
          return 1
        }
      ),
      (
        "finish",
        { lua throws(LuaError) in
          try lua.requireObject(1, SymbolScope.self).end()
          return 0
        }
      ),
    ]
    for (name, body) in parts {
      lua.pushFunction("", body)
      lua.rawSetField(name, in: -2)
    }
    lua.rawGetField("tensor", in: -3)  // nn.tensor
    lua.rawSetField("tensor", in: -2)
  }

  /// "tensor", "symbol", "variable" or "number", and the shape as a text; nil for other things.
  private static func kind(_ lua: LuaState) -> Int32 {
    if let tensor = lua.tensor(1) {
      lua.push("tensor")
      lua.push("\(tensor.shape)")
    } else if let symbol = lua.symbol(1) {
      lua.push("symbol")
      lua.push("\(symbol.shape)")
    } else if let variable = lua.object(1, Variable.self) {
      lua.push("variable")
      lua.push("\(Int(bitPattern: Unmanaged.passUnretained(variable).toOpaque()))")
    } else if lua.type(1) == .number {
      lua.push("number")
      lua.push("()")
    } else {
      return 0
    }
    return 2
  }

  /// (scope, value, fresh): the value in the recording; `fresh` where gradients with respect to it are wanted.
  private static func symbol(_ lua: LuaState) throws(LuaError) -> Int32 {
    let scope = try lua.requireObject(1, SymbolScope.self)
    let isFresh = lua.truth(3)
    if let variable = lua.object(2, Variable.self) {
      lua.push(try engine { () throws(NNError) in try scope.read(variable) })
    } else if let symbol = lua.symbol(2) {
      lua.push(isFresh ? try engine { () throws(NNError) in try scope.fresh(symbol) } : symbol)
    } else {
      let tensor = try lua.requireTensor(2, "value")
      lua.push(try engine { () throws(NNError) in try scope.constant(tensor) })
    }
    return 1
  }

  /// (scope, f, …): calls f while variables are the recording's.
  private static func trace(_ lua: LuaState) throws(LuaError) -> Int32 {
    let before = TracingScope.enter(try lua.requireObject(1, SymbolScope.self))
    defer { TracingScope.leave(before) }
    lua.remove(1)
    try lua.call(arguments: lua.top - 1, results: LUA_MULTRET)
    return lua.top
  }

  /// (scope, {shape, …}): inputs of a compiled function, and the symbols in it.
  private static func inputs(_ lua: LuaState) throws(LuaError) -> Int32 {
    let scope = try lua.requireObject(1, SymbolScope.self)
    var inputs: [FunctionInput] = []
    for position in stride(from: 1, through: lua.rawLength(2), by: 1) {
      lua.rawGet(position, in: 2)
      defer { lua.pop() }
      let shape = lua.tensor(-1)?.shape ?? .scalar
      inputs.append(try engine { () throws(NNError) in try FunctionInput(shape, scope) })
    }
    lua.push(Boxed(inputs))
    lua.push(list: inputs.map(\.symbol))
    return 2
  }

  private static func symbols(_ lua: LuaState, _ index: Int32) throws(LuaError) -> [ScopedSymbol] {
    var result: [ScopedSymbol] = []
    for position in stride(from: 1, through: lua.rawLength(index), by: 1) {
      lua.rawGet(position, in: index)
      defer { lua.pop() }
      result.append(try lua.requireObject(-1, ScopedSymbol.self))
    }
    return result
  }

  private static func tensors(_ lua: LuaState, _ index: Int32) throws(LuaError) -> [Tensor] {
    var result: [Tensor] = []
    for position in stride(from: 1, through: lua.rawLength(index), by: 1) {
      lua.rawGet(position, in: index)
      defer { lua.pop() }
      result.append(try lua.requireTensor(lua.top, "argument"))
    }
    return result
  }

  private static func push(_ tensors: [Tensor], _ lua: LuaState) {
    lua.pushTable(array: tensors.count)
    for (i, tensor) in tensors.enumerated() {
      lua.push(tensor)
      lua.rawSet(i + 1, in: -2)
    }
  }
}

extension [FunctionInput]: LuaNamed { static var luaName: String { "inputs" } }
