import CLua
import NNEngine

/// What a layer's class in Lua does, with the fields of one instance. The table of fields has the class as its metatable. It does
/// not mention the layer, so that nothing holds itself.
final class LuaLayer: LayerCode {
  let className: String
  /// What the constructor was called with, for get_config; nil where that has no text.
  private let arguments: Arguments?
  private let fields: LuaReference
  private let classTable: LuaReference
  /// The model, when the class is one of models.
  weak var model: Model?
  /// In the order in which they were first set.
  private var order: [String] = []

  /// An instance without fields, of the class at an index.
  init(_ lua: LuaState, class index: Int32, arguments: Arguments?) {
    let index = lua.absolute(index)
    lua.rawGetField("__name", in: index)
    className = lua.string(-1) ?? "Layer"
    lua.pop()
    self.arguments = arguments
    lua.pushTable()
    lua.copy(index)
    lua_setmetatable(lua.raw, -2)
    fields = LuaReference(popping: lua)
    lua.copy(index)
    classTable = LuaReference(popping: lua)
  }

  func pushFields(to lua: LuaState) { fields.push(to: lua) }

  /// Pushes what the class's methods know as self.
  private func pushSelf(_ layer: Layer, _ lua: LuaState) {
    if let model { lua.push(model) } else { lua.push(layer) }
  }

  /// Sets a field to the value on top, which is popped.
  func set(_ name: String, _ lua: LuaState) {
    fields.push(to: lua)
    lua.insert(-2)
    lua.rawSetField(name, in: -2)
    lua.pop()
    if !order.contains(name) { order.append(name) }
  }

  /// Pushes a method of the class; false, and nothing, when it is the one that every layer has, or none.
  private func pushMethod(_ name: String, _ lua: LuaState) throws(LuaError) -> Bool {
    fields.push(to: lua)
    try lua.getField(name, in: -1)
    lua.remove(-2)
    if UserLayerClass.isInherited(lua, -1) || lua.isNil(-1) {
      lua.pop()
      return false
    }
    guard lua.type(-1) == .function else { throw .message("\(className): \(name) must be a function") }
    return true
  }

  func configuration(_ layer: Layer) throws(NNError) -> Value.Table {
    try fields.state.calling { (lua) throws(LuaError) in
      guard try pushMethod("get_config", lua) else { return ownConfiguration(layer) }
      pushSelf(layer, lua)
      try lua.call(arguments: 1, results: 1)
      guard case .table(let table) = try lua.value(-1) else {
        throw .message("\(className): get_config must return a table, got \(lua.typeName(-1))")
      }
      return table
    }
  }

  /// Without a get_config of the class's own: what the constructor was called with, or what the built-in parent was made with.
  func ownConfiguration(_ layer: Layer) -> Value.Table {
    var table = layer.base?.kindConfiguration ?? Value.Table()
    for (name, value) in arguments?.named.entries ?? [] where !UserLayerClass.commonOptions.contains(name) {
      if layer.base == nil || table[name] == nil { table[name] = value }
    }
    if let positional = arguments?.positional, !positional.isEmpty, layer.base == nil {
      table["args"] = .list(positional)
    }
    return table
  }

  func sublayers() throws(NNError) -> [Layer] {
    try fields.state.calling { (lua) throws(LuaError) in
      fields.push(to: lua)
      let index = lua.top
      var result: [Layer] = []
      for name in order {
        lua.rawGetField(name, in: index)
        try collect(lua, into: &result, depth: 0)
        lua.pop()
      }
      return result
    }
  }

  /// The layers in the value on top: a layer, a model, lists of them.
  private func collect(_ lua: LuaState, into result: inout [Layer], depth: Int) throws(LuaError) {
    if let layer = lua.object(-1, Layer.self) {
      result.append(layer)
    } else if let model = lua.object(-1, Model.self) {
      result.append(model.asLayer)
    } else if lua.type(-1) == .table, depth < 8 {
      try lua.ensure(8)
      let index = lua.top
      for position in stride(from: 1, through: lua.rawLength(index), by: 1) {
        lua.rawGet(position, in: index)
        try collect(lua, into: &result, depth: depth + 1)
        lua.pop()
      }
    }
  }

