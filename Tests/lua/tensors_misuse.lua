-- Random arguments to every function and method of tensors: each call gives a value or an error of one line; nothing crashes,
-- nothing hangs. The seed is fixed, so that a failure comes again.
math.randomseed(20240611)
local function choose(list) return list[math.random(#list)] end

-- Numbers are small, or so large that no memory is asked for.
local numbers = {0, 1, -1, 2, 3, 7, -8, 255, 256, 0.5, -1.5, 1e-300, 1e300, -1e300, 2 ^ 53, math.maxinteger, math.mininteger,
                 0 / 0, 1 / 0, -1 / 0}
local names = {"axis", "keepdims", "axes", "dtype", "shape", "seed", "min", "max", "decimals", "num_classes", "bins", "range",
               "fill_value", "start", "stop", "num", "mean", "minval", "alpha", "nonsense"}
local words = {"float32", "int32", "uint8", "bool", "", "axis", "\0", "é"}
local shapes = {{}, {0}, {1}, {3}, {2, 3}, {3, 1}, {1, 3}, {2, 0}, {2, 3, 4}, {1, 1, 1, 1, 1, 1, 1, 1}, {40, 50}}

local function tensor()
  local t = nn.random.normal({shape = choose(shapes), stddev = 3}):clip(-100, 100)
  local kind = choose{"float32", "int32", "uint8", "bool", "special"}
  if kind == "special" then return nn.where(t:gt(0), choose{0 / 0, 1 / 0, -1 / 0, 1e38}, t) end
  return kind == "uint8" and t:abs():astype "uint8" or t:astype(kind)
end

local function value(depth)
  local kind = math.random(depth > 2 and 6 or 9)
  if kind == 1 then return nil
  elseif kind == 2 then return math.random(2) == 1
  elseif kind == 3 then return choose(words)
  elseif kind <= 5 then return choose(numbers)
  elseif kind == 6 then return choose{function() end, nn, nn.layers.Dense, coroutine.create(function() end), io.stdout, nn.layers.Dropout(0.5)}
  elseif kind == 7 then return tensor()
  end
  local list = {}
  for i = 1, math.random(0, 3) do list[i] = value(depth + 1) end
  if math.random(3) == 1 then list[choose(names)] = value(depth + 1) end
  if math.random(40) == 1 then list[#list + 1] = list end
  return list
end

local functions, methods = {}, {"slice", "take", "reshape", "astype", "tolist", "item", "split"}
local other = {set_seed = 1, set_epsilon = 1, num_threads = 1, plot = 1, imshow = 1, load_model = 1, clone_model = 1, jit = 1,
               grad = 1, value_and_grad = 1, check_grad = 1, partial = 1, isinstance = 1, train_test_split = 1, clock = 1}
local t = tensor()
for name, f in pairs(nn) do
  if type(f) == "function" and not other[name] then
    functions[#functions + 1] = name
    if pcall(function() return t[name] end) then methods[#methods + 1] = name end
  end
end
for name in pairs(nn.random) do functions[#functions + 1] = "random." .. name end
table.sort(functions) table.sort(methods)
assert(#functions > 80 and #methods > 60, #functions .. " functions, " .. #methods .. " methods")

local operators = {
  function(a, b) return a + b end, function(a, b) return a - b end, function(a, b) return a * b end,
  function(a, b) return a / b end, function(a, b) return a // b end, function(a, b) return a % b end,
  function(a, b) return a ^ b end, function(a, b) return a .. b end, function(a, b) return a & b end,
  function(a, b) return a | b end, function(a, b) return a ~ b end, function(a) return -a end, function(a) return ~a end,
  function(a) return #a end, function(a, b) return a[b] end, function(a, b) a[b] = 1 end, function(a) return tostring(a) end,
  function(a, b) return a < b end, function(a, b) return a == b end, function(a, b) return a(b) end,
}

local good, slowest, slowestCall = 0, 0, ""
local function try(call, f, ...)
  local start = nn.clock()
  local fine, message = pcall(f, ...)
  local seconds = nn.clock() - start
  if seconds > slowest then slowest, slowestCall = seconds, call end
  if fine then good = good + 1
  else
    assert(type(message) == "string", call)
    assert(not message:find "\n", call .. ": more than one line: " .. message)
  end
end

local rounds = tonumber(os.getenv "NN_MISUSE_ROUNDS") or 60
for _ = 1, rounds do
  for _, name in ipairs(functions) do
    local f = name:match "^random" and nn.random[name:match "%.(.*)"] or nn[name]
    -- Half of them begin with what could be right.
    local case, x = math.random(4), tensor()
    if case == 1 then try(name, f, value(0), value(0), value(0), value(0))
    elseif case == 2 then try(name, f, x, choose{tensor(), value(0)}, value(0))
    elseif case == 3 then try(name, f, x, x:round())
    else try(name, f, x) end
  end
  for _, name in ipairs(methods) do
    local object = tensor()
    try(":" .. name, object[name], object, value(0), value(0), value(0))
    try(":" .. name, object[name], value(0), value(0))
    try(":" .. name, object[name], object)
  end
  for i, f in ipairs(operators) do
    local object = tensor()
    try("operator " .. i, f, tensor(), value(0))
    try("operator " .. i, f, value(0), tensor())
    try("operator " .. i, f, object, choose{object, tensor(), 2, 0.5, true})
  end
end
assert(good > rounds * 40, "only " .. good .. " calls succeeded: the arguments are no test")
assert(slowest < 5, slowestCall .. " took " .. slowest .. " s")
