-- What misuse.lua throws at functions: objects of every class, in every state, and values of every kind.
local zoo = {makers = {}}
local L, O, C = nn.layers, nn.optimizers, nn.callbacks

local function choose(list) return list[math.random(#list)] end
zoo.choose = choose

-- Errors that the pool's own functions raise: they pass through, whatever they are.
local poison = setmetatable({}, {__tostring = function() return "poisoned" end})
function zoo.isPoison(value)
  return rawequal(value, poison) or type(value) == "string" and (value:find "poisoned" or value:find "attempt to yield") ~= nil
end

-- Sizes are small, or so large that no memory is asked for.
local numbers = {0, 1, 2, 3, 4, 5, 7, 1, 2, 3, 12, 40, -1, -2, -8, 0.5, 0.1, 0.9, 1e-3, -1.5, 1e-300, 1e300, -1e300, 2 ^ 53, 1 << 40,
                 math.maxinteger, math.mininteger, 0 / 0, 1 / 0, -1 / 0, -0.0}
local modest = {0, 1, 2, 3, 5, 7, 12, -1, 0.5, 0.1, 1e-3, -1.5}

-- Names that options have, and texts that they take, from configurations: what is new comes in by itself.
local optionNames = {
  "epochs", "batch_size", "verbose", "callbacks", "validation_split", "validation_data", "shuffle", "class_weight", "sample_weight",
  "steps_per_epoch", "validation_steps", "initial_epoch", "samples", "steps", "optimizer", "loss", "metrics", "loss_weights", "axis",
  "keepdims", "dtype", "shape", "input_shape", "seed", "min", "max", "decimals", "num_classes", "bins", "range", "fill_value", "start",
  "stop", "num", "file", "title", "layers", "inputs", "outputs", "name", "min_rate", "max_rate", "monitor", "nonsense", "",
}
local words = {"float32", "int32", "uint8", "bool", "", "axis", "\0", "a\0b", "é", "\xff", ("x"):rep(10000), "None", "1", "same", "valid",
               "mse", "mae", "sgd", "loss", "accuracy", "auto", "min", "max", "/nowhere/at all.svg", "x.gif", "%s%n", "a\nb"}
local function harvest(config)
  for key, value in pairs(config) do
    if type(key) == "string" then optionNames[#optionNames + 1] = key end
    if type(value) == "string" then words[#words + 1] = value end
    if type(value) == "table" then harvest(value) end
  end
end

-- Constructors by module, and what they can be called with; the options of each by name.
local constructors, options = {}, {}
local function sortedPairs(t)
  local keys = {}
  for key in next, t do if type(key) == "string" then keys[#keys + 1] = key end end
  table.sort(keys)
  local i = 0
  return function()
    i = i + 1
    if keys[i] then return keys[i], t[keys[i]] end
  end
end
for _, module in ipairs{"layers", "initializers", "activations", "regularizers", "constraints", "optimizers", "losses", "metrics", "callbacks"} do
  constructors[module] = {}
  for name, constructor in sortedPairs(nn[module]) do
    for _, arguments in ipairs{{}, {3}, {4, 3}, {{2, 1}}, {0.5}, {function() return 0.1 end}, {"/dev/null"}} do
      local good, object = pcall(constructor, table.unpack(arguments))
      if good and type(object) == "userdata" then
        table.insert(constructors[module], function() return constructor(table.unpack(arguments)) end)
        local fine, config = pcall(function() return object:get_config() end)
        if fine then
          harvest(config)
          options[name] = config
        end
        break
      end
    end
    words[#words + 1] = name
  end
end
constructors.schedules = {
  function() return O.schedules.ExponentialDecay{0.1, 10, 0.5} end,
  function() return O.schedules.PiecewiseConstantDecay{boundaries = {1, 2}, values = {0.1, 0.2, 0.3}} end,
}
local function made(module) return function() return choose(constructors[module])() end end

-- Tensors -----------------------------------------------------------------------------------------------------------------

local shapes = {{}, {0}, {1}, {3}, {2, 3}, {3, 1}, {1, 3}, {2, 0}, {2, 3, 4}, {6, 4}, {6, 3}, {4, 4, 4, 2}, {1, 1, 1, 1, 1, 1, 1, 1}, {40, 50}}
zoo.x, zoo.y = nn.random.normal{shape = {6, 4}, seed = 1}, nn.tensor({0, 1, 2, 0, 1, 2}, {dtype = "int32"})
function zoo.makers.Tensor()
  local case = math.random(6)
  if case == 1 then return zoo.x elseif case == 2 then return zoo.y end
  local t = nn.random.normal({shape = choose(shapes), stddev = 3}):clip(-100, 100)
  local kind = choose{"float32", "int32", "uint8", "bool", "special"}
  if kind == "special" then return nn.where(t:gt(0), choose{0 / 0, 1 / 0, -1 / 0, 1e38}, t) end
  return kind == "uint8" and t:abs():astype "uint8" or t:astype(kind)
end

-- Layers, models ----------------------------------------------------------------------------------------------------------

local Scale = L.Layer:subclass "Scale"
function Scale:build(shape) self.gain = self:add_weight{"gain", shape = {shape[#shape]}, initializer = "ones"} end
function Scale:call(x) return x * self.gain end
local Broken = L.Layer:subclass "Broken"
function Broken:call(x) error "poisoned" end
local Twice = nn.Model:subclass "Twice"
function Twice:init() self.dense = L.Dense(3) end
function Twice:call(x) return self.dense(x) end
local Log = C.Callback:subclass "Log"
function Log:on_epoch_end(epoch, logs) logs.more = epoch end
local MyLoss = nn.losses.Loss:subclass "MyLoss"
function MyLoss:call(t, p) return (p - t):square():mean{axis = -1} end

function zoo.makers.Layer()
  local case = math.random(6)
  if case == 1 then return Scale() elseif case == 2 then return Broken()
  elseif case == 3 then return choose(zoo.makers.Model "built".layers) end
  return made "layers" ()
end

local function functional()
  local a = nn.Input{shape = {4}, name = "a"}
  local h = L.Dense(3)(a)
  return nn.Model{inputs = a, outputs = math.random(2) == 1 and h or {h, L.Dense{2, name = "second"}(h)}}
end
function zoo.makers.Model(state)
  state = state or choose{"empty", "unbuilt", "built", "trained", "trained", "functional", "subclass"}
  if state == "empty" then return nn.Sequential() end
  if state == "unbuilt" then return nn.Sequential{L.Dense(3)} end
  if state == "functional" then return functional() end
  local model = state == "subclass" and Twice()
    or nn.Sequential{L.Dense{3, activation = "elu", input_shape = {4}}, L.Dropout(0.5), L.Dense{3, activation = "softmax"}}
  if state ~= "built" then
    model:compile{loss = "sparse_categorical_crossentropy", optimizer = choose{"sgd", "adam"}, metrics = {"accuracy"}}
    if state == "trained" and math.random(3) == 1 then model:fit(zoo.x, zoo.y, {verbose = 0}) end
  end
  return model
end

function zoo.makers.Variable() return choose(zoo.makers.Model "built".variables) end
function zoo.makers.History() return zoo.makers.Model "trained":fit(zoo.x, zoo.y, {epochs = 2, verbose = 0}) end
function zoo.makers.LayerOutput()
  local a = nn.Input{shape = choose{{4}, {2, 3}, {4, 4, 2}}}
  return math.random(2) == 1 and a or L.Flatten()(a)
end

-- A symbol outlives its recording; `zoo.symbol` is alive inside one.
function zoo.makers.Symbol()
  local kept
  pcall(nn.grad(function(x) kept = x return x:sum() end), choose{nn.ones{2, 3}, nn.ones{4}})
  return kept
end

-- What only the inside of nn.jit and nn.grad holds.
local function upvalues(f, found, depth)
  if depth > 6 or found[f] then return found end
  found[f] = true
  for i = 1, 255 do
    local name, value = debug.getupvalue(f, i)
    if not name then break end
    if type(value) == "function" then upvalues(value, found, depth + 1)
    elseif type(value) == "table" and value ~= _G then
      for _, entry in pairs(value) do
        if type(entry) == "table" and rawget(entry, "program") then found.program = entry.program end
        if type(entry) == "function" and not found[entry] then upvalues(entry, found, depth + 1) end
      end
      if rawget(value, "begin") then found.part = value end
    end
  end
  return found
end
local compiled = nn.jit(function(x) return x * 2 end)
compiled(nn.ones{2})
zoo.makers["compiled function"] = function() return upvalues(compiled, {}, 0).program end
zoo.makers.recording = function()
  local scope = upvalues(compiled, {}, 0).part.begin()
  if math.random(2) == 1 then upvalues(compiled, {}, 0).part.finish(scope) end
  return scope
end

function zoo.makers.Run()
  local run = zoo.makers.Model "trained":fit_async(zoo.x, zoo.y, {epochs = 2, verbose = 0})
  if math.random(2) == 1 then run:wait() end
  return run
end

zoo.makers.Optimizer = made "optimizers"
zoo.makers.Initializer = made "initializers"
zoo.makers.Activation = made "activations"
zoo.makers.Regularizer = made "regularizers"
zoo.makers.Constraint = made "constraints"
zoo.makers.Loss = made "losses"
zoo.makers.Metric = made "metrics"
zoo.makers.Schedule = made "schedules"
function zoo.makers.Callback()
  while true do
    local callback = made "callbacks" ()
    if type(callback) == "userdata" then return callback end
  end
end
function zoo.makers.constructor()
  local module = choose{"layers", "layers", "initializers", "activations", "optimizers", "losses", "metrics", "callbacks"}
  local found = {}
  for name, value in sortedPairs(nn[module]) do if type(value) == "userdata" then found[#found + 1] = value end end
  return math.random(10) == 1 and choose{nn.Sequential, nn.Model} or choose(found)
end

-- Objects are kept for a while, so that they meet in many states; then all are dropped.
local cache, kept = {}, {}
function zoo.make(class)
  local list = cache[class] or {}
  cache[class] = list
  if #list >= 4 and math.random(8) > 1 then return choose(list) end
  local object = zoo.makers[class]()
  list[#list % 8 + 1] = object
  return object
end
function zoo.keep(value) if #kept < 50 and type(value) == "userdata" then kept[#kept + 1] = value end end
function zoo.renew()
  cache, kept = {}, {}
  collectgarbage()
end

-- Values ------------------------------------------------------------------------------------------------------------------

local function cyclic() local t = {1} t[2] = t return t end
local tensorsLeft = 0
local functions = {
  function() end, function() error "poisoned" end, function() error(poison) end, function(...) return ... end,
  function() coroutine.yield(1) end, function() return 0.1 end, function() return "text" end, function() return {} end,
  function() return nil, 1 end, function(x) return x:sum() end, function(x, y) return (x - y):square():mean{axis = -1} end,
  function(x) return x .. x end, tostring, math.sin, rawequal,
  function()  -- batches, a few
    tensorsLeft = tensorsLeft - 1
    if tensorsLeft > 0 then return zoo.x, zoo.y end
    tensorsLeft = 4
  end,
}
local hostile = {
  cyclic, function() return {{1, 2}, {3}} end, function() return {{1}, 2} end, function() return {[1 << 40] = 1} end,
  function() return {1, nil, 3} end, function() return {[2.5] = 1} end, function() return {[true] = 1, 2} end,
  function() return setmetatable({}, {__index = function() error "poisoned" end}) end,
  function() return setmetatable({1, 2}, {__len = function() error "poisoned" end, __tostring = function() error "poisoned" end}) end,
  function() return setmetatable({}, {__tostring = function() return 7 end}) end,
  function() return setmetatable({}, {__index = nn.zeros{2}, __name = 5}) end,
  function() return setmetatable({}, Log) end, function() return Log end, function() return Scale end, function() return Twice end,
  function() return Log() end, function() return MyLoss() end, function() return MyLoss end, function() return C.Callback end,
  function() return {class_name = "Dense", config = {units = 3}} end, function() return {class_name = "Nope", config = {}} end,
  function() return {class_name = "Sequential", config = {name = "m", layers = {{class_name = "Dense", config = {units = 2}}}}} end,
  function() local t = {} for i = 1, 60 do t = {t} end return t end, function() local t = {} for i = 1, 3000 do t[i] = i end return t end,
  function() return nn end, function() return _G end, function() return nn.layers end,
}

local classNames = {}
for name in sortedPairs(zoo.makers) do classNames[#classNames + 1] = name end

local function value(depth, small)
  local kind = math.random(depth > 2 and 8 or 13)
  if kind == 1 then return nil
  elseif kind == 2 then return math.random(2) == 1
  elseif kind == 3 then return choose(words)
  elseif kind <= 5 then return choose(small and modest or numbers)
  elseif kind == 6 then
    local f = choose(functions)
    return f or nil
  elseif kind == 7 then return zoo.make "Tensor"
  elseif kind == 8 then
    local case = math.random(12)
    if case == 1 then return coroutine.create(function() coroutine.yield() end) end
    if case == 2 then return io.stdout end
    if case == 3 and #kept > 0 then return choose(kept) end
    if case <= 5 then return choose(hostile)() end
    return zoo.make(choose(classNames))
  end
  local list = {}
  for i = 1, math.random(0, 3) do list[i] = value(depth + 1, small) end
  for _ = 1, choose{0, 0, 1, 1, 2} do list[choose(optionNames)] = value(depth + 1, small) end
  return list
end
function zoo.value() return value(0, false) end

--- What could be right for these: they are tried with it half of the time.
local plausible = {
  fit_async = function() return zoo.x, zoo.y, {epochs = 1, verbose = 0} end,
  fit = function() return zoo.x, zoo.y, {epochs = choose{1, 2}, verbose = 0, batch_size = choose(modest)} end,
  save = function() return choose{"m.h5", "m.keras", "m.npz", "m.safetensors"} end, save_weights = function() return "w.h5" end,
  export_c = function() return choose{"m.c", "m.h5"}, {weights = choose{"float32", "int8", "x"}, samples = choose{zoo.x, zoo.y}} end,
  export_onnx = function() return choose{"m.onnx", "m.h5"}, {batch = choose{1, 3, 0, "x"}} end,
  load_model = function() return choose{"m.h5", "m.keras", "m.npz"} end, load_weights = function() return "w.h5" end,
  evaluate = function() return zoo.x, zoo.y, {verbose = 0} end,
  predict = function() return zoo.x end, predict_mc = function() return zoo.x, {samples = 3} end,
  predict_proba = function() return zoo.x end, predict_classes = function() return zoo.x end, predict_on_batch = function() return zoo.x end,
  train_on_batch = function() return zoo.x, zoo.y end, test_on_batch = function() return zoo.x, zoo.y end,
  find_learning_rate = function() return zoo.x, zoo.y, {batch_size = 2} end,
  compile = function() return {loss = choose{"mse", "sparse_categorical_crossentropy"}, optimizer = choose{"sgd", zoo.make "Optimizer"}} end,
  add = function() return zoo.make "Layer" end, build = function() return {4} end, get_layer = function() return 1 end,
  set_weights = function() return {} end, subclass = function() return "Own" end, set_epsilon = function() return 1e-7 end,
  Sequential = function() return {L.Dense(2), L.Dense(1)} end, clone_model = function() return zoo.make "Model" end,
  Model = function() local a = nn.Input{shape = {4}} return {inputs = a, outputs = L.Dense(2)(a)} end,
  Input = function() return {shape = {4}} end, assign = function() return nn.zeros{4, 3} end,
  set_seed = function() return 3 end, partial = function() return L.Dense, {activation = "elu"} end,
  isinstance = function() return zoo.make "Layer", L.Dense end, train_test_split = function() return zoo.x, zoo.y end,
  grad = function() return function(x) return x:sum() end end, value_and_grad = function() return function(x) return x:sum() end end,
  jit = function() return function(x) return x * 2 end end, check_grad = function() return function(x) return x:sum() end, nn.ones{2} end,
  help = function() return choose{"Dense", nn.layers.Dense, nn.exp} end, slice = function() return {1, 2, 3}, 1, -2 end,
  model_from_config = function() return {class_name = "Sequential", config = {name = "m", layers = {}}} end,
  run = function() return {nn.ones{2}} end, matmul = function() return nn.ones{4, 3} end, plot = function() return {{1, 2}, {3, 4}} end, imshow = function() return nn.ones{4, 4} end,
  adapt = function() return zoo.x end, reshape = function() return {-1} end, one_hot = function() return 3 end,
  take = function() return {1} end, split = function() return 1 end, astype = function() return "float32" end,
  where = function() return zoo.x, zoo.x, zoo.x end, load_data = function() return {} end,
}
-- These go on as long as they are told to: numbers that they are given stay modest.
local patient = {fit = true, evaluate = true, predict_mc = true, find_learning_rate = true, check_grad = true, fit_async = true, resume = true,
                 train_on_batch = true, RepeatVector = true, UpSampling2D = true, UpSampling1D = true}

function zoo.arguments(name, n)
  local short = name:match "[%w_]+$"
  local right = plausible[short]
  if right and math.random(2) == 1 then return right() end
  local small = patient[short] or false
  local known = options[short]
  if known and math.random(2) == 1 then  -- a constructor's own options, one or two of them wrong
    local given, names = {}, {}
    for key, default in sortedPairs(known) do
      given[key] = default
      names[#names + 1] = key
    end
    given.name, given.dtype = nil, nil
    for _ = 1, #names > 0 and math.random(0, 2) or 0 do given[choose(names)] = value(1, small) end
    return given
  end
  local case = math.random(5)
  if case == 1 then
    -- Functions of one tensor, of two that fit, and with more.
    local x = zoo.make "Tensor"
    local more = math.random(3)
    if more == 1 then return x elseif more == 2 then return x, choose{x, 2, 0.5} end
    return x, value(0, small), value(0, small)
  end
  if case == 2 then  -- a table of options
    local options = {}
    for i = 1, math.random(0, 2) do options[i] = value(1, small) end
    for _ = 1, math.random(0, 3) do options[choose(optionNames)] = value(1, small) end
    return options
  end
  local list = {}
  for i = 1, n do list[i] = value(0, small) end
  return table.unpack(list, 1, n)
end

-- Whole networks of random layers, data and settings: what no single call reaches.
local samples = {{4}, {4}, {12}, {5, 3}, {6, 6, 2}, {1}, {2, 3, 4, 1}}

--- Makes a network and does everything with it once; `try(name, f, …)` calls.
function zoo.network(try)
  local shape = choose(samples)
  local layers = {L.InputLayer{input_shape = shape}}
  for i = 1, math.random(4) do
    local layer
    try("layer", function() layer = zoo.layer() end)
    layers[#layers + 1] = layer
  end
  if math.random(2) == 1 then
    layers[#layers + 1] = L.Flatten()
    layers[#layers + 1] = L.Dense{3, activation = "softmax"}
  end
  local model
  try("Sequential", function() model = nn.Sequential(layers) end)
  if not model then return end
  local rows = choose{0, 1, 2, 5, 8}
  local x = nn.random.normal{shape = {rows, table.unpack(shape)}}
  if math.random(3) == 1 then x = x:abs():clip(0, 3):astype(choose{"int32", "uint8", "bool"}) end
  if math.random(10) == 1 then x = x * (0 / 0) end
  local y
  try("predict", function() y = model:predict(x) end)
  if not y or math.random(4) == 1 then y = zoo.make "Tensor" end
  if math.random(3) == 1 and y.ndim == 2 and y.size > 0 then y = y:argmax{axis = 2} end
  try("compile", function()
    model:compile{loss = choose{"mse", "sparse_categorical_crossentropy", "categorical_crossentropy", "huber", zoo.make "Loss"},
                  optimizer = zoo.make "Optimizer", metrics = {choose{"accuracy", "mae", zoo.make "Metric"}}}
  end)
  try("fit", function()
    model:fit(x, y, {epochs = choose{1, 2}, batch_size = choose{1, 3, 32}, verbose = 0, validation_split = choose{0, 0, 0.5},
                     callbacks = math.random(4) == 1 and {zoo.make "Callback"} or nil, shuffle = choose{true, false}})
  end)
  try("evaluate", function() model:evaluate(x, y, {verbose = 0}) end)
  try("predict_mc", function() model:predict_mc(x, {samples = 2}) end)
  try("clone_model", function() nn.clone_model(model):set_weights(model:get_weights()) end)
  try("explain", function() model:explain() end)
  try("export_c", function() model:export_c() end)
  try("export_onnx", function() model:export_onnx() end)
  try("fold_batch_normalization", function() model:fold_batch_normalization() end)
  try("train_on_batch", function() model:train_on_batch(x, y) end)
end

local layerNames = {}
for name in sortedPairs(nn.layers) do if options[name] then layerNames[#layerNames + 1] = name end end
function zoo.layer()
  local name = choose(layerNames)
  return nn.layers[name](zoo.arguments("nn.layers." .. name, 1))
end

return zoo
