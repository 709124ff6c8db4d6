-- The contract of the Lua API ("The Lua API: one translation rule, then the whole chapter in Lua"), in its order: each line of its
-- table, each statement of its chapter, each sentence of its section on tensors (which tensors_contract.lua asserts at length).
-- Numbers are the formulas that stand beside them, or Keras's where Tests/NNEngineTests/Fixtures says so.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

-- What other parts of the project still owe; a name that works must be struck out here.
local not_yet = {}
local owed = {}
for _, name in ipairs(not_yet) do owed[name] = true end
local function exists(name)
  if name == "Model.save" then return (pcall(function() return nn.Sequential().save end)) end
  local value = _G
  for part in name:gmatch "[^.]+" do
    local good
    good, value = pcall(function() return value[part] end)
    if not good or value == nil then return false end
  end
  return true
end

nn.set_seed(42)
local images = nn.random.uniform{shape = {120, 28, 28}, seed = 1}
local labels = (nn.arange(120) % 10):astype "int32"

-- The table: Python | Lua -----------------------------------------------------------------------------------------------------

do  -- `keras.layers.Dense(300, activation="elu")`: positional arguments keep Keras's order; a bare call works; misspelt: an error
  for _, dense in ipairs{L.Dense{300, activation = "elu"}, L.Dense(300, "elu"), L.Dense{units = 300, activation = "elu"}} do
    equal(dense.units, 300) equal(dense.activation, "elu")
  end
  equal(L.Dense(300).units, 300)
  fails("Dense: unknown field 'actvation'; did you mean 'activation'?", L.Dense, {300, actvation = "elu"})
  fails("unknown activation 'eluu'; did you mean 'elu'?", L.Dense, {300, activation = "eluu"})
  -- both spellings of Keras 2 and 3
  equal(nn.optimizers.SGD{lr = 0.5}.learning_rate, 0.5)
  near(L.LeakyReLU{negative_slope = 0.2}.alpha, 0.2)
  near(nn.optimizers.SGD{0.1, decay = 1}:get_config().decay, 1)
end

