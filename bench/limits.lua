-- nnrepl bench/limits.lua W1 W3 …: what the machine could do at best, measured now, one line of JSON for each workload: the time
-- of the workload's multiply-adds at the rate of our best product, and of the bytes that have to move (samples, weights and the
-- optimizer's slots) at the rate at which an array of that size is read.
local networks = dofile(arg[0]:gsub("[^/]*$", "") .. "networks.lua")
local REPETITIONS = 5
-- The shortest of what fits into so many seconds: the machine undisturbed.
local function fastest(seconds, body)
  local best = math.huge
  local stop = nn.clock() + seconds
  repeat
    local start = nn.clock()
    body()
    best = math.min(best, nn.clock() - start)
  until nn.clock() > stop
  return best
end

-- Multiply-adds count as two. A product that stays in the caches, and one that is large enough for all threads: the better one counts.
local products = {}
for _, size in ipairs{{240, 184, 240, 8}, {1536, 512, 1536, 1}} do
  products[#products + 1] = {nn.random.normal{size[1], size[2]}, nn.random.normal{size[2], size[3]},
    2 * size[1] * size[2] * size[3] * size[4], size[4]}
end
local function flops_rate()
  local best = 0
  for _, product in ipairs(products) do
    local a, b, flops, times = table.unpack(product)
    best = math.max(best, flops / fastest(0.15, function() for _ = 1, times do nn.matmul(a, b) end end))
  end
  return best
end
local arrays = {}
local function bytes_rate(bytes)
  local count = math.max(1 << 16, bytes // 4)
  arrays[count] = arrays[count] or nn.ones{count}
  local rounds = math.max(1, (1 << 22) // count)
  return 4 * count * rounds / fastest(0.1, function() for _ = 1, rounds do arrays[count]:sum() end end)
end

-- Multiply-adds (each counts as two) and bytes of a step, or of a prediction where nothing is trained.
local function work(model, rows, slots)
  local training = slots ~= nil
  local flops, weights, isFirst = 0, 0, true
  for _, layer in ipairs(model.layers) do
    local kernel = layer.variables[1]
    if kernel and kernel.name:find("/kernel", 1, true) then
      local size, uses = 1, 1
      for _, extent in ipairs(kernel.shape) do size = size * extent end
      -- Once for each place of the output.
      for i = 2, #layer.output_shape - 1 do uses = uses * layer.output_shape[i] end
      -- Forward, by the weights, and by the input, unless nothing in front of it is trained, or only a normalization's gamma and beta, whose
      -- gradients come out of the product by the weights.
      local products = not training and 1 or isFirst and 2 or 3
      flops, weights = flops + 2 * rows * size * uses * products, weights + size
    end
    isFirst = isFirst and (#layer.trainable_variables == 0 or layer.class_name == "BatchNormalization")
  end
  local moved = training and 2 + 2 * (1 + slots) or 1  -- read forward and backward; the update reads and writes
  return flops, 4 * weights * moved, 4 * weights * (training and 1 + slots or 1), 4 * 784 * rows
end

-- Unit, how many of it a second has, network, rows, slots of the optimizer.
local workloads = {
  W1 = {"us_step", 1e6, networks.deep, 32, 0}, W2 = {"us_step", 1e6, networks.normalized, 32, 2},
  W3 = {"us_step", 1e6, networks.dropout, 32, 2}, W4 = {"us_step", 1e6, networks.dropout, 512, 2},
  W5 = {"us_step", 1e6, networks.wide, 256, 2}, W6 = {"s_100passes", 100, networks.dropout, 12000},
  W7a = {"us_call", 1e6, networks.deep, 1}, W7b = {"s_12000", 1, networks.deep, 12000},
  W8 = {"us_step", 1e6, networks.convolutional, 64, 2},
}

-- Unit, how many of it a second has, and the work.
local function measure(name)
  local rows, depth, columns = name:match("^(%d+)x(%d+)x(%d+)$")
  if rows then return "us_call", 1e6, 2 * rows * depth * columns, 0, 1 << 18, 0 end
  local key, scale, network, batch, slots = table.unpack(workloads[name] or error("unknown workload " .. name))
  return key, scale, work(network(), batch, slots)
end

local names = {}
for _, name in ipairs(arg) do
  for _, each in ipairs(name == "W7" and {"W7a", "W7b"} or {name}) do names[#names + 1] = each end
end
for _, name in ipairs(names) do
  local key, scale, flops, bytes, size, samples = measure(name)
  local values = {}
  for i = 1, REPETITIONS do
    local seconds = flops / flops_rate() + bytes / bytes_rate(size) + samples / bytes_rate(1 << 27)
    values[i] = string.format("%.5f", seconds * scale)
  end
  print(string.format('{"peer": "limit", "mode": "", "threads": %d, "w": "%s", "%s": [%s]}', nn.num_threads(), name, key,
    table.concat(values, ", ")))
end
