-- A fit that was interrupted goes on by model:resume() as if it had not been: the expected numbers are those of the same fit in one go.
local check = require "check"
local equal, fails = check.equal, check.fails
local C, L = nn.callbacks, nn.layers

nn.set_seed(3)
local x, x_valid = nn.random.normal{40, 4}, nn.random.normal{20, 4}
local y, y_valid = x:sum{axis = 2, keepdims = true}, x_valid:sum{axis = 2, keepdims = true}

local function model()
  nn.set_seed(8)
  local m = nn.Sequential{
    L.Dense{8, activation = "tanh", input_shape = {4}}, L.Dropout(0.3), L.BatchNormalization(), L.Dense(1)}
  m:compile{loss = "mse", optimizer = nn.optimizers.Adam(0.05), metrics = {"mae"}}
  return m
end

-- Stops at the place with this number, of all places where a hook is called.
local Stop = C.Callback:subclass "Stop"
function Stop:init(at) self.at, self.place, self.calls = at, 0, {} end
function Stop:pass()
  if self.place == self.at then self.model:interrupt() end
  self.place = self.place + 1
end
for _, hook in ipairs{"on_epoch_begin", "on_train_batch_end", "on_test_batch_end", "on_epoch_end"} do
  Stop[hook] = function(self) self:pass() end
end
for _, hook in ipairs{"on_train_begin", "on_train_end", "on_train_resume"} do
  Stop[hook] = function(self) table.insert(self.calls, hook) end
end

local function run(at)
  local m, stop = model(), Stop(at)
  local early = C.EarlyStopping{"val_loss", patience = 2, restore_best_weights = true}
  local plateau = C.ReduceLROnPlateau{"loss", factor = 0.5, patience = 1, min_delta = 1}
  local options = {batch_size = 16, epochs = 3, validation_data = {x_valid, y_valid}, verbose = 0}
  options.callbacks = {early, plateau, stop}
  local history = m:fit(x, y, options)
  local resumed = 0
  while history.interrupted do
    resumed = resumed + 1
    m:predict(x) m:evaluate(x_valid, y_valid, {verbose = 0})  -- looking changes nothing
    nn.set_seed(99)
    equal(m:resume{verbose = 0}, history)
  end
  return {
    weights = nn.concat((function()
      local flat = {}
      for i, w in ipairs(m:get_weights()) do flat[i] = w:reshape{-1} end
      return flat
    end)(), {axis = 1}):tolist(),
    history = history.history, epoch = history.epoch, rate = m.optimizer.learning_rate, best = early.best,
    wait = early.wait}, resumed, stop
end

local whole, none, places = run(-1)
equal(none, 0) equal(places.place > 12, true)
for at = 0, places.place - 1 do
  local outcome, resumed, stop = run(at)
  equal(outcome, whole)
  equal(resumed, at == places.place - 1 and 0 or 1)  -- after the last epoch nothing is left to stop
  if resumed == 1 then equal(stop.calls, {"on_train_begin", "on_train_end", "on_train_resume", "on_train_end"}) end
end

-- callbacks and the rate may be others
local m = model()
local stop = Stop(3)
local history = m:fit(x, y, {batch_size = 16, epochs = 3, callbacks = {stop}, verbose = 0})
equal(history.interrupted, true)
m.optimizer.learning_rate = 0.125
fails("unknown argument 'epochs'", m.resume, m, {epochs = 3})
fails("val_loss", m.resume, m, {callbacks = {C.EarlyStopping "val_loss"}, verbose = 0})
local seen = {}
m:resume{callbacks = {C.LambdaCallback{on_epoch_end = function(epoch) seen[#seen + 1] = epoch end}}, verbose = 0}
equal(history.interrupted, false) equal(#history.epoch, 3) equal(m.optimizer.learning_rate, 0.125)
equal(seen[#seen], 2)
fails("there is no interrupted training", m.resume, m)

-- what would be another training is refused
m:fit(x, y, {batch_size = 16, callbacks = {Stop(1)}, verbose = 0})
local weights = m:get_weights()
m:set_weights(model():get_weights())
fails("the weights have changed since the interruption", m.resume, m)
m:set_weights(weights)
m.layers[1].trainable = false
fails("layers were frozen or made trainable since the interruption", m.resume, m)
m.layers[1].trainable = true
m:resume{verbose = 0}
m:fit(x, y, {batch_size = 16, callbacks = {Stop(1)}, verbose = 0})
m:compile{loss = "mse"}
fails("there is no interrupted training", m.resume, m)

-- an error ends a training for good
m:fit(x, y, {batch_size = 16, callbacks = {Stop(1)}, verbose = 0})
fails("enough", m.resume, m, {callbacks = {C.LambdaCallback{on_batch_end = function() error "enough" end}}, verbose = 0})
fails("there is no interrupted training", m.resume, m)

-- a generator goes on with its next batch
local function generated(at)
  local m, number = model(), 0
  local function batches()
    number = number + 1
    local rows = nn.random.normal{shape = {8, 4}, seed = number}
    return rows, rows:sum{axis = 2, keepdims = true}
  end
  local history = m:fit(batches, {steps_per_epoch = 4, epochs = 2, callbacks = {Stop(at)}, verbose = 0})
  if history.interrupted then m:resume{verbose = 0} end
  equal(number, 8)
  return m:get_weights()[1]:tolist()
end
local expected = generated(-1)
for _, at in ipairs{0, 2, 4, 5, 6} do equal(generated(at), expected) end

-- only the last few interrupted trainings are kept, so that their data and callbacks are not kept for ever
local models = {}
for i = 1, 6 do
  models[i] = model()
  models[i]:fit(x, y, {callbacks = {Stop(1)}, verbose = 0})
end
fails("there is no interrupted training", models[2].resume, models[2])
equal(models[3]:resume{verbose = 0}.interrupted, false)
