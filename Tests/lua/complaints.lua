-- What users of other libraries complain about, and what must not happen here: a section for each, by the number that it has in the
-- project's list.
local check = require "check"
local equal = check.equal
local L = nn.layers

local function memory()
  local status = io.open "/proc/self/status"
  if not status then return end
  local kilobytes = tonumber(status:read("a"):match("VmRSS:%s*(%d+) kB"))
  status:close()
  return kilobytes
end

local function regression(width)
  local model = nn.Sequential{L.Dense{32, activation = "tanh", input_shape = {width or 8}}, L.Dense(1)}
  model:compile{loss = "mse", optimizer = "adam"}
  return model
end

-- 1: Ctrl-C loses the run. It ends fit after its batch; weights and history stay, and the run can go on.
do
  local x, y = nn.random.normal{512, 8}, nn.zeros{512, 1}
  local model = regression()
  local Press = nn.callbacks.Callback:subclass "Press"
  function Press:on_epoch_end(epoch)
    if epoch == 1 then io.popen("kill -INT $PPID"):close() end
  end
  local good, message = pcall(function()
    model:fit(x, y, {epochs = 1000000, verbose = 0, callbacks = {Press()}})
    while true do end  -- in a script the signal ends the script, too, once fit has come to its end
  end)
  equal(good, false) equal(message, "interrupted!")
  local history = model.history
  equal(history.interrupted, true)
  assert(#history.epoch >= 2 and #history.epoch < 1000 and history.history.loss[#history.epoch] < 10)
  assert(model:evaluate(x, y, {verbose = 0}) < 10)
  local Enough = nn.callbacks.Callback:subclass "Enough"
  function Enough:on_epoch_end() self.model.stop_training = true end
  equal(model:resume{callbacks = {Enough()}, verbose = 0}, history)
  equal(history.interrupted, false)
end

-- 6: Not reproducible even with seeds. The same seed gives the same bits at any number of threads.
do
  local threads = nn.num_threads()
  local function train(count)
    nn.num_threads(count)
    nn.set_seed(42)
    local x = nn.random.normal{96, 12, 12, 1}
    local y = x:reshape{96, 144}:argmax{axis = 2} % 3
    local model = nn.Sequential{
      L.Conv2D{8, kernel_size = 3, activation = "relu", input_shape = {12, 12, 1}}, L.MaxPooling2D(), L.Flatten(),
      L.Dropout(0.3), L.Dense{64, activation = "elu", kernel_initializer = "he_normal"}, L.BatchNormalization(),
      L.Dense{3, activation = "softmax"}}
    model:compile{loss = "sparse_categorical_crossentropy", optimizer = "nadam", metrics = {"accuracy"}}
    local history = model:fit(x, y, {epochs = 3, validation_split = 0.2, verbose = 0})
    local mean, deviation = model:predict_mc(x, {samples = 5})
    local numbers = {history.history, mean:tolist(), deviation:tolist()}
    for _, weight in ipairs(model:get_weights()) do numbers[#numbers + 1] = weight:tolist() end
    return numbers
  end
  local once = train(1)
  for count = 1, 4 do equal(train(count), once) end
  nn.num_threads(threads)
end

-- 7: Memory grows in loops of fit and predict, and of models. It does not, over a thousand rounds.
if memory() then
  -- In kB. The least of up to three times: what leaks leaks each time, what the C library's allocator keeps back it keeps once.
  local function grows(rounds, limit, body)
    for _ = 1, rounds // 5 do body() end  -- until all is warm
    local least
    for _ = 1, 3 do
      collectgarbage() collectgarbage()
      local before = memory()
      for _ = 1, rounds do body() end
      collectgarbage() collectgarbage()
      least = math.min(least or math.huge, memory() - before)
      if least < limit then break end
    end
    return least
  end
  local x, y = nn.random.normal{64, 64}, nn.zeros{64, 1}
  local model = regression(64)
  local grown = grows(1000, 4000, function()
    model:fit(x, y, {verbose = 0})
    model:predict(x)
    model:evaluate(x, y, {verbose = 0})
  end)
  assert(grown < 4000, "a loop of fit and predict grew by " .. grown .. " kB")

  -- k-fold: each fold takes a new model (17 kB of weights, and as much twice for the optimizer) and new tensors
  local folds = 5
  grown = grows(200, 8000, function()
    for fold = 0, folds - 1 do
      local rows = nn.arange(64)
      local test = (rows % folds):eq(fold)
      local m = regression(64)
      m:fit(x[~test], y[~test], {verbose = 0, callbacks = {nn.callbacks.EarlyStopping{"loss", restore_best_weights = true}}})
      m:evaluate(x[test], y[test], {verbose = 0})
    end
  end)
  assert(grown < 8000, "a loop of " .. 200 * folds .. " models grew by " .. grown .. " kB")

  -- compiled anew, saved by weights, interrupted: nothing stays behind
  grown = grows(300, 8000, function()
    model:compile{loss = "mse", optimizer = "adam"}
    local weights = model:get_weights()
    model:fit(x, y, {verbose = 0, callbacks = {nn.callbacks.LambdaCallback{on_batch_end = function()
      model:predict(x)
      model.stop_training = true
    end}}})
    model:set_weights(weights)
  end)
  assert(grown < 8000, "a loop of compile grew by " .. grown .. " kB")
end
