import CLua
import NNEngine

/// Classes of layers in Lua: `Scale = nn.layers.Layer:subclass("Scale")`, `MCDropout = nn.layers.Dropout:subclass("MCDropout")`. A
/// class is a table; an instance is a `Layer` like any other, whose own fields are in a `LuaLayer`.
enum UserLayerClass {
  /// What every layer's constructor takes.
  static let commonOptions = ["name", "trainable", "input_shape", "input_dim", "batch_input_shape", "dtype"]
  private static let rootKey = "nnrepl.layer"
  private static let parentsKey = "nnrepl.layer.parents"
  private static let inheritedKey = "nnrepl.layer.inherited"
  /// What no field of an instance may hide.
  private static let fixed: Set<String> = [
    "name", "built", "trainable", "variables", "weights", "trainable_variables", "non_trainable_variables",
    "input_shape",
    "output_shape", "class_name", "count_params", "get_weights", "set_weights",
  ]
  /// More of these where the class is one of models.
  private static let fixedInModels: Set<String> = [
    "layers", "optimizer", "stop_training", "history", "metrics_names", "input_names", "output_names",
  ]

  private static func isFixed(_ name: String, _ code: LuaLayer) -> Bool {
    fixed.contains(name) || code.model != nil && fixedInModels.contains(name)
  }

