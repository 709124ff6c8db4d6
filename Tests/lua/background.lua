-- model:fit_async: the same results as fit, bit for bit, while the model is looked at; Lua functions run on Lua's thread.
local check = require "check"
local equal, fails = check.equal, check.fails
local C, L = nn.callbacks, nn.layers

nn.set_seed(3)
local x, x_valid = nn.random.normal{400, 4}, nn.random.normal{40, 4}
local y, y_valid = x:sum{axis = 2, keepdims = true}, x_valid:sum{axis = 2, keepdims = true}

local function model()
  nn.set_seed(8)
  local m = nn.Sequential{
    L.Dense{16, activation = "tanh", input_shape = {4}}, L.Dropout(0.3), L.BatchNormalization(), L.Dense(1)}
  m:compile{loss = "mse", optimizer = nn.optimizers.Adam(0.05), metrics = {"mae"}}
  return m
end
local function options(more)
  local o = {batch_size = 16, epochs = 4, validation_data = {x_valid, y_valid}, verbose = 0}
  for key, value in pairs(more or {}) do o[key] = value end
  return o
end
local function weights(m)
  local lists = {}
  for i, w in ipairs(m:get_weights()) do lists[i] = w:tolist() end
  return lists
end

local reference = model()
local expected = reference:fit(x, y, options()).history
local expected_weights = weights(reference)

-- looked at all the time, and paused now and then
local m = model()
local run = m:fit_async(x, y, options())
equal(nn.isinstance(m, nn.Sequential), true)
local looks = 0
while run.status ~= "finished" do
  looks = looks + 1
  m:predict_mc(x_valid, {samples = 2})  -- takes random numbers of the model's, and gives them back
  m:evaluate(x_valid, y_valid, {verbose = 0})
  assert(#m:get_weights() == 8 and run.epoch < 4 and run.batch < 25)
  if looks % 3 == 0 then
    if run.status == "running" then
      run:pause()
      local before = weights(m)
      equal(run.status == "paused" or run.status == "finished", true)
      equal(weights(m), before)
      run:resume()
    end
  end
end
equal(run:wait(), m.history) equal(run.history, m.history) equal(run.model, m) equal(run.error, nil)
equal(run.history.history, expected)
equal(weights(m), expected_weights)
assert(tostring(run):find("finished after 4 of 4 epochs", 1, true), tostring(run))

-- callbacks in Lua are called on Lua's thread, when the program comes by, and see what they would see in fit
local seen, schedule = {}, {}
local Log = C.Callback:subclass "Log"
function Log:on_train_begin() seen[#seen + 1] = "begin" end
function Log:on_epoch_end(epoch, logs) seen[#seen + 1] = epoch .. " " .. logs.val_loss end
function Log:on_train_end() seen[#seen + 1] = "end" self.model:get_weights() end
local function callbacks()
  return {Log(), C.LearningRateScheduler(function(epoch) return 0.05 / (epoch + 1) end),
    C.EarlyStopping{"val_loss", patience = 50, restore_best_weights = true}}
end
m = model()
m:fit(x, y, options{callbacks = callbacks()})
local foreground, foreground_weights = seen, weights(m)
equal(#foreground, 6)
seen = {}
m = model()
m:fit_async(x, y, options{callbacks = callbacks()}):wait()
equal(seen, foreground)
equal(weights(m), foreground_weights)

-- a callback may change what only the training may change
m = model()
run = m:fit_async(x, y, options{callbacks = {C.LambdaCallback{on_epoch_end = function(epoch)
  if epoch == 1 then m.stop_training = true end
  m.optimizer.learning_rate = 0.01
  m:set_weights(m:get_weights())
end}}})
equal(#run:wait().epoch, 2)

-- what would make another training of it
m = model()
run = m:fit_async(x, y, options{epochs = 1000000})
for _, name in ipairs{"fit", "fit_async", "compile", "add", "pop", "resume", "find_learning_rate"} do
  fails(name .. ": the model '" .. m.name .. "' is being trained in the background: run:stop() first", m[name], m)
end
local kept = m:get_weights()
fails("is being trained in the background: run:pause() or run:stop() first", m.set_weights, m, kept)
fails("is being trained in the background: run:pause() or run:stop() first", m.train_on_batch, m, x, y)
fails("is being trained in the background", m.layers[1].set_weights, m.layers[1], m.layers[1]:get_weights())
m.optimizer.learning_rate = 0.001
equal(m.optimizer.learning_rate, 0.001)
-- another model with the same layers is the same weights; one with its own is free
local shared = nn.Sequential(nn.slice(m.layers, 1, -2))
fails("is being trained in the background", shared.set_weights, shared, shared:get_weights())
reference:fit(x, y, options())
run:pause()
equal(run.status, "paused")
fails("the training is paused", run.wait, run)
m:set_weights(kept)
run:resume()
-- a second one at the same time
local other = reference:fit_async(x, y, options{epochs = 3})
equal(#other:wait().epoch, 3)
-- stopped: where it stopped it can go on
local history = run:stop()
equal(run.status, "stopped") equal(history.interrupted, true) equal(run:stop(), history) equal(run:wait(), history)
m:compile{loss = "mse"}
m:fit(x, y, options())

-- stopped and resumed: the same again
m = model()
run = m:fit_async(x, y, options())
history = run:stop()
if history.interrupted then m:resume{verbose = 0} end
equal(weights(m), expected_weights)
equal(history.history, expected)

-- stopped before it has begun, and started for nothing
for _ = 1, 20 do model():fit_async(x, y, options{epochs = 1000}):stop() end

-- errors: of the call at once, of the training when it is waited for
fails("fit_async takes tensors", m.fit_async, m, function() end)
fails("unknown field 'epoch'", m.fit_async, m, x, y, {epoch = 3})
run = m:fit_async(x, y, options{callbacks = {C.LambdaCallback{on_epoch_end = function() error "enough" end}}})
fails("enough", run.wait, run)
equal(run.status, "failed") assert(run.error:find "enough" and tostring(run):find "failed: ")
fails("there is no interrupted training", m.resume, m)
m:compile{loss = "mse", optimizer = nn.optimizers.SGD(1e30)}
run = m:fit_async(x, y, options())
fails("the loss became", run.wait, run)
equal(#m:fit(x, y, {verbose = 0, callbacks = {C.TerminateOnNaN()}}).epoch, 1)

-- forgotten by the program, it goes on
do
  m = model()
  m:fit_async(x, y, options{epochs = 2})
end
collectgarbage() collectgarbage()
local deadline = os.time() + 60
while not (m.history and #m.history.epoch == 2) do assert(os.time() < deadline) end
