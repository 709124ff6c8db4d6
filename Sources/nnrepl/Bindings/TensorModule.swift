import CLua
import NNEngine

/// `nn.tensor`, `nn.zeros`, …, `nn.exp`, …, `nn.random`.
enum TensorModule {
  /// Adds to the module's table, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    installCreation(lua, help)
    for function in TensorFunctions.all {
      lua.pushFunction("nn.\(function.name)") { lua throws(LuaError) in
        function.operands > 0 ? try TensorClass.call(function, lua) : try callWithList(function, lua)
      }
      help.add(TensorClass.entry(function, "nn.\(function.name)"), valueAt: -1)
      if function.name == "concat" {  // Keras's name
        lua.copy(-1)
        lua.rawSetField("concatenate", in: -3)
      }
      lua.rawSetField(function.name, in: -2)
    }
    TensorParts.install(lua, help)
    lua.pushTable()
    installRandom(lua, help)
    lua.rawSetField("random", in: -2)
  }

  /// `nn.concat({a, b}, {axis = 2})`, `nn.concat{a, b, axis = 2}`: tensors and symbols in a list, and further arguments.
  private static func callWithList(_ function: TensorFunction, _ lua: LuaState) throws(LuaError) -> Int32 {
    guard lua.type(1) == .table else { throw lua.mismatch(1, "a list of tensors") }
    var list = try lua.constructorArguments(from: lua.top == 1 ? 1 : 2)
    let items: [Value]
    if lua.top == 1 {
      items = list.positional
      list.positional = []
    } else {
      guard case .list(let given) = try lua.value(1) else { throw lua.mismatch(1, "a list of tensors") }
      items = given
    }
    let operands = try operands(items)
    guard let first = operands.first else { throw .message("no tensors given") }
    // A stack has one axis more than its parts.
    let shape =
      function.name == "stack"
      ? try engine { () throws(NNError) in try Shape(first.shape.dimensions + [operands.count]) } : first.shape
    return try TensorClass.push(function, operands, Axes.fromLua(list, function.fields, for: shape), lua)
  }

  /// The tensors in a list.
  static func tensors(_ items: [Value]) throws(LuaError) -> [Tensor] {
    var tensors: [Tensor] = []
    for (offset, item) in items.enumerated() {
      guard case .object(let object) = item, let boxed = object as? Boxed<Tensor> else {
        throw .message("element \(offset + 1) must be a tensor, got \(item.text)")
      }
      tensors.append(boxed.value)
    }
    return tensors
  }

  /// Tensors and symbols in a list.
  private static func operands(_ items: [Value]) throws(LuaError) -> [SymbolOperand] {
    var operands: [SymbolOperand] = []
    for (offset, item) in items.enumerated() {
      if case .object(let object) = item, let symbol = object as? ScopedSymbol {
        operands.append(.symbol(symbol))
      } else if case .object(let object) = item, let box = object as? Boxed<Tensor> {
        operands.append(.tensor(box.value))
      } else {
        throw .message("element \(offset + 1) must be a tensor, got \(item.text)")
      }
    }
    return operands
  }

  private static func installCreation(_ lua: LuaState, _ help: Help) {
    lua.define(
      "tensor", in: "nn", help: help, "(values, {dtype=\"float32\"})",
      "A tensor of nested tables; bool when they hold booleans, float32 otherwise, unless a dtype is given.",
      makeTensor)
    for (name, value) in [("zeros", 0.0), ("ones", 1)] {
      lua.define(name, in: "nn", help: help, "{shape, dtype=\"float32\"}", "A tensor full of \(name).") {
        lua throws(LuaError) in
        let call = try CallArguments(name, ["shape", "dtype"], lua.shapedArguments())
        return try pushFull(lua, value, call)
      }
    }
    lua.define("full", in: "nn", help: help, "{shape, fill_value, dtype=\"float32\"}", "One number everywhere.") {
      lua throws(LuaError) in
      let call = try CallArguments("full", ["shape", "fill_value", "dtype"], lua.constructorArguments())
      return try pushFull(lua, call.require("fill_value", as: Double.self), call)
    }
    lua.define(
      "arange", in: "nn", help: help, "(start, stop, step=1, {dtype=\"float32\"})",
      "start, start + step, … before stop; from 0 with one argument."
    ) {
      lua throws(LuaError) in
      let call = try CallArguments("arange", ["start", "stop", "step", "dtype"], lua.constructorArguments())
      let first: Double = try call.require("start")
      let stop: Double? = try call.get("stop")
      let step: Double = try call.get("step") ?? 1
      let dtype = try call.dtype() ?? .float32
      lua.push(
        try engine { () throws(NNError) in
          try Tensor(from: stop == nil ? 0 : first, to: stop ?? first, by: step, dtype: dtype)
        })
      return 1
    }
    lua.define(
      "linspace", in: "nn", help: help, "(start, stop, num=50)", "num numbers from start to stop, both included."
    ) {
      lua throws(LuaError) in
      let call = try CallArguments("linspace", ["start", "stop", "num"], lua.constructorArguments())
      let (start, stop): (Double, Double) = (try call.require("start"), try call.require("stop"))
      let count: Int = try call.get("num") ?? 50
      lua.push(try engine { () throws(NNError) in try Tensor(from: start, through: stop, count: count) })
      return 1
    }
    lua.define("eye", in: "nn", help: help, "(n, {dtype=\"float32\"})", "The identity matrix.") {
      lua throws(LuaError) in
      let call = try CallArguments("eye", ["n", "dtype"], lua.constructorArguments())
      let (n, dtype): (Int, DType) = (try call.require("n"), try call.dtype() ?? .float32)
      lua.push(try engine { () throws(NNError) in try Tensor(identity: n).astype(dtype) })
      return 1
    }
  }

  private static func pushFull(_ lua: LuaState, _ value: Double, _ call: CallArguments) throws(LuaError) -> Int32 {
    let (shape, dtype) = (try call.shape(), try call.dtype() ?? .float32)
    lua.push(try engine { () throws(NNError) in try Tensor(value, shape: shape, dtype: dtype) })
    return 1
  }

  private static func makeTensor(_ lua: LuaState) throws(LuaError) -> Int32 {
    guard lua.top > 0 else { throw .message("expected values") }
    if let symbol = lua.symbol(1) { throw .message(symbol.hasNoNumbers(for: "tensor").description) }
    var options = Value.Table()
    if lua.type(1) == .table {  // nn.tensor{1, 2, dtype = "int32"}
      try lua.forEachPair(of: 1) { () throws(LuaError) in
        if let name = lua.string(-2) { options[name] = try lua.value(-1) }
        return true
      }
    }
    if lua.top > 1 { options = try lua.constructorArguments(from: 2).named }
    let dtype = try CallArguments("tensor", ["dtype"], Arguments([], options)).dtype()
    if let tensor = lua.tensor(1) {
      lua.push(view: try engine { () throws(NNError) in try tensor.astype(dtype ?? tensor.dtype) })
    } else {
      lua.push(try Tensor.make(lua.numbers(1), dtype))
    }
    return 1
  }

  private static func installRandom(_ lua: LuaState, _ help: Help) {
    lua.define(
      "normal", in: "nn.random", help: help, "{shape, mean=0, stddev=1, seed=nil}", "Normally distributed numbers."
    ) { lua throws(LuaError) in
      let call = try CallArguments("normal", ["shape", "mean", "stddev", "seed"], lua.shapedArguments())
      let (shape, seed) = (try call.shape(), try call.seed())
      let (mean, deviation): (Double, Double) = (try call.get("mean") ?? 0, try call.get("stddev") ?? 1)
      lua.push(
        try engine { () throws(NNError) in try Tensor(normal: shape, mean: mean, deviation: deviation, seed: seed) })
      return 1
    }
    lua.define(
      "uniform", in: "nn.random", help: help, "{shape, minval=0, maxval=1, seed=nil}",
      "Numbers between minval and maxval, equally likely."
    ) { lua throws(LuaError) in
      let call = try CallArguments("uniform", ["shape", "minval", "maxval", "seed"], lua.shapedArguments())
      let (shape, seed) = (try call.shape(), try call.seed())
      let (low, high): (Double, Double) = (try call.get("minval") ?? 0, try call.get("maxval") ?? 1)
      lua.push(try engine { () throws(NNError) in try Tensor(uniform: shape, low: low, high: high, seed: seed) })
      return 1
    }
    lua.define(
      "permutation", in: "nn.random", help: help, "(n, {seed=nil})", "The positions 1 … n in random order, for take."
    ) { lua throws(LuaError) in
      let call = try CallArguments("permutation", ["n", "seed"], lua.constructorArguments())
      let (n, seed): (Int, UInt64?) = (try call.require("n"), try call.seed())
      let order = try engine { () throws(NNError) in try Tensor(permutation: n, seed: seed) }
      let positions = LuaNumbers(shape: [n], values: (0..<n).map { order.element($0) + 1 }, kind: .integer)
      lua.push(try Tensor.make(positions, .int32))
      return 1
    }
  }
}