do  -- None / True / list, tuple / dict = nil / true / table / table
  local m = nn.Sequential{L.Dense{2, use_bias = false, kernel_regularizer = nil, input_shape = {3}}}
  equal(m.layers[1].use_bias, false) equal(m.layers[1].kernel_regularizer, nil) equal(m.output_shape, {"None", 2})
  m:compile{loss = "mse", optimizer = "sgd"}
  equal(#m:fit(nn.ones{4, 3}, nn.ones{4, 2}, {epochs = 3, verbose = 0}).epoch, 3)  -- `model:fit(x, y, {epochs=3})`
  m.layers[1].trainable = false  -- plain field access, read and write
  equal(m.layers[1].trainable, false) equal(#m.trainable_variables, 0)
  fails("'trainable' must be true or false", function() m.layers[1].trainable = "no" end)
end

do  -- `model.layers[:-1]`: nn.slice; an ordinary array
  local m = nn.Sequential{L.Dense{3, input_shape = {2}}, L.Dense(4), L.Dense(5)}
  equal(#nn.slice(m.layers, 1, -2), 2) equal(nn.slice(m.layers, 1, -2)[2], m.layers[2])
  equal(type(m.layers), "table") equal(select("#", table.unpack(m.layers)), 3)
  equal(nn.slice({1, 2, 3}, 2), {2, 3}) equal(nn.slice({1, 2, 3}, -2, -1), {2, 3}) equal(nn.slice({1, 2, 3}, 5), {})
end

do  -- indices start at 1, a negative one counts from the end, ranges are inclusive; axes 1, 2, -1; values start at 0
  local t = nn.tensor{{1, 2, 3}, {4, 5, 6}}
  equal(t[1], {1, 2, 3}) equal(t[-1], {4, 5, 6}) equal(t:slice(1, 1), {{1, 2, 3}}) equal(t:slice(-2, -1), t)
  equal(t:sum{axis = 1}, {5, 7, 9}) equal(t:sum{axis = 2}, {6, 15}) equal(t:sum{axis = -1}, {6, 15})
  fails("axes count from 1", t.sum, t, {axis = 0})
  equal(t:argmax{axis = 2}, {2, 2})  -- a class label
  local epochs, batches, steps = {}, {}, {}
  local m = nn.Sequential{L.Dense{1, input_shape = {2}}}
  m:compile{loss = "mse", optimizer = nn.optimizers.SGD{learning_rate = function(step) steps[#steps + 1] = step return 0.1 end}}
  m:fit(nn.ones{4, 2}, nn.ones{4, 1}, {epochs = 2, batch_size = 2, verbose = 0, callbacks = {nn.callbacks.LambdaCallback{
    on_epoch_begin = function(epoch) epochs[#epochs + 1] = epoch end, on_batch_begin = function(b) batches[#batches + 1] = b end}}})
  equal(epochs, {0, 1}) equal(batches, {0, 1, 0, 1}) equal(steps, {0, 1, 2, 3})
end

do  -- `==`, `<`, `&`, `|`, `~`; x[mask]
  local x = nn.tensor{4, 5, 6}
  equal(x:eq(5), {false, true, false}) equal(x:lt(5), {true, false, false})
  equal(x:lt(5) | x:gt(5), {true, false, true}) equal(x:ge(5) & x:le(5), x:eq(5)) equal(~x:eq(5), x:ne(5))
  equal(x[x:gt(4)], {5, 6}) equal(nn.tensor{{1, 2}, {3, 4}}[nn.tensor{false, true}], {{3, 4}})
  fails("mask: shape (2,) does not fit", function() return x[nn.tensor{true, false}] end)
end

do  -- subclassing, isinstance
  local MCDropout = L.Dropout:subclass("MCDropout")
  function MCDropout:call(x, training) return MCDropout.super.call(self, x, true) end
  equal(rawequal(MCDropout.super, MCDropout), false) equal(tostring(MCDropout), "class MCDropout")
  local layer = MCDropout{rate = 0.5}
  equal(nn.isinstance(layer, MCDropout), true) equal(nn.isinstance(layer, nn.layers.Dropout), true)
  equal(nn.isinstance(layer, nn.layers.Dense), false) equal(nn.isinstance(L.Dropout(0.5), MCDropout), false)
  equal(nn.isinstance(L.Dropout(0.5), nn.layers.Dropout), true)
end

do  -- exceptions: one line that names the call, the argument and what was expected
  local m = nn.Sequential{L.Dense{1, input_shape = {2}}}
  m:compile{loss = "mse", optimizer = "sgd"}
  for text, body in pairs{
    ["fit: FitOptions: 'epochs' must be a positive integer, got 'many'"] = function() m:fit(nn.ones{1, 2}, nn.ones{1, 1}, {epochs = "many"}) end,
    ["predict: x must be a tensor, got string"] = function() m:predict "x" end,
    ["Dense: 'units' must be a positive integer, got 0"] = function() L.Dense(0) end,
    ["matmul: shapes (2, 3) and (2, 3) do not fit"] = function() nn.zeros{2, 3}:matmul(nn.zeros{2, 3}) end,
  } do
    local good, message = pcall(body)
    assert(not good and not message:find "\n", text)
    assert(message:find(text:gsub("FitOptions: ", ""), 1, true) or message:find(text, 1, true), message)
    assert(message:find "^[^ ]*contract.lua:%d+: ", message)  -- the user's place comes first
  end
end

do  -- the module table
  equal(require "nn", nn)
  for _, name in ipairs{"layers", "initializers", "activations", "regularizers", "constraints", "optimizers", "losses", "metrics",
                        "callbacks", "models", "datasets", "random"} do
    equal(type(nn[name]), "table") assert(next(nn[name]), name)
  end
  assert(nn.optimizers.schedules.ExponentialDecay)
  for _, name in ipairs{"Sequential", "Model", "Input", "load_model", "clone_model", "tensor", "grad", "value_and_grad", "plot", "imshow",
                        "set_epsilon", "set_seed", "num_threads"} do
    local full = "nn." .. name
    assert(exists(full) ~= (owed[full] or false), full .. (owed[full] and " works: strike it out of not_yet" or " is missing"))
  end
  assert(exists "Model.save" ~= (owed["Model.save"] or false), "Model:save works: strike it out of not_yet")
  local threads = nn.num_threads()
  nn.num_threads(1) equal(nn.num_threads(), 1) nn.num_threads(threads)
  local pipe <close> = io.popen(("NN_NUM_THREADS=1 '%s' -e 'print(nn.num_threads())'"):format(arg[-1]))
  equal(pipe:read "n", 1)
  nn.set_epsilon(1e-7)
  fails("unknown name 'Sequental'; did you mean 'Sequential'?", function() return nn.Sequental end)
end

-- The chapter -----------------------------------------------------------------------------------------------------------------

do  -- data: uint8, {60000, 28, 28}; `/ 255` makes float32
  local x_train_full, y_train_full, x_test, y_test = nn.datasets.fashion_mnist.load_data()
  equal(x_train_full.shape, {60000, 28, 28}) equal(x_train_full.dtype, "uint8") equal(y_test.shape, {10000})
  equal(#nn.datasets.fashion_mnist.class_names, 10) equal(nn.datasets.fashion_mnist.class_names[10], "Ankle boot")
  local scaled = x_test:slice(1, 200) / 255
  equal(scaled.dtype, "float32") near(scaled:max():item(), 1)
  local a, b, c, d = nn.train_test_split(scaled, y_test:slice(1, 200), {test_size = 0.2, seed = 0})
  equal({#a, #b, #c, #d}, {160, 40, 160, 40})
end

do  -- initializers
  equal(L.Dense{10, activation = "relu", kernel_initializer = "he_normal"}.kernel_initializer.config.scale, 2)
  local he_avg = nn.initializers.VarianceScaling{scale = 2.0, mode = "fan_avg", distribution = "uniform"}
  local layer = L.Dense{300, activation = "sigmoid", kernel_initializer = he_avg, input_shape = {200}}
  local w = nn.Sequential{layer}:get_weights()[1]
  local limit = math.sqrt(3 * 2 / 250)  -- uniform: variance scale / fan_avg, limit sqrt(3 variance)
  assert(w:abs():max():item() <= limit and w:abs():max():item() > 0.99 * limit)
  near(nn.initializers.he_normal()({2, 3}).shape, {2, 3})
end

do  -- non-saturating activations, as layers and as names
  local m = nn.Sequential{L.InputLayer{input_shape = {5}}, L.Dense{10, kernel_initializer = "he_normal"}, L.LeakyReLU{alpha = 0.2},
                          L.PReLU(), L.RReLU{lower = 1 / 8, upper = 1 / 3}, L.Dense(1)}
  equal(m:predict(nn.ones{2, 5}).shape, {2, 1})
  equal(L.Dense{10, activation = "selu", kernel_initializer = "lecun_normal"}.activation, "selu")
  local z = nn.linspace(-5, 5, 200)
  near(nn.activations.elu(nn.tensor{-1, 2}), {math.exp(-1) - 1, 2})
  nn.plot{z, nn.activations.elu(z), title = "ELU"}  -- in a pipe nothing is drawn
end

do  -- batch normalization; the summary is the book's table, character for character
  local rows = {"flatten_1", "batch_normalization", "dense", "batch_normalization_1", "dense_1", "batch_normalization_2", "dense_2"}
  local m = nn.Sequential{
    L.Flatten{input_shape = {28, 28}, name = rows[1]}, L.BatchNormalization{name = rows[2]},
    L.Dense{300, activation = "elu", kernel_initializer = "he_normal", name = rows[3]}, L.BatchNormalization{name = rows[4]},
    L.Dense{100, activation = "elu", kernel_initializer = "he_normal", name = rows[5]}, L.BatchNormalization{name = rows[6]},
    L.Dense{10, activation = "softmax", name = rows[7]}, name = "sequential_1"}
  equal(tostring(m), [[
Model: "sequential_1"
_________________________________________________________________
Layer (type)                 Output Shape              Param #   
=================================================================
flatten_1 (Flatten)          (None, 784)               0         
_________________________________________________________________
batch_normalization (BatchNo (None, 784)               3136      
_________________________________________________________________
dense (Dense)                (None, 300)               235500    
_________________________________________________________________
batch_normalization_1 (Batch (None, 300)               1200      
_________________________________________________________________
dense_1 (Dense)              (None, 100)               30100     
_________________________________________________________________
batch_normalization_2 (Batch (None, 100)               400       
_________________________________________________________________
dense_2 (Dense)              (None, 10)                1010      
=================================================================
Total params: 271,346
Trainable params: 268,978
Non-trainable params: 2,368
_________________________________________________________________]])
  local seen = {}
  for i, v in ipairs(m.layers[2].variables) do seen[i] = v.name .. " " .. tostring(v.trainable) end
  equal(seen, {"batch_normalization/gamma:0 true", "batch_normalization/beta:0 true", "batch_normalization/moving_mean:0 false",
               "batch_normalization/moving_variance:0 false"})
  m:compile{loss = "sparse_categorical_crossentropy", optimizer = "sgd"}
  m:fit(images, labels, {epochs = 2, verbose = 0})
  local served = m:fold_batch_normalization()
  for _, layer in ipairs(served.layers) do equal(nn.isinstance(layer, L.BatchNormalization), false) end
  near(served:predict(images), m:predict(images))
end

do  -- clipping: the gradient is [0.9, 100]; optimizers and their defaults
  local function step(options)
    options.learning_rate = 1
    local m = nn.Sequential{L.Dense{1, use_bias = false, kernel_initializer = "zeros", input_shape = {2}}}
    m:compile{loss = "mae", optimizer = nn.optimizers.SGD(options)}
    m:train_on_batch(nn.tensor{{0.9, 100}}, nn.tensor{1000})
    return m:get_weights()[1]:reshape{2}
  end
  near(step{clipvalue = 1.0}, {0.9, 1}) near(step{clipnorm = 1.0}, {0.00899964, 0.9999595})
  near(step{global_clipnorm = 1.0}, {0.00899964, 0.9999595})
  local O = nn.optimizers
  local sgd = O.SGD{learning_rate = 1e-3, momentum = 0.9, nesterov = true}
  equal({sgd.momentum, sgd.nesterov}, {0.9, true}) near(sgd.learning_rate, 1e-3)
  near(O.Adagrad{1e-3, epsilon = 1e-7}.epsilon, 1e-7) near(O.RMSprop{1e-3, rho = 0.9}.rho, 0.9)
  local adam = O.Adam{1e-3, beta_1 = 0.9, beta_2 = 0.999}
  near({adam.beta_1, adam.beta_2}, {0.9, 0.999}) equal(O.Adam{1e-3, global_clipnorm = 1.0}.global_clipnorm, 1.0)
  near({O.Adamax().learning_rate, O.Nadam().learning_rate}, {1e-3, 1e-3})
end

-- compile, fit, evaluate, predict, save, load; transfer learning
local model_A
do
  model_A = nn.Sequential{L.Flatten{input_shape = {28, 28}}, L.Dense{30, activation = "selu"}, L.Dense{8, activation = "softmax"}}
  model_A:compile{loss = "sparse_categorical_crossentropy", optimizer = nn.optimizers.SGD{learning_rate = 1e-4}, metrics = {"accuracy"}}
  local history = model_A:fit(images, labels % 8, {epochs = 3, validation_split = 0.2, verbose = 0})
  equal(#history.history.val_accuracy, 3) equal(history.epoch, {0, 1, 2})
  local loss, accuracy = model_A:evaluate(images, labels % 8, {verbose = 0})
  equal(math.type(loss), "float") assert(accuracy >= 0 and accuracy <= 1)
  local proba = model_A:predict(images:slice(1, 3)):round(2)
  equal(proba.shape, {3, 8}) near((proba * 100):round(), proba * 100)

  local file <close> = check.folder()
  model_A:save(file "model_A.h5")
  local loaded = nn.load_model(file "model_A.h5")
  near(loaded:predict(images), model_A:predict(images)) equal({loaded:evaluate(images, labels % 8, {verbose = 0})}, {loss, accuracy})
  equal(loaded.optimizer.iterations, model_A.optimizer.iterations) near(loaded.optimizer.learning_rate, 1e-4)
  fails("load_model", nn.load_model, file "nothing.h5")
  fails("unknown", nn.load_model, file "model_A.h5", {compil = false})
  model_A = loaded  -- as the chapter goes on

  local model_B_on_A = nn.Sequential(nn.slice(model_A.layers, 1, -2))  -- shares the layers
  model_B_on_A:add(L.Dense{1, activation = "sigmoid"})
  equal(model_B_on_A.layers[2], model_A.layers[2])
  local clone = nn.clone_model(model_A)
  clone:set_weights(model_A:get_weights())
  near(clone:predict(images), model_A:predict(images)) equal(clone.layers[2] == model_A.layers[2], false)
  for _, layer in ipairs(nn.slice(model_B_on_A.layers, 1, -2)) do layer.trainable = false end
  model_B_on_A:compile{loss = "binary_crossentropy", optimizer = nn.optimizers.SGD{1e-3}, metrics = {"accuracy"}}
  local keep = labels:eq(0) | labels:eq(5)
  equal(#images[keep], 24)
  local before = model_A:get_weights()[1]
  history = model_B_on_A:fit(images[keep], labels[keep]:eq(5), {epochs = 4, validation_split = 0.2, verbose = 0})
  equal(#history.history.val_loss, 4) equal(model_A:get_weights()[1], before)
end

do  -- pretraining on an auxiliary task: two inputs, shared layers, functional models
  local a, b = nn.Input{shape = {28, 28}}, nn.Input{shape = {28, 28}}
  local body = nn.Sequential{L.Flatten(), L.Dense{10, activation = "elu"}}
  local same = L.Dense{1, activation = "sigmoid"}(L.Concatenate(){body(a), body(b)})
  local siamese = nn.Model{inputs = {a, b}, outputs = same}
  equal(siamese:count_params(), 784 * 10 + 10 + 21)  -- the body's weights count once
  siamese:compile{loss = "binary_crossentropy", optimizer = "sgd"}
  siamese:fit({images, images}, nn.ones{120, 1}, {verbose = 0})
  equal(siamese:predict({images, images}).shape, {120, 1})
end

do  -- learning-rate schedules
  near(nn.optimizers.SGD{learning_rate = 1e-2, momentum = 0.9, decay = 1e-4}:get_config().decay, 1e-4)
  local function exponential_decay(lr0, s) return function(epoch, lr) return lr0 * 0.1 ^ (epoch / s) end end
  local history = model_A:fit(images, labels % 8, {epochs = 3, verbose = 0, callbacks = {
    nn.callbacks.LearningRateScheduler(exponential_decay(0.01, 20))}}).history
  near(history.lr, {0.01, 0.01 * 0.1 ^ (1 / 20), 0.01 * 0.1 ^ (2 / 20)})
  local s = 20 * #images // 32
  near(nn.optimizers.schedules.ExponentialDecay{0.01, s, 0.1}(s), 0.001)
  near(nn.optimizers.SGD(nn.optimizers.schedules.ExponentialDecay{0.01, s, 0.1}).learning_rate, 0.01)
  local pieces = nn.optimizers.schedules.PiecewiseConstantDecay{boundaries = {5, 15}, values = {0.01, 0.005, 0.001}}
  near({pieces(5), pieces(6), pieces(16)}, {0.01, 0.005, 0.001})
  equal({nn.callbacks.ReduceLROnPlateau{factor = 0.5, patience = 5}.factor, nn.callbacks.ReduceLROnPlateau{factor = 0.5, patience = 5}.patience}, {0.5, 5})
  -- OneCycle: momentum moves the other way where the optimizer has one
  local m = nn.Sequential{L.Dense{1, input_shape = {4}}}
  m:compile{loss = "mse", optimizer = nn.optimizers.SGD{0.01, momentum = 0.9}}
  local rates, momenta = {}, {}
  local x, y = nn.random.normal{shape = {64, 4}, seed = 2}, nn.ones{64, 1}
  m:fit(x, y, {epochs = 5, batch_size = 16, verbose = 0, callbacks = {nn.callbacks.OneCycle{max_lr = 0.05},
    nn.callbacks.LambdaCallback{on_batch_end = function()
      rates[#rates + 1], momenta[#momenta + 1] = m.optimizer.learning_rate, m.optimizer.momentum end}}})
  near({rates[1], rates[9]}, {0.005, 0.05}) assert(momenta[9] < momenta[1])
  m:compile{loss = "mse", optimizer = nn.optimizers.Adagrad{0.01}}
  m:fit(x, y, {verbose = 0, callbacks = {nn.callbacks.OneCycle{max_lr = 0.05}}})
  -- find_learning_rate: weights come back untouched
  local before = m:get_weights()
  local found, losses = m:find_learning_rate(x, y, {min_rate = 1e-5, max_rate = 10, batch_size = 4})
  equal(#found, #losses) near(found[1], 1e-5) equal(m:get_weights()[1], before[1])
  m.optimizer.learning_rate = 1e-3
  near(m.optimizer.learning_rate, 1e-3)
end

do  -- regularization
  local w = nn.tensor{{1, -2}}
  local function penalty(regularizer)
    local m = nn.Sequential{L.Dense{2, use_bias = false, kernel_regularizer = regularizer, input_shape = {1}}}
    m:set_weights{w}
    m:compile{loss = "mse"}
    return (m:evaluate(nn.zeros{1, 1}, nn.zeros{1, 2}, {verbose = 0}))
  end
  near({penalty(nn.regularizers.l2(0.01)), penalty(nn.regularizers.l1(0.1)), penalty(nn.regularizers.l1_l2(0.1, 0.01))}, {0.05, 0.3, 0.35})
  local m = nn.Sequential{L.Dense{1, use_bias = false, kernel_constraint = nn.constraints.max_norm(1), input_shape = {2}}}
  m:compile{loss = "mse", optimizer = nn.optimizers.SGD(100)}
  m:train_on_batch(nn.ones{1, 2}, nn.tensor{{3}})
  near(m:get_weights()[1]:norm(), 1)
  local RegularizedDense = nn.partial(L.Dense, {activation = "elu", kernel_initializer = "he_normal",
                                                kernel_regularizer = nn.regularizers.l2(0.01)})
  m = nn.Sequential{L.Flatten{input_shape = {28, 28}}, RegularizedDense(300), RegularizedDense(100),
                    RegularizedDense{10, activation = "softmax", kernel_initializer = "glorot_uniform"}}
  equal({m.layers[2].activation, m.layers[3].units, m.layers[4].activation}, {"elu", 100, "softmax"})
  equal(L.Dropout{rate = 0.2}.rate, 0.2) equal(L.AlphaDropout{rate = 0.2}.rate, 0.2)
  local history = model_A:fit(images, labels % 8, {epochs = 20, validation_split = 0.2, verbose = 0,
                                                   callbacks = {nn.callbacks.EarlyStopping{patience = 1}}})
  assert(#history.epoch >= 1)
  nn.plot(history)
end

do  -- Monte Carlo dropout
  local m = nn.Sequential{L.Flatten{input_shape = {28, 28}}, L.Dropout(0.5), L.Dense{10, activation = "softmax"}}
  local x = images:slice(1, 20)
  local samples = {}
  for i = 1, 100 do samples[i] = m(x, {training = true}) end
  local y_probas = nn.stack(samples)
  equal(y_probas.shape, {100, 20, 10})
  local y_proba, y_std = y_probas:mean{axis = 1}, y_probas:std{axis = 1}
  equal(y_proba.shape, {20, 10}) assert(y_std:max():item() > 0) equal(m(x), m(x))
  nn.imshow(images[1], {title = nn.datasets.fashion_mnist.class_names[labels[1] + 1]})
  local mean, std = m:predict_mc(x, {samples = 100})
  -- the same distribution: both means are within five standard errors of each other
  assert((mean - y_proba):abs():le(5 * (std + y_std) / 10 + 1e-4):all():item())
  local MCDropout = L.Dropout:subclass("MCDropout")
  function MCDropout:call(x) return MCDropout.super.call(self, x, true) end
  local mc = nn.Sequential{L.Flatten{input_shape = {28, 28}}, MCDropout{rate = 0.5}, L.Dense(1)}
  equal(mc:predict(x):eq(mc:predict(x)):all():item(), false)
end

do  -- the user's own layer, loss, metric, callback, training step
  local Scale = L.Layer:subclass("Scale")
  function Scale:build(shape) self.gain = self:add_weight{"gain", shape = {shape[#shape]}, initializer = "ones"} end
  function Scale:call(x) return x * self.gain end
  local function huber(y_true, y_pred)
    local e = (y_true - y_pred):abs()
    return nn.where(e:lt(1), 0.5 * e * e, e - 0.5):mean{axis = -1}
  end
  local seen = {}
  local Log = nn.callbacks.Callback:subclass("Log")
  function Log:on_epoch_end(epoch, logs) seen[#seen + 1] = {epoch, logs.val_loss, self.model.optimizer.learning_rate} end
  local m = nn.Sequential{Scale{input_shape = {2}}, L.Dense(1)}
  m:compile{loss = huber, optimizer = nn.optimizers.SGD(0.5), metrics = {huber}}
  local x, y = nn.random.normal{shape = {40, 2}, seed = 3}, nn.ones{40, 1}
  m:fit(x, y, {epochs = 2, validation_split = 0.5, verbose = 0, callbacks = {Log()}})
  equal({seen[1][1], seen[2][1], seen[2][3]}, {0, 1, 0.5}) assert(type(seen[1][2]) == "number")
  assert(seen[2][2] < seen[1][2]) equal(m.metrics_names, {"loss", "huber"})
  -- nn.value_and_grad: d/dw mean((x w - y)^2) = 2/n x' (x w - y)
  local w = nn.tensor{{0.5}, {-0.5}}
  local loss, grads = nn.value_and_grad(function(w) return (x:matmul(w) - y):square():mean() end)(w)
  near(loss, (x:matmul(w) - y):square():mean():item()) near(grads, x:transpose():matmul(x:matmul(w) - y) * (2 / 40))
end

-- Tensors ---------------------------------------------------------------------------------------------------------------------

do  -- every name of the section, as a function or a method, on something that it can work on
  for _, name in ipairs{"zeros", "ones", "eye"} do equal(nn[name](2).shape[1], 2) end
  equal(nn.full({2}, 3), {3, 3}) equal(nn.arange(3), {0, 1, 2}) equal(#nn.linspace(0, 1, 5), 5)
  for _, name in ipairs{"normal", "uniform"} do
    equal(nn.random[name]{shape = {3, 4}, seed = 1}, nn.random[name]{shape = {3, 4}, seed = 1})
  end
  equal(nn.random.permutation(4):sort(), {1, 2, 3, 4})
  local t = nn.tensor{{1, 2}, {3, 4}}
  equal({t.dtype, t.ndim, t.size, #t}, {"float32", 2, 4, 2}) equal(t.shape, {2, 2}) equal(t[2][1], 3)
  equal(t:take{2}, {{3, 4}}) equal(t:reshape{4}, {1, 2, 3, 4}) equal(t:transpose{2, 1}, {{1, 3}, {2, 4}})
  equal(t:astype "int32".dtype, "int32") equal(t:tolist(), {{1, 2}, {3, 4}}) equal(t:sum():item(), 10)
  equal(2 * t, t * 2) equal(1 - t, -(t - 1)) equal(t // 2, {{0, 1}, {1, 2}}) equal(t % 2, {{1, 0}, {1, 0}}) equal(t ^ 2, t * t)
  equal(t .. t, nn.concat{t, t}) equal("t " .. nn.tensor{1}, "t [1.0]\n(1,) float32") equal(t + {10, 20}, {{11, 22}, {13, 24}})
  for _, name in ipairs{"sum", "mean", "std", "var", "max", "min", "argmax", "argmin", "prod", "norm"} do
    equal(t[name](t, {axis = 1}).shape, {2}) equal(t[name](t, {axis = 1, keepdims = true}).shape, {1, 2})
  end
  for _, name in ipairs{"any", "all"} do equal(t:gt(0)[name](t:gt(0), {axis = 2}), {true, true}) end
  for _, name in ipairs{"exp", "log", "sqrt", "square", "abs", "sign", "tanh", "sigmoid", "relu", "erf", "round", "floor", "ceil", "isnan", "isfinite"} do
    equal(nn[name](t), t[name](t)) equal(t[name](t).shape, {2, 2})
  end
  equal(t:clip(2, 3), {{2, 2}, {3, 3}}) equal(t:maximum(3), {{3, 3}, {3, 4}}) equal(nn.minimum(t, 1), nn.ones{2, 2})
  equal(nn.where(t:gt(2), t, 0), {{0, 0}, {3, 4}}) equal(t:matmul(t), {{7, 10}, {15, 22}}) equal(nn.dot({1, 2}, {3, 4}):item(), 11)
  equal(nn.stack{t, t}.shape, {2, 2, 2}) equal(#t:split(2), 2) equal(nn.one_hot(nn.tensor{1}, 2), {{0, 1}})
  equal(nn.sort{3, 1}, {1, 3}) equal((nn.unique{3, 1, 3}), {1, 3}) equal((nn.histogram({0, 1}, {bins = 2})), {1, 1})
  equal(tostring(t), "[[1.0 2.0]\n [3.0 4.0]]\n(2, 2) float32")  -- shape, dtype, an aligned picture
  fails("add: shapes (2, 2) and (3,) cannot be broadcast together", function() return t + nn.zeros{3} end)
  assert(#tostring(nn.zeros{1000, 1000}) < 2000) assert(tostring(nn.tensor{0 / 0, 1, 1 / 0}):find "nan")
  fails("ragged: [2][1] is a table", nn.tensor, {{1, 2}, {{3}, 4}})
end
