import CLua
import NNEngine

/// Tensors as Lua sees them: fields, indices from 1, methods, operators.
enum TensorClass {
  static func register(_ lua: LuaState, _ help: Help) {
    var members = LuaClass<Boxed<Tensor>>()
    addFields(&members)
    addRows(&members)
    addConversions(&members)
    for function in TensorFunctions.all where function.operands > 0 {
      members.method(function.name) { _, lua throws(LuaError) in try call(function, lua) }
      help.add(entry(function, "Tensor:\(function.name)"))
    }
    addOperators(&members)
    lua.register(Boxed<Tensor>.self, members)
  }

  private static func addFields(_ members: inout LuaClass<Boxed<Tensor>>) {
    members.property("shape") { box, lua in lua.push(list: box.value.shape.dimensions) }
    members.property("dtype") { box, lua in lua.push(box.value.dtype.name) }
    members.property("ndim") { box, lua in lua.push(box.value.shape.rank) }
    members.property("size") { box, lua in lua.push(box.value.shape.count) }
    members.metamethod("__len") { lua throws(LuaError) in
      let tensor = try lua.requireTensor(1, "operand")
      guard tensor.shape.rank > 0 else { throw .message("#: a scalar has no length") }
      lua.push(tensor.rows)
      return 1
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      lua.push(try lua.requireTensor(1, "operand").description)
      return 1
    }
  }

  private static func addRows(_ members: inout LuaClass<Boxed<Tensor>>) {
    members.subscripting { box, lua throws(LuaError) in
      let tensor = box.value
      if let mask = lua.tensor(2) {
        return lua.push(try engine { () throws(NNError) in try tensor.masked(by: mask) })
      }
      let index = try lua.requireInteger(2)
      guard tensor.shape.rank > 0 else { throw .message("a scalar has no elements to index; use :item()") }
      if index == tensor.rows + 1 { return lua.pushNil() }  // where ipairs stops
      let row = try position(index, tensor.rows)
      if tensor.shape.rank == 1 { return lua.push(elementOf: tensor, row) }
      lua.push(view: try engine { () throws(NNError) in try tensor.row(row) })
    }
    members.method("slice") { box, lua throws(LuaError) in
      let range = try range(lua, box.value.rows)
      lua.push(view: try engine { () throws(NNError) in try box.value.slice(range) })
      return 1
    }
    members.method("take") { box, lua throws(LuaError) in
      let rows = try positions(lua, box.value.rows)
      lua.push(try engine { () throws(NNError) in try box.value.take(rows) })
      return 1
    }
    members.method("split") { _, lua throws(LuaError) in try TensorParts.split(lua) }
    members.method("reshape") { box, lua throws(LuaError) in
      let shape = try CallArguments("reshape", ["shape"], lua.shape(from: 2)).require("shape", as: [Int].self)
      lua.push(view: try engine { () throws(NNError) in try box.value.reshaped(shape) })
      return 1
    }
  }

  private static func addConversions(_ members: inout LuaClass<Boxed<Tensor>>) {
    members.method("astype") { box, lua throws(LuaError) in
      let name = try lua.requireString(2)
      lua.push(try engine { () throws(NNError) in try box.value.astype(DType(name: name)) })
      return 1
    }
    members.method("item") { box, lua throws(LuaError) in
      _ = try engine { () throws(NNError) in try box.value.item() }
      lua.push(elementOf: box.value, 0)
      return 1
    }
    members.method("tolist") { box, lua throws(LuaError) in
      try lua.ensure(Int32(box.value.shape.rank) + 4)
      pushList(lua, box.value, axis: 0, offset: 0)
      return 1
    }
  }

  private static func pushList(_ lua: LuaState, _ tensor: Tensor, axis: Int, offset: Int) {
    guard axis < tensor.shape.rank else { return lua.push(elementOf: tensor, offset) }
    let extent = tensor.shape[axis]
    let stride = tensor.shape.dimensions[(axis + 1)...].reduce(1, *)
    lua.pushTable(array: extent)
    for index in 0..<extent {
      pushList(lua, tensor, axis: axis + 1, offset: offset + index * stride)
      lua.rawSet(index + 1, in: -2)
    }
  }

