-- nnrepl bench/workloads.lua W1 W3 …: times our side of the workloads in README.md, one line of JSON for each.
local networks = dofile(arg[0]:gsub("[^/]*$", "") .. "networks.lua")
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
  W1 = function() train("W1", networks.deep(), nn.optimizers.SGD{1e-4}, 32, 1875) end,
  W2 = function() train("W2", networks.normalized(), nn.optimizers.Nadam{1e-3}, 32, 1875) end,
  W3 = function() train("W3", networks.dropout(), adam(), 32, 1875) end,
  W4 = function() train("W4", networks.dropout(), adam(), 512, 117) end,
  W5 = function() train("W5", networks.wide(), adam(), 256, 16) end,
  W6 = function()
    local model, x = networks.dropout(), images:slice(1, 12000)
    time("W6", "s_100passes", 100, 5, function(count) model:predict_mc(x, {samples=count}) end)
  end,
  W7 = function()
    local model, one, many = networks.deep(), images:slice(1, 1), images:slice(1, 12000)
    time("W7a", "us_call", 1e6, 1000, function(count)
      for _ = 1, count do model(one) end
    end)
    time("W7b", "s_12000", 1, 4, function(count)
      for _ = 1, count do model:predict(many, {batch_size=12000, verbose=0}) end
    end)
  end,
  W8 = function() train("W8", networks.convolutional(), adam(), 64, 20) end,
}

-- "32x784x300": a product of given tensors, rows x depth x columns.
local function product(name)
  local rows, depth, columns = name:match("^(%d+)x(%d+)x(%d+)$")
  if not rows then error("unknown workload " .. name) end
  rows, depth, columns = tonumber(rows), tonumber(depth), tonumber(columns)
  local a, b = nn.random.normal{rows, depth}, nn.random.normal{depth, columns}
  return function()
    time(name, "us_call", 1e6, math.max(3, 10^9 // (rows * depth * columns)), function(count)
      for _ = 1, count do nn.matmul(a, b) end
    end)
  end
end

nn.set_seed(0)
for _, name in ipairs(arg) do
  local run = workloads[name] or product(name)
  -- One that fails does not keep the others from being measured.
  local ok, message = pcall(run)
  if not ok then io.stderr:write(name, ": ", tostring(message), "\n") end
end
