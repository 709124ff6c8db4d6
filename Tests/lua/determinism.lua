-- The workloads of bench/README.md, a few steps each: the same bits at 1, 2, 3 and 4 threads.
local L = nn.layers
local rows = 700  -- batches of 32 and 64 leave a rest
nn.set_seed(11)
local images, labels = nn.random.uniform{rows, 784}, nn.arange(rows) % 10

local function hidden(units, activation)
  return L.Dense{units, activation = activation, kernel_initializer = "he_normal"}
end
local function deep()
  local model = nn.Sequential{L.InputLayer{input_shape = {784}}}
  for _, units in ipairs{300, 200, 100, 50, 50, 50} do model:add(hidden(units, "elu")) end
  model:add(L.Dense{10, activation = "softmax"})
  return model
end
local function small(before)
  return nn.Sequential{L.InputLayer{input_shape = {784}}, before(), hidden(300, "elu"), before(), hidden(100, "elu"), before(),
    L.Dense{10, activation = "softmax"}}
end
local function dropout() return small(function() return L.Dropout{rate = 0.2} end) end
local function wide()
  return nn.Sequential{L.InputLayer{input_shape = {784}}, hidden(2048, "relu"), hidden(2048, "relu"), L.Dense{10, activation = "softmax"}}
end
local function convolutional()
  local function convolution(filters) return L.Conv2D{filters, 3, padding = "same", activation = "relu"} end
  return nn.Sequential{L.InputLayer{input_shape = {784}}, L.Reshape{{28, 28, 1}}, convolution(32), L.MaxPooling2D(), convolution(64),
    L.MaxPooling2D(), L.Flatten(), hidden(128, "relu"), L.Dense{10, activation = "softmax"}}
end

-- All numbers that a training makes: weights, the optimizer's state, the history.
local function trained(make, optimizer, batch, steps)
  local model = make()
  model:compile{loss = "sparse_categorical_crossentropy", optimizer = optimizer(), metrics = {"accuracy"}}
  local count = math.min(rows, batch * steps)
  local history = model:fit(images:slice(1, count), labels:slice(1, count), {batch_size = batch, epochs = 2, verbose = 0})
  local numbers = model:get_weights()
  for _, slot in ipairs(model:get_optimizer_weights()) do numbers[#numbers + 1] = slot end
  numbers[#numbers + 1] = nn.tensor(history.history.loss)
  return numbers
end

local function adam() return nn.optimizers.Adam{1e-3} end
local workloads = {
  W1 = function() return trained(deep, function() return nn.optimizers.SGD{1e-2} end, 32, 22) end,
  W2 = function() return trained(function() return small(L.BatchNormalization) end, function() return nn.optimizers.Nadam{1e-3} end, 32, 22) end,
  W3 = function() return trained(dropout, adam, 32, 22) end,
  W4 = function() return trained(dropout, adam, 512, 2) end,
  W5 = function() return trained(wide, adam, 256, 2) end,
  W6 = function()
    local mean, deviation = dropout():predict_mc(images, {samples = 5})
    return {mean, deviation}
  end,
  W7 = function()
    local model = deep()
    return {model:predict(images, {batch_size = rows, verbose = 0}), model(images:slice(1, 1))}
  end,
  W8 = function() return trained(convolutional, adam, 64, 2) end,
}

local before, names = nn.num_threads(), {}
for name in pairs(workloads) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  local expected
  for threads = 1, 4 do
    nn.num_threads(threads)
    nn.set_seed(5)
    local numbers = workloads[name]()
    expected = expected or numbers
    assert(#numbers == #expected and #numbers > 0)
    for i, number in ipairs(numbers) do
      assert(number:astype"float32":isfinite():all() and number:eq(expected[i]):all(),
        name .. " with " .. threads .. " threads: number " .. i .. " is not what 1 thread gives")
    end
  end
end
nn.num_threads(before)
