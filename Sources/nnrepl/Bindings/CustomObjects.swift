import CLua
import NNEngine

/// `nn.custom_objects`: the user's classes and functions that configurations and files may name. `nn.custom_objects.Scale = Scale`, or
/// `nn.custom_objects{Scale = Scale, huber = huber}`.
enum CustomObjects {
  /// Adds to the module's table, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    lua.pushTable()
    lua.pushTable(fields: 2)
    lua.pushFunction("custom_objects") { lua throws(LuaError) in
      let name = try lua.requireString(2)
      try register(name, 3, lua)
      return 0
    }
    lua.rawSetField("__newindex", in: -2)
    lua.pushFunction("custom_objects") { lua throws(LuaError) in
      guard lua.type(2) == .table else { throw lua.mismatch(2, "a table of classes by name") }
      try register(all: 2, lua)
      return 0
    }
    lua.rawSetField("__call", in: -2)
    lua_setmetatable(lua.raw, -2)
    help.add(
      HelpEntry(
        name: "nn.custom_objects", signature: "{name=class or function, …}",
        summary:
          "Makes classes and functions of your own known to configurations and files: nn.custom_objects.Scale = Scale."),
      valueAt: -1)
    lua.rawSetField("custom_objects", in: -2)
  }

  /// Adds to the module of models, which is on top.
  static func installModelFromConfig(_ lua: LuaState, _ help: Help) {
    lua.define(
      "model_from_config", in: "nn.models", help: help, "{class_name=, config=}",
      "A new model, with fresh weights, from what get_config gave: {class_name=\"Sequential\", config=model:get_config()}. "
        + "Classes of your own must be in nn.custom_objects."
    ) { lua throws(LuaError) in
      let configuration = try lua.value(1)
      let model = try engine { () throws(NNError) in try Model(configuration: configuration) }
      lua.push(model, cost: 16 * model.parameterCount)
      return 1
    }
  }

  /// Makes all of a table known.
  static func register(all index: Int32, _ lua: LuaState) throws(LuaError) {
    guard lua.type(index) == .table else {
      throw .message("'custom_objects' must be a table, got \(lua.typeName(index))")
    }
    try lua.forEachPair(of: index) { () throws(LuaError) in
      guard lua.type(-2) == .string, let name = lua.string(-2) else {
        throw .message("expected names as keys, got \(lua.typeName(-2))")
      }
      try register(name, lua.top, lua)
      return true
    }
  }

  private static func register(_ name: String, _ index: Int32, _ lua: LuaState) throws(LuaError) {
    if lua.isNil(index) {
      CustomFunctions.register(name, nil)
      return try engine { () throws(NNError) in try CustomLayers.register(name, nil) }
    }
    if lua.type(index) == .function {
      guard case .object(let object) = try lua.value(index), let function = object as? any UserFunction else {
        throw .message("'\(name)' is no function that can be called")
      }
      return CustomFunctions.register(name, function)
    }
    lua.rawGetNoun(index)
    defer { lua.pop() }
    guard lua.string(-1) == "layer" else {
      throw .message(
        "'\(name)' must be a class of layers (nn.layers.Layer:subclass …) or a function, got \(lua.typeName(index))")
    }
    lua.copy(index)
    let reference = LuaReference(popping: lua)
    try engine { () throws(NNError) in
      try CustomLayers.register(
        name, CustomLayers.Maker { (table) throws(NNError) in try UserLayerClass.make(reference, table) })
    }
  }
}

extension LuaState {
  /// Pushes what kind of class a table is, or nil.
  fileprivate func rawGetNoun(_ index: Int32) {
    guard type(index) == .table else { return pushNil() }
    rawGetField("__nn_noun", in: index)
  }
}
