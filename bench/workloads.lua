-- nnrepl bench/workloads.lua W1 W3 …: times our side of the workloads in README.md, one line of JSON for each.
local L = nn.layers
local REPETITIONS = 5

local images, labels = nn.datasets.fashion_mnist.load_data()
images = images:reshape{#images, 784} / 255

-- block(n) does n units of work; its first call compiles, its second warms up.
local function time(workload, key, scale, count, block)
  block(2)
  block(math.max(2, count // 6))
  local values = {}
  for i = 1, REPETITIONS do
    local start = nn.clock()
    block(count)
    values[i] = string.format("%.4f", (nn.clock() - start) / count * scale)
  end
  print(string.format('{"peer": "nn", "mode": "", "threads": %d, "w": "%s", "%s": [%s]}',
    nn.num_threads(), workload, key, table.concat(values, ", ")))
end

local function hidden(units, activation)
  return L.Dense{units, activation=activation, kernel_initializer="he_normal"}
end
local function softmax() return L.Dense{10, activation="softmax"} end

local function model_a()
  local model = nn.Sequential{L.InputLayer{input_shape={784}}}
  for _, units in ipairs{300, 200, 100, 50, 50, 50} do model:add(hidden(units, "elu")) end
  model:add(softmax())
  return model
end

-- A layer made by `before` in front of each of three Dense layers.
local function small(before)
  return nn.Sequential{L.InputLayer{input_shape={784}},
    before(), hidden(300, "elu"), before(), hidden(100, "elu"), before(), softmax()}
end
local function dropout() return small(function() return L.Dropout{rate=0.2} end) end

local function wide()
  return nn.Sequential{L.InputLayer{input_shape={784}}, hidden(2048, "relu"), hidden(2048, "relu"), softmax()}
end

local function convolutional()
  local function convolution(filters) return L.Conv2D{filters, 3, padding="same", activation="relu"} end
  return nn.Sequential{L.InputLayer{input_shape={784}}, L.Reshape{{28, 28, 1}},
    convolution(32), L.MaxPooling2D(), convolution(64), L.MaxPooling2D(), L.Flatten(), hidden(128, "relu"), softmax()}
end

local function adam() return nn.optimizers.Adam{1e-3} end

-- Steps of training as a user trains: shuffled batches, the loss and the accuracy kept.
local function train(workload, model, optimizer, batch, steps)
  model:compile{loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics={"accuracy"}}
  time(workload, "us_step", 1e6, steps, function(count)
    local rows = count * batch
    model:fit(images:slice(1, rows), labels:slice(1, rows), {batch_size=batch, epochs=1, verbose=0})
  end)
end

local workloads = {
  -- 1,875 steps are the whole data: the peers, too, gather their batches from all of it.
  W1 = function() train("W1", model_a(), nn.optimizers.SGD{1e-4}, 32, 1875) end,
  W2 = function() train("W2", small(L.BatchNormalization), nn.optimizers.Nadam{1e-3}, 32, 1875) end,
  W3 = function() train("W3", dropout(), adam(), 32, 1875) end,
  W4 = function() train("W4", dropout(), adam(), 512, 117) end,
  W5 = function() train("W5", wide(), adam(), 256, 16) end,
  W6 = function()
    local model, x = dropout(), images:slice(1, 12000)
    time("W6", "s_100passes", 100, 5, function(count) model:predict_mc(x, {samples=count}) end)
  end,
  W7 = function()
    local model, one, many = model_a(), images:slice(1, 1), images:slice(1, 12000)
    time("W7a", "us_call", 1e6, 1000, function(count)
      for _ = 1, count do model(one) end
    end)
    time("W7b", "s_12000", 1, 4, function(count)
      for _ = 1, count do model:predict(many, {batch_size=12000, verbose=0}) end
    end)
  end,
  W8 = function() train("W8", convolutional(), adam(), 64, 20) end,
}

nn.set_seed(0)
for _, name in ipairs(arg) do
  local run = workloads[name] or error("unknown workload " .. name)
  -- One that fails does not keep the others from being measured.
  local ok, message = pcall(run)
  if not ok then io.stderr:write(name, ": ", tostring(message), "\n") end
end