  /// The rows that the arguments 2 and 3 of slice name.
  static func range(_ lua: LuaState, _ rows: Int) throws(LuaError) -> Range<Int> {
    let first = lua.isNil(2) ? 1 : try lua.requireInteger(2)
    let last = lua.isNil(3) ? rows : try lua.requireInteger(3)
    // As string.sub: negative positions count from the end, what is outside is left out.
    let start = max(first < 0 ? rows + first + 1 : first, 1)
    let end = min(last < 0 ? rows + last + 1 : last, rows)
    return start <= end ? (start - 1)..<end : 0..<0
  }

  /// The rows that argument 2 of take names.
  static func positions(_ lua: LuaState, _ rows: Int) throws(LuaError) -> [Int] {
    let wanted = try lua.requireTensor(2, "indices")
    guard wanted.shape.rank == 1 else { throw .message("indices must be a list, got shape \(wanted.shape)") }
    var result: [Int] = []
    for index in 0..<wanted.shape.count {
      guard let exact = Int(exactly: wanted.element(index)) else {
        throw .message("indices must be integers, got \(wanted.element(index))")
      }
      result.append(try position(exact, rows))
    }
    return result
  }

  /// From Lua's position, from 1 or from the end, to the engine's row.
  static func position(_ index: Int, _ rows: Int) throws(LuaError) -> Int {
    let row = index > 0 ? index - 1 : rows + index
    guard index != 0, (0..<rows).contains(row) else {
      throw .message("index \(index) is outside 1 … \(rows)" + (index == 0 ? ": positions count from 1" : ""))
    }
    return row
  }

  private static let operators = [
    "__add": "add", "__sub": "subtract", "__mul": "multiply", "__div": "divide", "__mod": "mod", "__pow": "power",
    "__idiv": "floor_divide", "__band": "logical_and", "__bor": "logical_or", "__bxor": "logical_xor",
  ]

  /// For tensors and symbols: operands of both kinds may be mixed.
  static func addOperators<Object>(_ members: inout LuaClass<Object>) {
    for function in TensorFunctions.all {
      for (metamethod, name) in operators where name == function.name {
        members.metamethod(metamethod) { lua throws(LuaError) in
          lua.setTop(2)
          return try call(function, lua)
        }
      }
      for (metamethod, name) in ["__unm": "negative", "__bnot": "logical_not"] where name == function.name {
        members.metamethod(metamethod) { lua throws(LuaError) in
          lua.setTop(1)  // Lua passes the operand twice
          return try call(function, lua)
        }
      }
      if function.name == "concat" { addConcatenation(&members, function) }
    }
  }

  /// `a .. b`: tensors one after another along the first axis; beside a text, the text of the tensor.
  private static func addConcatenation<Object>(_ members: inout LuaClass<Object>, _ concat: TensorFunction) {
    members.metamethod("__concat") { lua throws(LuaError) in
      lua.setTop(2)
      if lua.type(1) == .string || lua.type(2) == .string {
        let text = try lua.pushText(1) + lua.pushText(2)
        lua.push(text)
        return 1
      }
      var operands: [SymbolOperand] = []
      for index in 1...2 as ClosedRange<Int32> { operands.append(try lua.operand(index, "operand \(index)")) }
      return try push(concat, operands, Arguments(), lua)
    }
  }
}

// MARK: - Functions

extension TensorClass {
  /// Calls the function with operands from 1 on and further arguments after them.
  static func call(_ function: TensorFunction, _ lua: LuaState) throws(LuaError) -> Int32 {
    let operands = try operands(of: function, lua)
    let first = Int32(operands.count) + 1
    guard lua.top >= first else { return try push(function, operands, Arguments(), lua) }
    var arguments = try lua.constructorArguments(from: first)
    if function.fields.first?.name == "axes", lua.top == first, lua.type(first) == .table,
      arguments.named.entries.isEmpty
    {
      arguments.positional = [.list(arguments.positional)]  // x:transpose{2, 1}
    }
    return try push(function, operands, Axes.fromLua(arguments, function.fields, for: operands.first?.shape), lua)
  }

