local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local C, L = nn.callbacks, nn.layers

nn.set_seed(5)
local x = nn.random.normal{64, 4}
local y = x:sum{axis = 2, keepdims = true}
local function model(optimizer)
  local m = nn.Sequential{L.Dense{8, activation = "tanh", input_shape = {4}}, L.Dense(1)}
  m:compile{loss = "mse", optimizer = optimizer or nn.optimizers.SGD(0.05), metrics = {"mae"}}
  return m
end
local function fit(m, callbacks, options)
  options = options or {}
  options.callbacks, options.verbose = callbacks, options.verbose or 0
  options.batch_size = options.batch_size or 16
  return m:fit(x, y, options)
end

-- a class of the user's: every hook, in order, with numbers from 0 (traps 20 and 36)
local Log = C.Callback:subclass "Log"
function Log:init(calls) self.calls = calls end
local function keys(logs)
  local names = {}
  for name in pairs(logs) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ",")
end
for _, name in ipairs{"train", "test"} do
  for _, moment in ipairs{"begin", "end"} do
    Log["on_" .. name .. "_" .. moment] = function(self, logs)
      table.insert(self.calls, name .. " " .. moment .. " " .. keys(logs))
    end
  end
end
for _, name in ipairs{"epoch", "train_batch", "test_batch"} do
  for _, moment in ipairs{"begin", "end"} do
    Log["on_" .. name .. "_" .. moment] = function(self, number, logs)
      table.insert(self.calls, name .. " " .. moment .. " " .. number .. " " .. keys(logs))
    end
  end
end
local calls = {}
local log = Log(calls)
local m = model()
fit(m, {log}, {batch_size = 32, validation_split = 0.25})
equal(calls, {
  "train begin ", "epoch begin 0 ", "train_batch begin 0 ", "train_batch end 0 loss,mae", "train_batch begin 1 ",
  "train_batch end 1 loss,mae", "test begin ", "test_batch begin 0 ", "test_batch end 0 loss,mae", "test end loss,mae",
  "epoch end 0 loss,mae,val_loss,val_mae", "train end loss,mae,val_loss,val_mae"})