  func build(_ layer: Layer, _ inputs: [Shape]) throws(NNError) {
    try fields.state.calling { (lua) throws(LuaError) in
      try lua.ensure(8)
      guard try pushMethod("build", lua) else {
        guard let base = layer.base else { return }
        return try engine { () throws(NNError) in try base.build(inputs) }
      }
      pushSelf(layer, lua)
      lua.push(batched: inputs, of: inputs.count)
      try lua.call(arguments: 2)
    }
  }

  func call(_ layer: Layer, _ inputs: [ScopedSymbol], _ scope: SymbolScope) throws(NNError) -> [Value] {
    let before = TracingScope.enter(scope)
    defer { TracingScope.leave(before) }
    return try fields.state.calling { (lua) throws(LuaError) in
      try lua.ensure(8)
      guard try pushMethod("call", lua) else {
        guard let base = layer.base else {
          throw .message("\(className) has no call: define function \(className):call(x, training)")
        }
        return try engine { () throws(NNError) in try base(inputs) }.map { .object($0) }
      }
      pushSelf(layer, lua)
      _ = SymbolCalls.push(inputs, lua)
      lua.push(scope.training)
      try lua.call(arguments: 3, results: 1)
      if let variable = lua.object(-1, Variable.self) {
        return [.object(try engine { () throws(NNError) in try scope.read(variable) })]
      }
      let result = try lua.value(-1)
      if case .list(let items) = result { return items }
      return [result]
    }
  }

  func check(_ layer: Layer, _ inputs: [Shape], _ outputs: [Shape]) throws(NNError) {
    try fields.state.calling { (lua) throws(LuaError) in
      guard try pushMethod("compute_output_shape", lua) else { return }
      pushSelf(layer, lua)
      lua.push(batched: inputs, of: inputs.count)
      try lua.call(arguments: 2, results: 1)
      guard case .list(let items) = try lua.value(-1) else {
        throw .message("\(className): compute_output_shape must return a shape, got \(lua.typeName(-1))")
      }
      let shapes: [[Value]]
      if case .list = items.last ?? .null {
        shapes = items.map { if case .list(let shape) = $0 { shape } else { [] } }
      } else {
        shapes = [items]
      }
      for (i, output) in outputs.enumerated() {
        let said = shapes.indices.contains(i) ? shapes[i].dropFirst().map { Int.decode($0) } : []
        guard said.count == output.rank, zip(said, output.dimensions).allSatisfy({ $0 == nil || $0 == $1 }) else {
          let text = (["None"] + said.map { $0.map(String.init) ?? "None" }).joined(separator: ", ")
          throw .message("\(className): compute_output_shape says (\(text)), but call gives \(output.batched)")
        }
      }
    }
  }

  func trainStep(_ data: [Value], _ scope: SymbolScope) throws(NNError) -> Value.Table? {
    guard let model else { return nil }
    let before = TracingScope.enter(scope)
    defer { TracingScope.leave(before) }
    return try fields.state.calling { (lua) throws(LuaError) in
      try lua.ensure(8)
      guard try pushMethod("train_step", lua) else { return nil }
      lua.push(model)
      try lua.push(.list(data))
      try lua.call(arguments: 2, results: 1)
      guard case .table(let table) = try lua.value(-1), !table.entries.isEmpty else {
        throw .message("\(className): train_step must return a table of numbers by name, got \(lua.typeName(-1))")
      }
      return table
    }
  }

  var maker: CustomLayers.Maker {
    let classTable = classTable
    return CustomLayers.Maker { (configuration) throws(NNError) in
      try UserLayerClass.make(classTable, configuration)
    }
  }
}
