-- nnrepl bench/growth.lua [folder]: how the time of a training step grows with the width, the depth and the batch of a network.
-- Prints a table, and with a folder writes growth_width.svg, growth_depth.svg and growth_batch.svg there.
local L = nn.layers
local folder = arg[1]
local REPETITIONS = 7

-- Microseconds a step: the median of several fits, each of at least a twentieth of a second.
local function step_time(width, depth, batch)
  nn.set_seed(1)
  local model = nn.Sequential{L.InputLayer{input_shape={width}}}
  for _ = 1, depth do
    model:add(L.Dense{width, activation="elu", kernel_initializer="he_normal"})
  end
  model:add(L.Dense{10, activation="softmax"})
  model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.SGD{1e-5}}
  local steps = 4
  local function fit()
    local x, y = nn.random.normal{shape={batch * steps, width}}, nn.zeros({batch * steps}, "int32")
    local start = nn.clock()
    model:fit(x, y, {batch_size=batch, verbose=0, shuffle=false})
    return nn.clock() - start
  end
  fit()
  while steps < 4096 and steps * batch * width < 4e7 and fit() < 0.05 do steps = steps * 2 end
  local times = {}
  for i = 1, REPETITIONS do times[i] = fit() / steps * 1e6 end
  table.sort(times)
  return times[(REPETITIONS + 1) // 2]
end

local function series(title, xlabel, name, points, run)
  local x, y = {}, {}
  print(("\n| %s | µs a step | growth for growth |\n|---|---|---|"):format(xlabel))
  for i, point in ipairs(points) do
    x[i], y[i] = point, run(point)
    local exponent = i > 1 and math.log(y[i] / y[i - 1]) / math.log(x[i] / x[i - 1])
    print(("| %d | %.1f | %s |"):format(point, y[i], exponent and ("%.2f"):format(exponent) or "–"))
  end
  if folder then
    nn.plot{nn.tensor(x), nn.tensor(y), title=title, xlabel=xlabel, ylabel="µs a step", log="xy",
      file=folder .. "/growth_" .. name .. ".svg"}
  end
end

print(("threads: %d"):format(nn.num_threads()))
series("Two layers, batch 32", "width", "width", {64, 128, 256, 512, 1024, 2048, 4096},
  function(width) return step_time(width, 2, 32) end)
series("Width 128, batch 32", "layers", "depth", {1, 2, 3, 5, 10, 20, 50, 100},
  function(depth) return step_time(128, depth, 32) end)
series("Two layers of 256", "batch", "batch", {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096},
  function(batch) return step_time(256, 2, batch) end)
