-- Models in files and strings: save, load_model, save_weights, load_weights, checkpoints, backups.
local check = require "check"
local equal, fails = check.equal, check.fails
local L = nn.layers

local file <close> = check.folder()

local function model(classes)
  nn.set_seed(5)
  local m = nn.Sequential{
    L.Dense{6, activation = "tanh", input_shape = {4}, name = "hidden"}, L.Dropout{0.25, name = "drop"},
    L.Dense{classes or 3, activation = "softmax", name = "output"}, name = "classifier"}
  m:compile{loss = "sparse_categorical_crossentropy", optimizer = nn.optimizers.Nadam{learning_rate = 0.01}, metrics = {"acc"}}
  return m
end
local x = nn.random.normal{shape = {48, 4}, seed = 3}
local y = (x:argmax{axis = 2}):clip(0, 2)
local fit = {epochs = 2, verbose = 0, shuffle = false}
local function same(a, b)
  for i, w in ipairs(a:get_weights()) do equal(b:get_weights()[i], w) end
end

-- What an optimizer keeps can be read and set: a fresh model goes on with it as the first does.
do
  local m, other = model(), model()
  m:fit(x, y, fit)
  other:set_weights(m:get_weights())
  local state = m:get_optimizer_weights()
  equal(#state, 2 + 2 * #m.trainable_variables)  -- the count, Nadam's product, m and v
  equal(state[1]:item(), m.optimizer.iterations)
  other:set_optimizer_weights(state)
  equal(other.optimizer.iterations, m.optimizer.iterations)
  for _, each in ipairs{m, other} do
    nn.set_seed(8)  -- the same masks
    each:fit(x, y, fit)
  end
  same(m, other)
  fails("expected the values of", function() m:set_optimizer_weights{state[1]} end)
  fails("count of steps", function() m:set_optimizer_weights{} end)
  fails("not compiled", function() nn.clone_model(m):get_optimizer_weights() end)
end

-- Every format; what is loaded trains on as if it had never been saved.
for _, name in ipairs{"m.h5", "m.keras", "m.safetensors", "m.npz"} do
  local m = model()
  m:fit(x, y, fit)
  m:save(file(name))
  local again = nn.load_model(file(name))
  same(m, again)
  equal(again.name, "classifier")
  equal(again.optimizer.iterations, m.optimizer.iterations)
  equal(again.metrics_names, {"loss", "acc"})
  m:fit(x, y, fit)
  again:fit(x, y, fit)
  same(m, again)
  fails("not compiled", function() nn.models.load_model(file(name), {compile = false}):fit(x, y) end)
end

-- Strings.
for _, format in ipairs{"h5", "keras", "safetensors", "npz"} do
  local m = model()
  local bytes = m:save{format = format}
  same(m, nn.load_model{bytes = bytes})
  fails("load_model: the buffer", nn.load_model, {bytes = bytes:sub(1, #bytes // 2)})
  local weights = m:save_weights{format = format == "keras" and "weights.h5" or format}
  local other = model()
  other:set_weights((function() local t = {} for i, w in ipairs(m:get_weights()) do t[i] = w * 0 end return t end)())
  equal(other:load_weights{bytes = weights}, {})
  same(m, other)
end

-- Weights that do not fit, and by name.
local m = model()
m:save_weights(file("w.weights.h5"))
local five = model(5)
local before = five:get_weights()
fails("(6, 5)", five.load_weights, five, file("w.weights.h5"))
equal(five:get_weights()[1], before[1])
equal(five:load_weights(file("w.weights.h5"), {skip_mismatch = true}), {"output"})
equal(five:get_weights()[1], m:get_weights()[1])
local part = nn.Sequential{L.Dense{6, input_shape = {4}, name = "hidden"}, L.Dense{1, name = "new"}}
part:load_weights(file("w.weights.h5"), {by_name = true})
equal(part:get_weights()[1], m:get_weights()[1])

-- Parts of models.
nn.Sequential(nn.slice(m.layers, 1, -2)):save(file("part.keras"))
equal(#nn.load_model(file("part.keras")).layers, 2)

-- Classes and functions of one's own load only when they are registered.
local Scale = L.Layer:subclass("FilesScale")
function Scale:build(shape) self.gain = self:add_weight{"gain", shape = {shape[#shape]}, initializer = "ones"} end
function Scale:call(x) return x * self.gain end
function files_loss(t, p) return (t:reshape{-1, 1} - p):square() end
local own = nn.Sequential{L.Dense{2, input_shape = {4}}, Scale()}
own:compile{loss = files_loss, optimizer = "sgd"}
own:save(file("own.h5"))
fails("custom_objects.FilesScale", nn.load_model, file("own.h5"))
nn.custom_objects.FilesScale = Scale
fails("compile=false", nn.load_model, file("own.h5"))
same(own, nn.load_model(file("own.h5"), {compile = false}))
local again = nn.load_model(file("own.h5"), {custom_objects = {files_loss = files_loss}})
same(own, again)
again:fit(x, y:astype("float32"), {verbose = 0})

-- Names and formats.
fails("which format", m.save, m, file("m"))
fails("did you mean 'keras'", m.save, m, file("m"), {format = "kers"})
fails("weights only", m.save, m, file("m.weights.h5"))
fails("overwrite is false", m.save, m, file("m.h5"), {overwrite = false})
fails("folder does not exist", m.save, m, file("none/m.h5"))
fails("could not be opened", nn.load_model, file("none.h5"))
fails("weights only", nn.load_model, file("w.weights.h5"))
fails("did you mean 'compile'", nn.load_model, file("m.h5"), {compil = true})
fails("file's name or", nn.load_model, {})

-- Checkpoints that are files.
local C = nn.callbacks
local trained = model()
trained:fit(x, y, {epochs = 3, verbose = 0, validation_split = 0.25, callbacks = {
  C.ModelCheckpoint{file("c-{epoch:02d}.h5")},
  C.ModelCheckpoint{file("best-{epoch:02d}-{val_loss:.2f}.keras"), save_best_only = true},
  C.ModelCheckpoint{file("w-{epoch}.weights.h5"), save_weights_only = true}}})
same(trained, nn.load_model(file("c-03.h5")))
local fresh = model()
fresh:load_weights(file("w-3.weights.h5"))
same(trained, fresh)

-- A training that is interrupted goes on where it was: the same end, shuffled and with dropout.
local function train(callbacks)
  local m = model()
  local history = m:fit(x, y, {epochs = 4, batch_size = 8, verbose = 0, callbacks = callbacks})
  return m, history
end
local whole, whole_history = train{}
for _, frequency in ipairs{"epoch", 4} do
  local Stop = C.Callback:subclass("Stop")
  local count = 0
  function Stop:on_batch_end() count = count + 1; if count == 17 then error("power failure") end end
  fails("power failure", train, {C.BackupAndRestore{file("backup"), save_freq = frequency}, Stop()})
  local restore = C.BackupAndRestore{file("backup"), save_freq = frequency}
  local resumed, history = train{restore}
  equal(restore.restored_epoch, 2)
  equal(restore.restored_batch, frequency == 4 and 4 or 0)
  same(whole, resumed)
  equal(history.history.loss, whole_history.history.loss)
  fails("", function() assert(io.open(file("backup/training.safetensors")), "gone") end)
end

-- What callbacks know comes back with it: the end is that of a training that nobody has disturbed, callbacks of the user's included.
local Counting = C.Callback:subclass "Counting"
function Counting:init() self.count, self.last, self.begun = 0, nn.zeros{1}, 0 end
function Counting:on_train_begin() self.begun = self.begun + 1 end
function Counting:on_train_batch_end() self.count = self.count + 1 end
function Counting:on_epoch_end(_, logs)
  self.last = nn.tensor{logs.loss}
  self.model.optimizer.learning_rate = 0.001 * self.count
end
function Counting:get_state() return {count = self.count, last = self.last, notes = {"a", {deep = true}}} end
function Counting:set_state(state)
  equal(state.notes, {"a", {deep = true}})
  self.count, self.last = state.count, state.last
end
local function remembering() return {Counting(), C.EarlyStopping{monitor = "loss", patience = 1, min_delta = 9, restore_best_weights = true}} end
local plain = remembering()
local calm = train(plain)
for _, frequency in ipairs{"epoch", 4} do
  local Stop = C.Callback:subclass("Stop")
  local count = 0
  function Stop:on_batch_end() count = count + 1; if count == 9 then error("power failure") end end
  local function with(callbacks, more)
    for _, callback in ipairs(more) do callbacks[#callbacks + 1] = callback end
    return callbacks
  end
  local function backup() return C.BackupAndRestore{file("backup"), save_freq = frequency} end
  fails("power failure", train, with(remembering(), {backup(), Stop()}))
  local again = remembering()
  local resumed = train(with(again, {backup()}))
  same(calm, resumed)
  equal(again[1].count, plain[1].count)
  equal(again[1].begun, 1)
  equal(again[1].last, plain[1].last)
  equal(again[2].stopped_epoch, 1)
  equal({again[2].best, again[2].best_epoch}, {plain[2].best, plain[2].best_epoch})
end
do
  local Half = C.Callback:subclass "Half"
  function Half:get_state() return 1 end
  fails("get_state and set_state belong together", train, {Half()})
  local Odd = C.Callback:subclass "Odd"
  function Odd:get_state() return {f = print} end
  function Odd:set_state() end
  fails("the state of Odd holds something that a file cannot keep", train, {C.BackupAndRestore{file("backup")}, Odd()})
  fails("there is one among the callbacks already", train, {C.BackupAndRestore{file("b")}, C.BackupAndRestore{file("b")}})
end
