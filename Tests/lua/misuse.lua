-- Random arguments to everything that Lua can reach: every function and class of nn, every method, field and operator of every kind
-- of object, the shell's own functions. A call may succeed or raise one line that names it; it may not crash, hang, or keep memory.
-- The seed is fixed, so that a failure comes again: NN_MISUSE_SEED, NN_MISUSE_CALLS; NN_MISUSE_TRACE=file keeps the last call, which
-- is all that a crash leaves.
local seed = tonumber(os.getenv "NN_MISUSE_SEED") or 11
local wanted = tonumber(os.getenv "NN_MISUSE_CALLS") or 100000
math.randomseed(seed)
nn.set_seed(seed)
local zoo = require "support.misuse_zoo"
local choose, L = zoo.choose, nn.layers

local trace = os.getenv "NN_MISUSE_TRACE"
if trace then
  trace = assert(io.open(trace, "w"))
  trace:setvbuf "no"
end

-- What there is to call ---------------------------------------------------------------------------------------------------

local targets = {}  -- {name, the name that messages must contain, function, makes the first argument}
local function add(name, f, owner) targets[#targets + 1] = {name = name, short = name:match "[%w_]+$", f = f, owner = owner} end

-- Functions that legitimately wait, end the program or change what the rest of this script stands on.
local excluded = {["nn.num_threads"] = true}
local seen = {}
local function walk(name, value)
  if excluded[name] or seen[value] then return end
  local kind = type(value)
  if kind == "table" then
    seen[value] = true
    local keys = {}
    for key in next, value do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(keys) do
      if type(key) == "string" and key ~= "super" and not key:find "^__" then walk(name .. "." .. key, value[key]) end
    end
    local meta = debug.getmetatable(value)
    if meta and meta.__call then add(name, value) end
  elseif kind == "function" or kind == "userdata" then
    seen[value] = true
    add(name, value)
  end
end
walk("nn", nn)
for _, name in ipairs{"help", "who", "time"} do if _G[name] then add(name, _G[name]) end end
local functions = #targets

-- Every class of objects that the bindings register, from the registry: none is forgotten.
local classes = {}
for name, meta in pairs(debug.getregistry()) do
  if type(name) == "string" and type(meta) == "table" and rawget(meta, "__box") and rawget(meta, "__members") then
    classes[#classes + 1] = name
  end
end
table.sort(classes)
for _, class in ipairs(classes) do
  assert(zoo.makers[class], "misuse_zoo.lua cannot make objects of the class " .. class)
  local meta = debug.getregistry()[class]
  local names = {}
  for name, member in pairs(meta.__members) do if type(member) == "function" then names[#names + 1] = name end end
  table.sort(names)
  for _, name in ipairs(names) do add(class .. ":" .. name, meta.__members[name], class) end
end

-- Operators, fields, texts.
local operators = {
  ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end, ["*"] = function(a, b) return a * b end,
  ["/"] = function(a, b) return a / b end, ["//"] = function(a, b) return a // b end, ["%"] = function(a, b) return a % b end,
  ["^"] = function(a, b) return a ^ b end, [".."] = function(a, b) return a .. b end, ["&"] = function(a, b) return a & b end,
  ["|"] = function(a, b) return a | b end, ["~"] = function(a, b) return a ~ b end, ["neg"] = function(a) return -a end,
  ["not"] = function(a) return ~a end, ["#"] = function(a) return #a end, ["<"] = function(a, b) return a < b end,
  ["<="] = function(a, b) return a <= b end, ["=="] = function(a, b) return a == b end,
  ["tostring"] = function(a) return tostring(a) end, ["pairs"] = function(a) for _ in pairs(a) do break end end,
  ["ipairs"] = function(a) for i in ipairs(a) do if i > 3 then break end end end,
  ["call"] = function(a, ...) return a(...) end,
}
local fieldNames = {}
for _, class in ipairs(classes) do
  for name in pairs(debug.getregistry()[class].__members) do fieldNames[#fieldNames + 1] = name end
end
table.sort(fieldNames)
local operatorNames = {}
for name in pairs(operators) do operatorNames[#operatorNames + 1] = name end
table.sort(operatorNames)

-- Calling -----------------------------------------------------------------------------------------------------------------

local count, failed, odd, slowest, slowestName = 0, 0, 0, 0, ""
local perTarget, unnamed = {}, {}

local function describe(value)
  local kind = type(value)
  if kind == "table" or kind == "userdata" then
    local good, text = pcall(tostring, value)
    return kind .. (good and type(text) == "string" and "<" .. (text:sub(1, 60):gsub("%c", " ")) .. ">" or "")
  end
  return kind == "string" and ("%q"):format(value:sub(1, 40)) or tostring(value)
end

--- How a message may call the thing that failed.
local function names(message, target)
  if target.short == nil or zoo.isPoison(message) then return true end
  if message:find(target.short, 1, true) then return true end
  if message:find "misuse_zoo.lua:%d+: attempt" then return true end  -- a function of the pool itself, called with nonsense
  -- What was called by way of it: a layer, a class, a field.
  message = message:gsub("^[^ ]+%.lua:%d+: ", "")
  return message:find "^[%w_%.]+: " ~= nil or message:find "'[%w_/%.]+'" ~= nil
end

local function try(target, f, ...)
  count = count + 1
  if trace then
    local texts = table.pack(...)
    for i = 1, texts.n do texts[i] = describe(texts[i]) end
    trace:seek("set", 0)
    trace:write(("%d %s(%s)"):format(count, target.name, table.concat(texts, ", ")), (" "):rep(200), "\n")
  end
  local start = nn.clock()
  local results = table.pack(pcall(f, ...))
  local seconds = nn.clock() - start
  if seconds > slowest then slowest, slowestName = seconds, target.name end
  assert(seconds < 20, target.name .. " took " .. seconds .. " s")
  if results[1] then
    perTarget[target] = (perTarget[target] or 0) + 1
    if math.random(20) == 1 then zoo.keep(results[2]) end
    return
  end
  failed = failed + 1
  local message = results[2]
  if type(message) ~= "string" then
    odd = odd + 1
    assert(zoo.isPoison(message), target.name .. " raised a " .. type(message))
    return
  end
  if message:find "\n" and not zoo.isPoison(message) then error(target.name .. ": more than one line: " .. message) end
  if not names(message, target) then unnamed[target.name .. " → " .. message] = true end
end

local inside = {
  function(target, f, ...)  -- in a coroutine
    local args = table.pack(...)
    coroutine.wrap(function() try(target, f, table.unpack(args, 1, args.n)) end)()
  end,
  function(target, f, ...)  -- while a function is recorded
    local args = table.pack(...)
    pcall(nn.grad(function(x)
      args[math.random(args.n + 1)] = x
      try(target, f, table.unpack(args, 1, args.n + 1))
      return x:sum()
    end), nn.ones{2, 3})
  end,
  function(target, f, ...)  -- while a model is trained
    local args = table.pack(...)
    local model = zoo.makers.Model "trained"
    local done
    pcall(model.fit, model, zoo.x, zoo.y, {verbose = 0, callbacks = {nn.callbacks.LambdaCallback{on_batch_end = function(_, logs)
      if done then return end
      done = true
      if math.random(2) == 1 then args[math.random(args.n + 1)] = choose{model, logs} end
      try(target, f, table.unpack(args, 1, args.n + 1))
    end}}})
  end,
}

local function call(target, f, ...)
  local case = math.random(60)
  if case <= #inside then inside[case](target, f, ...) else try(target, f, ...) end
end

local function callFunction(target)
  local n = math.random(0, 3)
  local args = table.pack(zoo.arguments(target.name, n))
  if target.owner then
    -- Mostly its own object; anything else is an error, never a crash.
    local object = math.random(8) > 1 and zoo.make(target.owner) or zoo.value()
    call(target, target.f, object, table.unpack(args, 1, args.n))
  else
    call(target, target.f, table.unpack(args, 1, args.n))
  end
end

local function callOperator()
  local name = choose(operatorNames)
  local a, b = zoo.make(choose(classes)), zoo.value()
  if math.random(3) == 1 then a, b = b, a end
  call({name = name}, operators[name], a, b, math.random(4) == 1 and zoo.value() or nil)
end

local function callField()
  local object, name = zoo.make(choose(classes)), math.random(4) > 1 and choose(fieldNames) or zoo.value()
  if math.random(2) == 1 then
    call({name = "field"}, function(o, k) return o[k] end, object, name)
  else
    call({name = "field ="}, function(o, k, v) o[k] = v end, object, name, zoo.value())
  end
end

local function callNetwork()
  zoo.network(function(name, f) try({name = name}, f) end)
end

-- The run -----------------------------------------------------------------------------------------------------------------

local page = 4096
local function resident()
  collectgarbage() collectgarbage()
  local file <close> = assert(io.open "/proc/self/statm")
  return tonumber(file:read "a":match "^%d+ (%d+)") * page
end

local function run(calls)
  local last = count + calls
  while count < last do
    local kind = math.random(100)
    if kind <= 70 then callFunction(choose(targets))
    elseif kind <= 80 then callOperator()
    elseif kind <= 83 then callNetwork()
    else callField() end
    if count % 500 == 0 then zoo.renew() end
  end
  zoo.renew()
end

local start = nn.clock()
run(wanted // 2)
local before = resident()
run(wanted - wanted // 2)
local grown = resident() - before
local seconds = nn.clock() - start

local messages = {}
for text in pairs(unnamed) do messages[#messages + 1] = text end
table.sort(messages)
if #messages > 0 then error(#messages .. " messages do not say which call failed, such as\n  " .. table.concat(messages, "\n  ", 1, math.min(#messages, 20))) end

-- A test whose calls all fail early would prove little: most functions must have been called in a way that works.
local never = {}
for i, target in ipairs(targets) do if not perTarget[target] then never[#never + 1] = target.name end end
print(("misuse: seed %d, %d calls of %d functions, classes and methods (%d kinds of objects): %d succeeded, %d raised; slowest %s, %.2f s; %.1f s; memory grew by %.1f MB in the second half")
  :format(seed, count, #targets, #classes, count - failed, failed, slowestName, slowest, seconds, grown / 2^20))
if os.getenv "NN_MISUSE_VERBOSE" then print("never succeeded:", table.concat(never, " ")) end
assert(#never < #targets / 4, #never .. " of " .. #targets .. " never succeeded: " .. table.concat(never, " "))
assert(grown < 30 * 2^20, "memory grew by " .. grown // 2^20 .. " MB")
