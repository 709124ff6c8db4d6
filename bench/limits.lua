-- nnrepl bench/limits.lua W1 W3 …: what the machine could do at best, measured now, one line of JSON for each workload: the time
-- of the workload's multiply-adds at the rate of a product whose operands stay in the cache, and of the bytes that have to move
-- (samples, weights and the optimizer's slots) at the rate at which an array of that size is read.
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

-- Weights of the layers, biases apart, and how many multiply-adds each makes for a sample.
local function dense(...)
  local sizes, layers = {784, ...}, {}
  for i = 2, #sizes do layers[i - 1] = {weights = sizes[i - 1] * sizes[i], uses = 1} end
  return layers
end
local deep, small, wide = dense(300, 200, 100, 50, 50, 50, 10), dense(300, 100, 10), dense(2048, 2048, 10)
local convolutional = {{weights = 9 * 32, uses = 784}, {weights = 9 * 32 * 64, uses = 196}, {weights = 3136 * 128, uses = 1},
  {weights = 1280, uses = 1}}

local function work(layers, rows, training, slots)
  local flops, weights = 0, 0
  for i, layer in ipairs(layers) do
    -- Forward, by the weights, and by the input, which of the first layer nobody needs.
    local products = not training and 1 or i == 1 and 2 or 3
    flops = flops + 2 * rows * layer.weights * layer.uses * products
    weights = weights + layer.weights
  end
  local moved = training and 2 + 2 * (1 + slots) or 1  -- read forward and backward; the update reads and writes
  return flops, 4 * weights * moved, 4 * weights * (training and 1 + slots or 1), 4 * 784 * rows
end

local workloads = {
  W1 = {"us_step", 1e6, deep, 32, true, 0}, W2 = {"us_step", 1e6, small, 32, true, 2}, W3 = {"us_step", 1e6, small, 32, true, 2},
  W4 = {"us_step", 1e6, small, 512, true, 2}, W5 = {"us_step", 1e6, wide, 256, true, 2},
  W6 = {"s_100passes", 100, small, 12000, false, 0}, W7a = {"us_call", 1e6, deep, 1, false, 0},
  W7b = {"s_12000", 1, deep, 12000, false, 0}, W8 = {"us_step", 1e6, convolutional, 64, true, 2},
}
local names = {}
for _, name in ipairs(arg) do
  for _, each in ipairs(name == "W7" and {"W7a", "W7b"} or {name}) do names[#names + 1] = each end
end
for _, name in ipairs(names) do
  local key, scale, layers, rows, training, slots = table.unpack(workloads[name] or error("unknown workload " .. name))
  local flops, bytes, size, samples = work(layers, rows, training, slots)
  local values = {}
  for i = 1, REPETITIONS do
    local seconds = flops / flops_rate() + bytes / bytes_rate(size) + samples / bytes_rate(1 << 27)
    values[i] = string.format("%.5f", seconds * scale)
  end
  print(string.format('{"peer": "limit", "mode": "", "threads": %d, "w": "%s", "%s": [%s]}', nn.num_threads(), name, key,
    table.concat(values, ", ")))
end