  /// Pushes the function's results.
  static func push(
    _ function: TensorFunction, _ operands: [SymbolOperand], _ arguments: Arguments, _ lua: LuaState
  ) throws(LuaError) -> Int32 {
    do throws(NNError) {
      var tensors: [Tensor] = []
      tensors.reserveCapacity(operands.count)
      for operand in operands { if let tensor = operand.tensor { tensors.append(tensor) } }
      guard tensors.count == operands.count else {
        lua.push(try function(operands, arguments))
        return 1
      }
      guard function.hasSeveralResults else {
        lua.push(try function(tensors, arguments))
        return 1
      }
      let results = try function.results(tensors, arguments)
      for result in results { lua.push(result) }
      return Int32(clamping: results.count)
    } catch {
      throw .message(NNError(error.code, error.message.naming(function.name), path: error.path).description)
    }
  }

  /// The operands at 1, 2, …; numbers and tables of numbers adapt to the tensors beside them.
  private static func operands(of function: TensorFunction, _ lua: LuaState) throws(LuaError) -> [SymbolOperand] {
    let count = Int32(clamping: function.operands)
    if count == 1 { return [try operand(1, "x", function, lua)] }
    var operands: [SymbolOperand] = []
    operands.reserveCapacity(Int(count))
    var (isAdapting, hasOtherTypes) = (false, false)
    for index in 1...max(count, 1) {
      let type = lua.type(index)
      if type == .number || type == .table { isAdapting = true }
      let operand = try operand(index, index == 1 ? "operand 1" : index == 2 ? "operand 2" : "operand 3", function, lua)
      if let tensor = operand.tensor, tensor.dtype != .float32 { hasOtherTypes = true }
      operands.append(operand)
    }
    return isAdapting && hasOtherTypes ? try adapted(operands, function, lua) : operands
  }

  private static func operand(
    _ index: Int32, _ name: String, _ function: TensorFunction, _ lua: LuaState
  ) throws(LuaError) -> SymbolOperand {
    do throws(LuaError) { return try lua.operand(index, name) } catch {
      guard case .message(let text) = error else { throw error }
      throw .message(text.naming(function.name))
    }
  }

  /// What was written as numbers takes the type of the tensors beside it where it can, as NumPy has it.
  private static func adapted(
    _ operands: [SymbolOperand], _ function: TensorFunction, _ lua: LuaState
  ) throws(LuaError) -> [SymbolOperand] {
    let given = operands.indices.filter { lua.tensor(Int32($0) + 1) != nil }
    guard let dtype = function.commonType(given.compactMap { index in operands[index].tensor.map { (index, $0) } })
    else { return operands }
    if dtype == .float32 { return operands }
    var result = operands
    for index in operands.indices where !given.contains(index) {
      guard let tensor = operands[index].tensor, tensor.dtype == .float32 else { continue }
      let numbers = try lua.numbers(Int32(index) + 1)
      guard numbers.kind == .integer else { continue }
      do throws(NNError) {
        let adapted = try function.adapted(numbers.values, shape: tensor.shape, to: dtype)
        result[index] = .tensor(adapted ?? tensor)
      } catch {
        throw .message(error.description.naming(function.name))
      }
    }
    return result
  }

  static func entry(_ function: TensorFunction, _ name: String) -> HelpEntry {
    let operands =
      function.operands == 1
      ? ["x"] : function.operands < 0 ? ["{a, b, …}"] : ["a", "b", "c"].prefix(function.operands).map { $0 }
    let shown = name.contains(":") ? Array(operands.dropFirst()) : operands
    let all = shown + function.fields.map { "\($0.name)=\(LuaText.defaultValue(of: $0) ?? "")" }
    return HelpEntry(
      name: name, signature: "(\(all.joined(separator: ", ")))", summary: function.doc,
      fields: function.fields.map(Documentation.field))
  }
}

extension LuaState {
  /// A tensor (or what becomes one), or a symbol.
  func operand(_ index: Int32, _ name: String) throws(LuaError) -> SymbolOperand {
    if let tensor = tensor(index) { return .tensor(tensor) }
    if let symbol = symbol(index) { return .symbol(symbol) }
    if let variable = object(index, Variable.self) { return try VariableOperands.operand(variable) }
    return .tensor(try requireTensor(index, name))
  }

  /// `x:reshape{2, 3}`, `x:reshape(2, 3)`, `x:reshape{shape = {2, 3}}`
  func shape(from first: Int32) throws(LuaError) -> Arguments {
    let arguments = try constructorArguments(from: first)
    let isFlat = arguments.positional.allSatisfy { if case .integer = $0 { true } else { false } }
    return arguments.named.entries.isEmpty && isFlat ? Arguments([.list(arguments.positional)]) : arguments
  }
}
