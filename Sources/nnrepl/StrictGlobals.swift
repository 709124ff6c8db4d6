import CLua
import NNEngine

/// `-g`: a global that was never given a value is an error to read, and to set inside a function. So misspelt names are found.
enum StrictGlobals {
  static func install(_ lua: LuaState) {
    do throws(LuaError) {
      try lua.load(source, name: LuaState.internalChunk)
      lua.pushFunction("") { lua throws(LuaError) in
        lua.push(Suggestion.hint(for: lua.string(1) ?? "", among: names(lua)))
        return 1
      }
      try lua.call(arguments: 1)
    } catch {}  // the text is always the same
  }

  /// The names of all globals.
  static func names(_ lua: LuaState) -> [String] {
    var names: [String] = []
    lua.pushGlobals()
    defer { lua.pop() }
    try? lua.forEachPair(of: -1) { () throws(LuaError) in
      if let name = lua.string(-2) { names.append(name) }
      return true
    }
    return names
  }

  private static let source = """
    local hint = ...
    local getinfo = debug.getinfo
    local optional = {_ENV = true, _PROMPT = true, _PROMPT2 = true}
    local declared = {}
    setmetatable(_G, {
      __index = function(_, name)
        if declared[name] or optional[name] then return nil end
        error("undefined global '" .. tostring(name) .. "'" .. hint(name), 2)
      end,
      __newindex = function(globals, name, value)
        local frame = getinfo(2, "S")
        if frame and frame.what == "Lua" and not declared[name] then
          error("undeclared global '" .. tostring(name) .. "' set in a function: write local, or set it outside first", 2)
        end
        declared[name] = true
        rawset(globals, name, value)
      end})
    """
}