equal(log.model, m) equal(log.params.epochs, 1) equal(log.params.samples, 48) equal(log.params.steps, 2)
for i = #calls, 1, -1 do calls[i] = nil end
m:evaluate(x, y, {verbose = 0, callbacks = {log}})
equal(calls, {"test begin ", "test_batch begin 0 ", "test_batch end 0 loss,mae", "test end loss,mae"})
local predicts = C.Callback()
calls = {}
for _, name in ipairs{"on_predict_begin", "on_predict_end"} do
  predicts[name] = function(self, logs) calls[#calls + 1] = name .. keys(logs) end
end
for _, name in ipairs{"on_predict_batch_begin", "on_predict_batch_end"} do
  predicts[name] = function(self, batch, logs) calls[#calls + 1] = name .. batch .. keys(logs) end
end
m:predict(x, {batch_size = 32, callbacks = {predicts}})
equal(table.concat(calls, " "), "on_predict_begin on_predict_batch_begin0 on_predict_batch_end0 "
  .. "on_predict_batch_begin1 on_predict_batch_end1 on_predict_end")
equal(predicts.model, m)
fails("'callbacks' must be a list", m.evaluate, m, x, y, {callbacks = 3})

-- the older names of the batch hooks
local Batches = C.Callback:subclass "Batches"
function Batches:on_batch_begin(batch) self.first = self.first or batch end
function Batches:on_batch_end(batch, logs) self.last, self.loss = batch, logs.loss end
local batches = Batches()
local history = fit(m, {batches})
equal({batches.first, batches.last}, {0, 3})
equal(batches.loss, history.history.loss[1])  -- running means, so the last is the epoch's

-- inheritance
local Child = Log:subclass "Child"
function Child:init(calls, tag)
  Child.super.init(self, calls)
  self.tag = tag
end
function Child:on_train_begin(logs)
  table.insert(self.calls, self.tag)
  Child.super.on_train_begin(self, logs)
end
Child.on_epoch_end = function(self, epoch, logs) Child.super.super.on_epoch_end(self, epoch, logs) end
calls = {}
local child = Child(calls, "child")
fit(m, {child})
equal({calls[1], calls[2], calls[#calls]}, {"child", "train begin ", "train end loss,mae"})
equal(nn.isinstance(child, Child), true) equal(nn.isinstance(child, Log), true)
equal(nn.isinstance(child, C.Callback), true) equal(nn.isinstance(log, Child), false)
equal(nn.isinstance(3, Log), false) equal(nn.isinstance({}, Log), false)
equal(nn.isinstance(C.EarlyStopping(), C.Callback), true)
equal(nn.isinstance(C.EarlyStopping(), C.EarlyStopping), true)
equal(nn.isinstance(C.EarlyStopping(), C.CSVLogger), false)
equal(tostring(Child), "class Child") equal(tostring(C.Callback), "nn.callbacks.Callback")

-- hooks that an instance defines; stopping, and what the model says of it
local stops = C.Callback()
stops.on_epoch_end = function(self, epoch) if epoch == 1 then self.model.stop_training = true end end
equal(fit(m, {stops}, {epochs = 9}).epoch, {0, 1}) equal(m.stop_training, true)
equal(fit(m, {}).epoch, {0}) equal(m.stop_training, false)
stops.on_epoch_end = nil
stops.on_train_batch_end = function(self, batch) self.model.stop_training = batch == 2 end
local before = m.optimizer.iterations
fit(m, {stops}, {epochs = 9})
equal(m.optimizer.iterations - before, 3)
fails("must be true or false", function() m.stop_training = 1 end)

-- logs that are added, changed and taken away
local Adds = C.Callback:subclass "Adds"
function Adds:on_epoch_end(epoch, logs) logs.twice, logs.mae = 2 * epoch, nil end
history = fit(m, {Adds(), C.EarlyStopping{monitor = "twice", patience = 3}}, {epochs = 9}).history
equal(history.twice, {0, 2, 4, 6}) equal(history.mae, nil) equal(#history.loss, 4)
function Adds:on_epoch_end(epoch, logs) logs.word = "x" end
fails("logs.word must be a number, got string", fit, m, {Adds()})

-- mistakes are found where they are made, or before the first batch
fails("Log: unknown hook 'on_epoch_edn'; did you mean 'on_epoch_end'?", function() function Log:on_epoch_edn() end end)
fails("on_epoch_end must be a function, got number", function() Batches.on_epoch_end = 3 end)
fails("call it: Log()", fit, m, {Log})
fails("call it: Callback()", fit, m, {C.Callback})
fails("expected callbacks, such as EarlyStopping or an instance of a class of your own, got a table", fit, m, {{}})
fails("got 3", fit, m, {3})
fails("must be a list", fit, m, log)
fails("call it with a colon", C.Callback.subclass, "Log")
fails("expected a name", C.Callback.subclass, C.Callback)
local broken = C.Callback()
broken.on_epoch_end = "no"
fails("on_epoch_end must be a function, got string", fit, m, {broken})

-- errors in hooks: the user's file and line; the model stays usable
local Fails = C.Callback:subclass "Fails"
function Fails:on_batch_end(batch) if batch == 2 then error("oops") end end
fails("callbacks.lua:137: oops", fit, m, {Fails()})
equal(fit(m, {}).epoch, {0})
function Fails:on_batch_end() error(setmetatable({}, {__tostring = function() return "mine" end})) end
fails("fit: mine", fit, m, {Fails()})
fails("callbacks.lua:142: oops", fit, m, {C.LambdaCallback{on_epoch_begin = function() error("oops") end}})
fails("callbacks.lua:144: attempt to index a nil value", fit, m,
  {C.LambdaCallback{on_epoch_end = function(epoch, logs) return logs.nothing.more end}})

-- a callback may use the model: evaluate, predict, weights, the optimizer
local Uses = C.Callback:subclass "Uses"
function Uses:on_epoch_end(epoch, logs)
  logs.full = self.model:evaluate(x, y, {verbose = 0})
  self.model.optimizer.learning_rate = self.model.optimizer.learning_rate / 2
  self.shape = self.model:predict(x).shape
end
local uses = Uses()
m.optimizer.learning_rate = 0.5
history = fit(m, {uses}, {epochs = 2}).history
equal(#history.full, 2) equal(uses.shape, {64, 1}) equal(m.optimizer.learning_rate, 0.125)

-- LambdaCallback
local seen = {}
history = fit(model(), {C.LambdaCallback{
  on_epoch_end = function(epoch, logs) seen[#seen + 1] = epoch logs.extra = epoch + 10 end,
  on_train_batch_end = function(batch, logs) seen.loss = logs.loss end}}, {epochs = 2})
equal({seen[1], seen[2]}, {0, 1}) equal(history.history.extra, {10, 11}) equal(seen.loss, history.history.loss[2])
fails("did you mean 'on_epoch_end'?", C.LambdaCallback, {on_epoch_edn = print})
fails("'on_epoch_end' must be a function or nil, got 3", C.LambdaCallback, {on_epoch_end = 3})

-- LearningRateScheduler: (epoch) and (epoch, lr)
m = model()
history = fit(m, {C.LearningRateScheduler(function(epoch) return 0.1 / (epoch + 1) end)}, {epochs = 3}).history
near(history.lr, {0.1, 0.05, 0.1 / 3})
near(fit(m, {C.LearningRateScheduler{function(epoch, lr) return lr * 2 end}}, {epochs = 2}).history.lr, {0.2 / 3, 0.4 / 3})
fails("must return a finite number that is not negative; for epoch 0 it returned nil", fit, m,
  {C.LearningRateScheduler(function() end)})
fails("callbacks.lua:174: no rate", fit, m, {C.LearningRateScheduler(function() error("no rate") end)})
fails("'schedule' must be a function, got 3", C.LearningRateScheduler, 3)
fails("follows a schedule (ExponentialDecay)", fit,
  model(nn.optimizers.SGD(nn.optimizers.schedules.ExponentialDecay{0.1, 10, 0.5})), {C.ReduceLROnPlateau{monitor = "loss"}})

-- a user's function as the schedule of an optimizer: once a step
local steps = {}
m = model(nn.optimizers.SGD{learning_rate = function(step) steps[#steps + 1] = step return 0.1 / (1 + step) end})
fit(m, {})
equal(steps, {0, 1, 2, 3})
near(m.optimizer.learning_rate, 0.1 / 5)
m.optimizer.learning_rate = function() error("no more") end
fails("callbacks.lua:185: no more", fit, m, {})
m.optimizer.learning_rate = function() return "fast" end
fails("the function must return a number; after 4 steps it returned 'fast'", fit, m, {})
m.optimizer.learning_rate = function() return 0.01 end
equal(fit(m, {}).epoch, {0})
local plain, same = model(nn.optimizers.SGD(0.03)), model(nn.optimizers.SGD(function() return 0.03 end))
same:set_weights(plain:get_weights())
fit(plain, {}, {shuffle = false}) fit(same, {}, {shuffle = false})
equal(same:get_weights()[1], plain:get_weights()[1])
fails("a schedule or a function, got true", nn.optimizers.SGD, {learning_rate = true})

-- in a coroutine
local done
coroutine.wrap(function() done = fit(m, {C.LambdaCallback{on_epoch_end = function(_, logs) logs.here = 1 end}}) end)()
equal(done.history.here, {1})

-- EarlyStopping, its fields, and the best weights
local rises = C.LambdaCallback{on_epoch_end = function(epoch, logs) logs.curve = ({3, 1, 2, 4, 5})[epoch + 1] end}
local early = C.EarlyStopping{monitor = "curve", patience = 2, restore_best_weights = true}
m = model()
local kept
local spy = C.LambdaCallback{on_epoch_end = function(epoch) if epoch == 1 then kept = m:get_weights()[1] end end}
equal(fit(m, {rises, spy, early}, {epochs = 5}).epoch, {0, 1, 2, 3})
equal(m:get_weights()[1], kept)
equal({early.best, early.wait, early.stopped_epoch, early.best_epoch, early.patience}, {1, 2, 3, 1, 2})
equal(early.best_weights[1], kept)
equal(early.class_name, "EarlyStopping") equal(early:get_config().monitor, "curve")
assert(tostring(early):find('EarlyStopping{monitor="curve"', 1, true))
fails("EarlyStopping: unknown field 'path'", function() return early.path end)
fails("'val_loss' is recorded without validation data", fit, m, {C.EarlyStopping()})
fails("nothing named 'lss' is recorded; did you mean 'loss'?", fit, m, {C.EarlyStopping{monitor = "lss"}})
fails("EarlyStopping: unknown field 'patiense'; did you mean 'patience'?", C.EarlyStopping, {patiense = 3})

-- the others
m = model(nn.optimizers.SGD{0.05, momentum = 0.9})
local rates, momenta = {}, {}
fit(m, {C.OneCycle{max_lr = 0.4}, C.LambdaCallback{on_batch_end = function()
  rates[#rates + 1], momenta[#momenta + 1] = m.optimizer.learning_rate, m.optimizer.momentum
end}}, {epochs = 5})
near({rates[1], rates[9], rates[17]}, {0.04, 0.4, 0.04})  -- 20 batches: 8 up, 8 down, 4 out
near({momenta[1], momenta[9], momenta[17], momenta[20]}, {0.95, 0.85, 0.95, 0.95})
m = model(nn.optimizers.SGD(0.01))
history = fit(m, {rises, C.ReduceLROnPlateau{monitor = "curve", patience = 1, factor = 0.5}}, {epochs = 4}).history
near(history.lr, {0.01, 0.01, 0.01, 0.005})
local saved = {}
local checkpoint = C.ModelCheckpoint{"w-{epoch:02d}-{curve:.1f}", monitor = "curve", save_best_only = true,
  on_save = function(path, which, logs) saved[#saved + 1] = path equal(which, m) equal(logs.curve ~= nil, true) end}
fit(m, {rises, checkpoint}, {epochs = 4})
equal(saved, {"w-01-3.0", "w-02-1.0"}) equal(checkpoint.path, "w-02-1.0") equal(#checkpoint.best_weights, 4)
fails("'d' is for epoch and batch", C.ModelCheckpoint, "{loss:d}")
local own = C.History()
fit(m, {own}, {epochs = 2})
equal(own.epoch, {0, 1}) equal(#own.history.loss, 2)
equal(fit(m, {C.TerminateOnNaN}).epoch, {0})  -- where a name will do, the class will
m.optimizer.learning_rate = 1e30
equal(fit(m, {C.TerminateOnNaN()}, {epochs = 5}).epoch, {0}) equal(m.stop_training, true)
m = model()
local name = os.tmpname()
fit(m, {C.CSVLogger(name)}, {epochs = 2})
local file = assert(io.open(name))
local text = file:read "a"
file:close()
os.remove(name)
assert(text:find("^epoch,loss,mae\r\n0,[%d.]+,[%d.]+\r\n1,[%d.]+,[%d.]+\r\n$"), text)
fails("CSVLogger: '/no/such/folder/x.csv' could not be written: No such file or directory", fit, m, {C.CSVLogger "/no/such/folder/x.csv"})

-- help, and what has gone
nn.help(C.Callback) nn.help(C.EarlyStopping) nn.help "OneCycle"
fails("unknown name 'EarlyStoping'; did you mean 'EarlyStopping'?", function() return C.EarlyStoping end)