  /// Adds `Layer` to the module of layers, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    lua.pushTable()
    lua.rawSetField(parentsKey, in: clua_registry())
    lua.pushTable()
    lua.rawSetField(inheritedKey, in: clua_registry())
    pushParent(lua, "Layer", nil)
    help.add(
      HelpEntry(
        name: "nn.layers.Layer", signature: ":subclass(name)",
        summary: "A class of layers of your own: local Scale = nn.layers.Layer:subclass(\"Scale\"); "
          + "function Scale:build(shape) self.gain = self:add_weight{\"gain\", shape={shape[#shape]}, initializer=\"ones\"} end; "
          + "function Scale:call(x, training) return x * self.gain end. Also: init(self, …), the constructor; get_config(self); "
          + "compute_output_shape(self, shape), checked where there is one; self:add_loss(value). add_weight takes name, shape, "
          + "initializer, regularizer, trainable and constraint. Layers in fields, and in lists in fields, belong to the layer. "
          + "Built-in layers have subclass too: nn.layers.Dropout:subclass(\"MCDropout\"), whose super.call is Dropout's. call runs "
          + "when a program is made, not at each step."), valueAt: -1)
    lua.copy(-1)
    lua.rawSetField(rootKey, in: clua_registry())
    lua.rawSetField("Layer", in: -2)
  }

  /// `Dropout:subclass("MCDropout")`
  static func subclass(of constructor: LuaConstructor, _ lua: LuaState) throws(LuaError) -> Int32 {
    let name = try lua.requireString(2)
    lua.rawGetField(parentsKey, in: clua_registry())
    let parents = lua.top
    if lua.rawGetField(constructor.name, in: parents) == .nil {
      lua.pop()
      pushParent(lua, constructor.name, constructor)
      lua.copy(-1)
      lua.rawSetField(constructor.name, in: parents)
    }
    try lua.getField("subclass", in: -1)
    lua.insert(-2)
    lua.push(name)
    try lua.call(arguments: 2, results: 1)
    return 1
  }

  /// Whether the value at an index is nn.layers.Layer.
  static func isRoot(_ lua: LuaState, _ index: Int32) -> Bool {
    let index = lua.absolute(index)
    lua.rawGetField(rootKey, in: clua_registry())
    defer { lua.pop() }
    return lua_rawequal(lua.raw, -1, index) != 0
  }

  /// Whether a function is one that every class inherits.
  static func isInherited(_ lua: LuaState, _ index: Int32) -> Bool {
    let index = lua.absolute(index)
    lua.rawGetField(inheritedKey, in: clua_registry())
    lua.copy(index)
    lua_rawget(lua.raw, -2)
    defer { lua.pop(2) }
    return lua.truth(-1)
  }

  // MARK: Fields of instances

  static func field(_ layer: Layer, _ lua: LuaState, _ name: String) throws(LuaError) -> Bool {
    guard let code = layer.code as? LuaLayer, !isFixed(name, code) else { return false }
    code.pushFields(to: lua)
    try lua.getField(name, in: -1)
    lua.remove(-2)
    if !lua.isNil(-1) { return true }
    lua.pop()
    if let variable = layer.variables.first(where: { $0.name == name }) {
      lua.push(variable)
    } else if let value = layer.base?.kindConfiguration[name] {
      try lua.push(Axes.toLua(value, name))
    } else if code.model != nil, hasMember(lua, name) {
      return false
    } else {
      lua.pushNil()
    }
    return true
  }

  static func set(_ layer: Layer, _ lua: LuaState, _ name: String) throws(LuaError) -> Bool {
    guard let code = layer.code as? LuaLayer, !isFixed(name, code) else { return false }
    lua.copy(3)
    code.set(name, lua)
    return true
  }

  /// Whether all objects of the class of the one at 1 have the member.
  private static func hasMember(_ lua: LuaState, _ name: String) -> Bool {
    guard luaL_getmetafield(lua.raw, 1, "__members") != LUA_TNIL else { return false }
    defer { lua.pop(2) }
    return lua.rawGetField(name, in: -1) != .nil
  }

  // MARK: What classes inherit

  /// `nn.Model:subclass("MyModel")`
  static func subclassOfModel(_ lua: LuaState) throws(LuaError) -> Int32 {
    let name = try lua.requireString(2)
    lua.rawGetField(parentsKey, in: clua_registry())
    let parents = lua.top
    if lua.rawGetField("nn.Model", in: parents) == .nil {
      lua.pop()
      pushParent(lua, "Model", nil, isModel: true)
      lua.copy(-1)
      lua.rawSetField("nn.Model", in: parents)
    }
    try lua.getField("subclass", in: -1)
    lua.insert(-2)
    lua.push(name)
    try lua.call(arguments: 2, results: 1)
    return 1
  }

  /// Pushes a class to derive from: nn.layers.Layer, or what stands for a built-in one.
  private static func pushParent(_ lua: LuaState, _ name: String, _ builtIn: LuaConstructor?, isModel: Bool = false) {
    do throws(LuaError) {
      try lua.load(source, name: LuaState.internalChunk)
      lua.push(name)
      lua.pushFunction("") { lua throws(LuaError) in try make(lua, builtIn, isModel) }
      lua.pushTable()
      var inherited: [(String, LuaBody)] = [
        ("init", { lua throws(LuaError) in try initialize(lua, builtIn) }),
        ("build", { lua throws(LuaError) in try build(lua) }),
        ("call", { lua throws(LuaError) in try call(lua, name) }),
        ("get_config", { lua throws(LuaError) in try pushConfiguration(lua) }),
        ("add_weight", { lua throws(LuaError) in try addWeight(lua) }),
        ("add_loss", { lua throws(LuaError) in try addLoss(lua) }),
      ]
      // Models have their own.
      if isModel { inherited.removeAll { ["build", "get_config"].contains($0.0) } }
      lua.rawGetField(inheritedKey, in: clua_registry())
      for (key, body) in inherited {
        lua.pushFunction(key, body)
        lua.copy(-1)
        lua.push(true)
        lua_rawset(lua.raw, -4)
        lua.rawSetField(key, in: -3)
      }
      lua.pop()
      try lua.call(arguments: 3, results: 1)
    } catch {
      lua.pushNil()  // the text below is always the same
    }
  }

  private static func layer(_ lua: LuaState, _ method: String) throws(LuaError) -> (layer: Layer, code: LuaLayer) {
    guard let layer = lua.object(1, Layer.self) ?? lua.object(1, Model.self)?.userLayer,
      let code = layer.code as? LuaLayer
    else {
      throw .message("\(method): call it with self: Class.super.\(method)(self, …)")
    }
    return (layer, code)
  }

  /// `Scale(…)`, with the class at 1.
  private static func make(_ lua: LuaState, _ builtIn: LuaConstructor?, _ isModel: Bool) throws(LuaError) -> Int32 {
    let last = lua.top
    var options = Value.Table()
    if last > 1, lua.type(last) == .table, luaL_getmetafield(lua.raw, last, "__name") == LUA_TNIL {
      for name in commonOptions {
        if lua.rawGetField(name, in: last) != .nil { options[name] = try lua.value(-1) }
        lua.pop()
      }
    }
    let arguments = try? lua.constructorArguments(from: 2)
    let code = LuaLayer(lua, class: 1, arguments: arguments)
    let layer = try engine { () throws(NNError) in
      do throws(NNError) { return try Layer(code, options: options) } catch {
        throw NNError(error.code, error.message.replacingPrefix("Layer: ", by: code.className + ": "), path: error.path)
      }
    }
    try lua.ensure(last + 4)
    try lua.getField("init", in: 1)
    if isInherited(lua, -1), builtIn == nil { try refuseUnknown(arguments, code.className) }
    let model = try isModel ? engine { () throws(NNError) in try Model(layer) } : nil
    code.model = model
    func pushObject() { if let model { lua.push(model) } else { lua.push(layer) } }
    pushObject()
    for index in stride(from: 2, through: last, by: 1) { lua.copy(index) }
    try lua.call(arguments: last)
    guard builtIn == nil || layer.base != nil else {
      throw .message("\(code.className): init must call \(code.className).super.init(self, …)")
    }
    try engine { () throws(NNError) in try layer.finishConstruction() }
    pushObject()
    return 1
  }

  /// A class without init takes what every layer takes.
  private static func refuseUnknown(_ arguments: Arguments?, _ className: String) throws(LuaError) {
    guard let arguments else { return }
    if let first = arguments.positional.first {
      throw .message("\(className): takes no arguments by position, got \(first.text); define \(className):init(…)")
    }
    for (name, _) in arguments.named.entries where !commonOptions.contains(name) {
      throw .message("\(className): " + unknownName(name, kind: "field", among: commonOptions))
    }
  }

  private static func initialize(_ lua: LuaState, _ builtIn: LuaConstructor?) throws(LuaError) -> Int32 {
    let (layer, _) = try layer(lua, "init")
    guard let builtIn else { return 0 }
    var arguments = try Axes.fromLua(lua.constructorArguments(from: 2), builtIn.fields)
    var options = Value.Table()
    let own = Set(builtIn.fields.map(\.name)).subtracting(commonOptions)
    for name in commonOptions where !own.contains(name) {
      if let value = arguments.named[name] { options[name] = value }
      arguments.named[name] = nil
    }
    arguments.named["name"] = .string(layer.name)
    try engine { () throws(NNError) in
      try layer.adopt(Layer.make(builtIn.name, arguments), options: options)
    }
    return 0
  }

  private static func build(_ lua: LuaState) throws(LuaError) -> Int32 {
    let (layer, _) = try layer(lua, "build")
    guard let base = layer.base else { return 0 }
    let shapes = try batchedShapes(lua.value(2))
    try engine { () throws(NNError) in try base.build(shapes) }
    return 0
  }

  /// The samples' shapes in {"None", 3}, or in a list of such.
  private static func batchedShapes(_ value: Value) throws(LuaError) -> [Shape] {
    guard case .list(let items) = value else { throw .message("expected the shape that build got, got \(value.text)") }
    if case .list? = items.first {
      var result: [Shape] = []
      for item in items { result += try batchedShapes(item) }
      return result
    }
    return [try engine { () throws(NNError) in try Shape(items.dropFirst().compactMap { Int.decode($0) }) }]
  }

  private static func call(_ lua: LuaState, _ parent: String) throws(LuaError) -> Int32 {
    let (layer, code) = try layer(lua, "call")
    guard let base = layer.base else {
      throw .message("\(code.className) has no call: define function \(code.className):call(x, training)")
    }
    let inputs = try lua.symbols(2)
    let training = try lua.trainingArgument(3)
    return SymbolCalls.push(try engine { () throws(NNError) in try base(inputs, training: training) }, lua)
  }

  private static func pushConfiguration(_ lua: LuaState) throws(LuaError) -> Int32 {
    let layer = try lua.requireObject(1, Layer.self)
    var table = layer.commonConfiguration
    if let code = layer.code as? LuaLayer {
      for (name, value) in code.ownConfiguration(layer).entries { table[name] = value }
    }
    try lua.push(.table(table))
    return 1
  }

  private static func addWeight(_ lua: LuaState) throws(LuaError) -> Int32 {
    let (layer, _) = try layer(lua, "add_weight")
    let arguments = try lua.constructorArguments(from: 2)
    lua.push(try engine { () throws(NNError) in try layer.addWeight(arguments) })
    return 1
  }

  private static func addLoss(_ lua: LuaState) throws(LuaError) -> Int32 {
    _ = try layer(lua, "add_loss")
    guard let loss = lua.symbol(2) else {
      throw .message("add_loss: expected one number made of call's input, got \(lua.typeName(2))")
    }
    try engine { () throws(NNError) in try loss.scope.add(loss: loss) }
    return 0
  }

  // MARK: From configurations

  /// Calls the class on a configuration's values.
  static func make(_ classTable: LuaReference, _ configuration: Value.Table) throws(NNError) -> Layer {
    try classTable.state.calling { (lua) throws(LuaError) in
      try lua.ensure(8)
      classTable.push(to: lua)
      var named = configuration
      var count: Int32 = 1
      if case .list(let positional)? = named["args"] {
        named["args"] = nil
        try lua.ensure(Int32(clamping: positional.count) + 4)
        for value in positional { try lua.push(value) }
        count += Int32(clamping: positional.count)
      }
      try lua.push(.table(named))
      try lua.call(arguments: count, results: 1)
      return try lua.requireObject(-1, Layer.self)
    }
  }

  private static let source = """
    local root, new, methods = ...
    local hooks = {init=true, build=true, call=true, get_config=true, compute_output_shape=true}
    local function make(name, parent)
      local class = {__name = name, __nn_noun = "layer", super = parent}
      class.__index = class
      return setmetatable(class, {
        __name = "class", __nn_noun = "class", __index = parent,
        __tostring = function() return (parent and "class " or "nn.layers.") .. name end,
        __newindex = function(class, key, value)
          if hooks[key] and type(value) ~= "function" then
            error(name .. ": " .. key .. " must be a function, got " .. type(value), 2)
          end
          rawset(class, key, value)
        end,
        __call = parent and function(class, ...) return new(class, ...) end
          or function() error(name .. ": derive a class of your own: " .. name .. ":subclass(name)", 2) end})
    end
    local class = make(root, nil)
    for key, method in pairs(methods) do rawset(class, key, method) end
    rawset(class, "subclass", function(self, name)
      if type(self) ~= "table" or rawget(self, "__nn_noun") ~= "layer" then
        error("subclass: call it with a colon: " .. root .. ":subclass(name)", 2)
      end
      if type(name) ~= "string" or not name:find("^[%a_][%w_]*$") then
        error("subclass: expected a name, got " .. (type(name) == "string" and name:gsub("%c", "?") or type(name)), 2)
      end
      return make(name, self)
    end)
    return class
    """
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, by other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
