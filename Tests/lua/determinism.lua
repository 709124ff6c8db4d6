-- The workloads of bench/README.md, a few steps each: the same bits at 1, 2, 3 and 4 threads.
local networks = dofile(arg[0]:gsub("[^/]*$", "") .. "../../bench/networks.lua")
local rows = 700  -- batches of 32 and 64 leave a rest
nn.set_seed(11)
local images, labels = nn.random.uniform{rows, 784}, nn.arange(rows) % 10

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
  W1 = function() return trained(networks.deep, function() return nn.optimizers.SGD{1e-2} end, 32, 22) end,
  W2 = function() return trained(networks.normalized, function() return nn.optimizers.Nadam{1e-3} end, 32, 22) end,
  W3 = function() return trained(networks.dropout, adam, 32, 22) end,
  W4 = function() return trained(networks.dropout, adam, 512, 2) end,
  W5 = function() return trained(networks.wide, adam, 256, 2) end,
  W6 = function()
    local mean, deviation = networks.dropout():predict_mc(images, {samples = 5})
    return {mean, deviation}
  end,
  W7 = function()
    local model = networks.deep()
    return {model:predict(images, {batch_size = rows, verbose = 0}), model(images:slice(1, 1))}
  end,
  W8 = function() return trained(networks.convolutional, adam, 64, 2) end,
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
