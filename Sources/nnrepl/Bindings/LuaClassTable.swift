import CLua
import NNEngine

/// Classes that users derive in Lua: tables. `Log = nn.callbacks.Callback:subclass("Log")`; `Log(…)` makes an instance and calls its
/// `init`; methods are looked up in the class and then in its parents; `Log.super` is the parent.
enum LuaClassTable {
  /// Pushes the root class of a noun. `methods` are what instances may define under names that begin as `prefix`; other such names
  /// are errors where they are defined. In the root they do nothing.
  static func pushRoot(_ lua: LuaState, _ name: String, noun: String, prefix: String, methods: [String]) {
    do throws(LuaError) {
      try lua.load(source, name: LuaState.internalChunk)
      lua.push(name)
      lua.push(noun)
      lua.push(prefix)
      lua.push(list: methods)
      lua.pushFunction("") { lua throws(LuaError) in
        let (name, className) = (try lua.requireString(1), try lua.requireString(2))
        lua.push("\(className): " + unknownName(name, kind: "hook", among: methods))
        return 1
      }
      try lua.call(arguments: 5, results: 1)
    } catch {
      lua.pushNil()  // the text below is always the same
    }
  }

  /// Whether the value at an index is an instance of the class at another.
  static func isInstance(_ lua: LuaState, _ index: Int32, of classIndex: Int32) -> Bool {
    if lua.anyObject(index) is any Callback, luaL_getmetafield(lua.raw, classIndex, "__nn_root") != LUA_TNIL {
      lua.pop()
      return true
    }
    let base = lua.top
    defer { lua.setTop(base) }
    var index = index
    if let layer = lua.object(index, Layer.self) ?? lua.object(index, Model.self)?.userLayer {
      if UserLayerClass.isRoot(lua, classIndex) { return true }
      guard let code = layer.code as? LuaLayer else { return false }
      code.pushFields(to: lua)
      index = lua.top
    }
    guard lua.type(index) == .table, lua_getmetatable(lua.raw, index) != 0 else { return false }
    while lua.type(-1) == .table {
      if lua_rawequal(lua.raw, -1, classIndex) != 0 { return true }
      lua.rawGetField("super", in: -1)
      lua.remove(-2)
    }
    return false
  }

  /// The engine's object for an instance of a user's class; nil for other tables.
  static func object(_ lua: LuaState, _ index: Int32) throws(LuaError) -> AnyObject? {
    guard luaL_getmetafield(lua.raw, index, "__nn_noun") != LUA_TNIL else { return nil }
    let noun = lua.string(-1)
    lua.pop()
    if let function = try UserObjectClass.function(lua, index) { return function }
    guard noun == "callback" else {
      lua.rawGetField("__name", in: index)
      defer { lua.pop() }
      let name = lua.string(-1) ?? "class"
      throw .message("expected an instance, got the class \(name); call it: \(name)()")
    }
    return try LuaCallback(lua, index)
  }

  private static let source = """
    local root, noun, prefix, methods, unknown = ...
    local known = {}
    for _, name in ipairs(methods) do known[name] = true end
    local function make(name, parent)
      local class = {__name = name, __nn_noun = noun, super = parent}
      class.__index = class
      return setmetatable(class, {
        __name = "class", __nn_noun = "class", __nn_root = not parent or nil, __index = parent,
        __tostring = function() return (parent and "class " or "nn.callbacks.") .. name end,
        __newindex = function(class, key, value)
          if type(key) == "string" and key:sub(1, #prefix) == prefix then
            if not known[key] then error(unknown(key, name), 2) end
            if type(value) ~= "function" then error(name .. ": " .. key .. " must be a function, got " .. type(value), 2) end
          end
          rawset(class, key, value)
        end,
        __call = function(class, ...)
          local self = setmetatable({}, class)
          self:init(...)
          return self
        end})
    end
    local class = make(root, nil)
    function class:init() end
    function class:subclass(name)
      if type(self) ~= "table" or rawget(self, "__nn_noun") ~= noun then
        error("subclass: call it with a colon: " .. root .. ":subclass(name)", 2)
      end
      if type(name) ~= "string" or name == "" then error("subclass: expected a name, got " .. type(name), 2) end
      return make(name, self)
    end
    local function nothing() end
    for _, name in ipairs(methods) do class[name] = nothing end
    return class
    """
}
