import CLua
import NNEngine

/// `nn.partial(L.Dense, {activation = "elu"})`: a constructor with other defaults, as Python's functools.partial.
enum PartialConstructor {
  /// Adds to the module's table, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    do throws(LuaError) {
      try lua.load(source, name: LuaState.internalChunk)
      lua.pushFunction("") { lua throws(LuaError) in describe(lua) }
      try lua.call(arguments: 1, results: 1)
    } catch {
      lua.pushNil()  // the text below is always the same
    }
    help.add(
      HelpEntry(
        name: "nn.partial", signature: "(constructor, {…})",
        summary: "The constructor with these arguments given already; what a call gives replaces them. Example: "
          + "local Hidden = nn.partial(nn.layers.Dense, {activation=\"elu\"}); Hidden(300)"), valueAt: -1)
    lua.rawSetField("partial", in: -2)
  }

  /// The arguments' names in order, and each alias's name; two empty tables for what has no schema.
  private static func describe(_ lua: LuaState) -> Int32 {
    let fields = lua.object(1, LuaConstructor.self)?.fields ?? []
    lua.push(list: fields.map(\.name))
    lua.pushTable(fields: fields.count)
    for field in fields {
      for alias in field.aliases {
        lua.push(field.name)
        lua.rawSetField(alias, in: -2)
      }
    }
    return 2
  }

  private static let source = """
    local describe = ...
    local Partial = {__name = "partial"}

    -- Arguments by position get their names, so that a later one replaces an earlier one however either is written.
    local function put(into, key, value, names, aliases)
      if math.type(key) == "integer" then key = names[key] or key else key = aliases[key] or key end
      into[key] = value
    end

    -- A table as the last argument: named ones, or, alone, all of them.
    local function isOptions(value, position)
      return type(value) == "table" and getmetatable(value) == nil and (position == 1 or (#value == 0 and next(value) ~= nil))
    end

    local function merged(given, names, aliases, ...)
      local result = {}
      for key, value in pairs(given) do result[key] = value end
      local count = select("#", ...)
      for position = 1, count do
        local argument = select(position, ...)
        if position == count and isOptions(argument, position) then
          for key, value in pairs(argument) do put(result, key, value, names, aliases) end
        elseif argument ~= nil then
          put(result, position, argument, names, aliases)
        end
      end
      return result
    end

    function Partial:__call(...)
      return self.constructor(merged(self.given, self.names, self.aliases, ...))
    end

    function Partial:__tostring() return "partial " .. tostring(self.constructor) end

    return function(constructor, ...)
      if select("#", ...) ~= 1 or type((...)) ~= "table" then
        error("partial: expected a constructor and a table of arguments", 2)
      end
      local inner = getmetatable(constructor) == Partial and constructor or nil
      local kind, meta = type(constructor), getmetatable(constructor)
      local callable = kind == "function" or kind == "userdata" or kind == "table" and type(meta) == "table" and meta.__call
      if not callable then
        error("partial: expected a constructor such as nn.layers.Dense, got " .. type(constructor), 2)
      end
      local self = {constructor = inner and inner.constructor or constructor}
      self.names, self.aliases = describe(self.constructor)
      self.given = merged(inner and inner.given or {}, self.names, self.aliases, ...)
      return setmetatable(self, Partial)
    end
    """
}
