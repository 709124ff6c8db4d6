import CLua
import NNEngine

/// `nn.losses.Loss`, `nn.metrics.Metric` and `nn.optimizers.Optimizer`, from which users derive classes of one method: call(self, y_true,
/// y_pred), or update(self, w, g, slots, rate, step). An instance is a table with a function that knows it, or an optimizer.
enum UserObjectClass {
  /// Adds to the module of the noun, which is on top.
  static func install(_ noun: String, _ lua: LuaState, _ help: Help) {
    guard let (name, method, summary) = kinds[noun] else { return }
    do throws(LuaError) {
      try lua.load(source, name: LuaState.internalChunk)
      lua.push(name)
      lua.push(noun)
      lua.push(method)
      lua.pushFunction("Optimizer") { lua throws(LuaError) in
        let arguments = try lua.constructorArguments()
        lua.push(try engine { () throws(NNError) in try Optimizer.custom(arguments) })
        return 1
      }
      try lua.call(arguments: 4, results: 1)
    } catch {
      lua.pushNil()  // the text below is always the same
    }
    help.add(HelpEntry(name: "nn.\(noun).\(name)", signature: ":subclass(name)", summary: summary), valueAt: -1)
    lua.rawSetField(name, in: -2)
  }

  private static let kinds: [String: (name: String, method: String, summary: String)] = [
    "losses": (
      "Loss", "call",
      "A class of losses of your own: local Squares = nn.losses.Loss:subclass(\"Squares\"); function Squares:call(y_true, y_pred) "
        + "return (y_true - y_pred):square():mean{axis=-1} end; model:compile{loss=Squares()}. init(self, …) is the constructor."
    ),
    "metrics": (
      "Metric", "call",
      "A class of metrics of your own, reported under its name: as nn.losses.Loss. call gives one number for each sample, which are "
        + "averaged."
    ),
    "optimizers": (
      "Optimizer", "update",
      "A class of optimizers of your own: local Heavy = nn.optimizers.Optimizer:subclass(\"Heavy\"); Heavy.slots = {\"m\"}; "
        + "function Heavy:update(w, g, slots, rate, step) local m = 0.9 * slots.m - rate * g; return {w = w + m, m = m} end; "
        + "model:compile{loss=\"mse\", optimizer=Heavy{learning_rate=0.01}}. Without slots, update returns the new weight. It becomes "
        + "part of the program; clipping, decay and schedules are those of all optimizers."
    ),
  ]

  /// The engine's object for an instance of a class of losses or metrics; nil for other tables.
  static func function(_ lua: LuaState, _ index: Int32) throws(LuaError) -> AnyObject? {
    guard lua.rawGetField("__nn_function", in: index) == .function else {
      lua.pop()
      return nil
    }
    let function = LuaUserFunction(popping: lua)
    try lua.getField("__name", in: index)
    defer { lua.pop() }
    return BoundFunction(function, lua.string(-1))
  }

  /// A method that knows its object.
  private final class BoundFunction: NamedFunction {
    let name: String?
    private let function: LuaUserFunction

    init(_ function: LuaUserFunction, _ name: String?) { (self.function, self.name) = (function, name) }

    func call(_ arguments: [Value]) throws(NNError) -> Value { try function.call(arguments) }
  }

  private static let source = """
    local root, noun, method, optimizer = ...
    local common = {learning_rate=true, lr=true, name=true, decay=true, clipnorm=true, clipvalue=true, global_clipnorm=true,
      weight_decay=true, use_ema=true, ema_momentum=true, ema_overwrite_frequency=true}
    local function make(name, parent)
      local class = {__name = name, __nn_noun = noun, super = parent}
      class.__index = class
      return setmetatable(class, {
        __name = "class", __nn_noun = "class", __index = parent,
        __tostring = function() return (parent and "class " or "nn." .. noun .. ".") .. name end,
        __newindex = function(class, key, value)
          if (key == method or key == "init") and type(value) ~= "function" then
            error(name .. ": " .. key .. " must be a function, got " .. type(value), 2)
          end
          rawset(class, key, value)
        end,
        __call = function(class, ...)
          if not parent then error(name .. ": derive a class of your own: " .. name .. ":subclass(name)", 2) end
          local self = setmetatable({}, class)
          self:init(...)
          local own = self[method]
          if type(own) ~= "function" then error(name .. ": define function " .. name .. ":" .. method .. "(…)", 2) end
          local function bound(...) return self[method](self, ...) end
          if noun ~= "optimizers" then
            rawset(self, "__nn_function", bound)
            return self
          end
          local options = {update = bound, slots = self.slots, name = name}
          local given = ...
          if type(given) == "table" and getmetatable(given) == nil then
            for key, value in pairs(given) do
              if common[key] then options[key] = value end
            end
            options.learning_rate = options.learning_rate or given[1]
          elseif type(given) == "number" then
            options.learning_rate = given
          end
          return optimizer(options)
        end})
    end
    local class = make(root, nil)
    rawset(class, "init", function() end)
    rawset(class, "subclass", function(self, name)
      if type(self) ~= "table" or rawget(self, "__nn_noun") ~= noun then
        error("subclass: call it with a colon: " .. root .. ":subclass(name)", 2)
      end
      if type(name) ~= "string" or name == "" then error("subclass: expected a name, got " .. type(name), 2) end
      return make(name, self)
    end)
    return class
    """
}
