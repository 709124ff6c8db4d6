local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

-- making layers: every form of a call
for _, layer in ipairs{L.Dense(3), L.Dense{3}, L.Dense{units = 3}, L.Dense(3, "linear"), L.Dense(3, {use_bias = true})} do
  equal(layer:get_config().units, 3)
end
local dense = L.Dense{4, activation = "relu", kernel_initializer = "he_normal", name = "d"}
equal(dense.name, "d") equal(dense.class_name, "Dense") equal(dense.built, false) equal(dense.trainable, true)
equal(dense:get_config().activation, "relu")
equal(L.Dense{1, activation = nn.activations.elu}:get_config().activation, "elu")
equal(L.Dense{1, kernel_initializer = nn.initializers.VarianceScaling{scale = 3}}:get_config().kernel_initializer.config.scale, 3)
fails("Dense: unknown field 'actvation'; did you mean 'activation'?", L.Dense, {1, actvation = "relu"})
fails("'units' is required", L.Dense)
fails("got 'ten'", L.Dense, "ten")
fails("unknown activation 'rleu'; did you mean 'relu'?", L.Dense, {1, activation = "rleu"})
fails("given twice", L.Dense, {1, units = 2})
fails("unknown name 'Desne'; did you mean 'Dense'?", function() return L.Desne end)
fails("key 2.5", L.Dense, {[2.5] = 1})

-- building
local model = nn.Sequential{L.Flatten{input_shape = {2, 2}}, dense, L.Dense{3, activation = "softmax"}, name = "m"}
equal(model.name, "m") equal(model.built, true) equal(#model.layers, 3) equal(model.layers[2], dense)
equal(model.layers[2] == dense, true) equal(model:get_layer "d", dense) equal(model:get_layer(-2), dense)
equal(model:count_params(), 4 * 4 + 4 + 4 * 3 + 3)
equal(dense.variables[1].name, "d/kernel:0") equal(dense.variables[2].shape, {4}) equal(dense.variables[1].trainable, true)
equal(model.output_shape, {"None", 3})
equal(nn.isinstance(dense, L.Dense), true) equal(nn.isinstance(dense, L.Flatten), false)
equal(nn.isinstance(model, nn.Sequential), true) equal(nn.isinstance(5, L.Dense), false)
assert(tostring(model):find('Model: "m"', 1, true))
local chained = nn.Sequential():add(L.Dense{2, input_shape = {3}}):add(L.Dense(1))
equal(#chained.layers, 2)
equal(#nn.Sequential(nn.slice(chained.layers, 1, -2)).layers, 1)
equal(chained:pop().class_name, "Dense")
local late = nn.Sequential{L.Dense(2)}
fails("not built yet", late.summary, late)
late:build{5}
equal(late:count_params(), 12)
fails("call it: Flatten()", nn.Sequential, {L.Flatten})
fails("call it: Dense()", model.add, model, L.Dense)
fails("no layer named 'dd'; did you mean 'd'?", model.get_layer, model, "dd")
fails("call it with a colon", model.summary)
fails("unknown field 'layer'; did you mean 'layers'?", function() return model.layer end)

-- weights
local weights = model:get_weights()
equal(#weights, 4) equal(weights[1].shape, {4, 4})
weights[2] = nn.ones{4}
model:set_weights(weights)
equal(dense.variables[2]:value(), {1, 1, 1, 1})
dense.variables[2]:assign{2, 2, 2, 2}
equal(dense:get_weights()[2], {2, 2, 2, 2})
fails("expected 4 tensors, got 1", model.set_weights, model, {weights[1]})
fails("shape", model.set_weights, model, {weights[2], weights[1], weights[3], weights[4]})
fails("expected a value of shape (4,), got (2,)", function() dense.variables[2]:assign{1, 2} end)
local clone = nn.clone_model(model)
equal(#clone.layers, 3) equal(clone.layers[2] ~= dense, true)
clone:set_weights(model:get_weights())
local x = nn.random.normal{5, 2, 2}
near(clone:predict(x), model:predict(x))
near(model(x), model:predict(x))

-- training
nn.set_seed(3)
local data, labels = nn.random.normal{90, 2, 2}, nn.tensor{dtype = "int32", table.unpack(nn.random.permutation(90):tolist())} % 3
fails("not compiled", model.fit, model, data, labels)
model:compile{loss = "sparse_categorical_crossentropy", optimizer = nn.optimizers.SGD{lr = 0.1}, metrics = {"accuracy"}}
equal(model.metrics_names, {"loss", "accuracy"})
local before = model:evaluate(data, labels, {verbose = 0})
local history = model:fit(data, labels, {epochs = 4, verbose = 0, validation_split = 0.1})
equal(history.epoch, {0, 1, 2, 3}) equal(#history.history.loss, 4) equal(#history.history.val_accuracy, 4)
equal(history.interrupted, false) equal(model.history, history) equal(history.params.epochs, 4)
assert(model:evaluate(data, labels, {verbose = 0}) < before)
assert(tostring(history):match("^epoch%s+loss%s+accuracy"))
equal(select("#", model:evaluate(data, labels, {verbose = 0})), 2)
equal(#model:fit{data, labels, verbose = 0}.epoch, 1)
equal(#model:fit{x = data, y = labels, epochs = 1, verbose = 0, validation_data = {data, labels}}.history.val_loss, 1)
equal(select("#", model:train_on_batch(data, labels)), 2)
model.optimizer.learning_rate = 0.01
equal(model.optimizer.lr, 0.01)
assert(model.optimizer.iterations > 0)
equal(model:predict(data:slice(1, 2)).shape, {2, 3})
assert(model:explain():find("MatMul") or model:explain():find("Gemm"))

-- the same seed, the same numbers; freezing
local function run()
  nn.set_seed(7)
  local net = nn.Sequential{L.Flatten{input_shape = {2, 2}}, L.Dense{8, "elu"}, L.Dense{3, "softmax"}}
  net:compile{loss = "sparse_categorical_crossentropy", optimizer = "sgd"}
  return net:fit(data, labels, {epochs = 3, verbose = 0}).history.loss, net
end
local losses, net = run()
equal(run(), losses)
nn.num_threads(1)
equal(run(), losses)
net.layers[2].trainable = false
equal(#net.trainable_variables, 2)
local frozen = net.layers[2]:get_weights()[1]
net:fit(data, labels, {verbose = 0})
equal(net.layers[2]:get_weights()[1], frozen)

-- bad input: one line, and the model stays usable
fails("fit: x has 90 samples, y has 10", model.fit, model, data, labels:slice(1, 10))
fails("fit: y must be a tensor, got no value", model.fit, model, data)
fails("unknown field 'epocs'; did you mean 'epochs'?", model.fit, model, data, labels, {epocs = 1})
fails("'epochs' must be", model.fit, model, data, labels, {epochs = 0})
fails("unknown loss 'msee'; did you mean 'mse'?", model.compile, model, {loss = "msee"})
fails("did you mean 'optimizer'?", model.compile, model, {loss = "mse", optimzer = "sgd"})
fails("label", model.fit, model, data, labels + 5, {verbose = 0})
fails("predict", model.predict, model, nn.zeros{3, 7})
fails("unknown argument 'batchsize'; did you mean 'batch_size'?", model.predict, model, data, {batchsize = 3})
fails("must be a finite number", function() model.optimizer.learning_rate = -1 end)
fails("must be true or false", function() dense.trainable = 1 end)
assert(model:evaluate(data, labels, {verbose = 0}) < before)

-- what every registry holds is in its module
local function count(module) local n = 0 for _ in pairs(module) do n = n + 1 end return n end
for _, name in ipairs{"layers", "initializers", "activations", "regularizers", "constraints", "optimizers", "losses", "metrics"} do
  assert(count(nn[name]) > 0, name)
end
local sgd = nn.optimizers.SGD{0.1, momentum = 0.9}
equal(sgd.momentum, 0.9)
sgd.momentum = 0.5
equal(sgd.momentum, 0.5)
fails("unknown field 'rho'", function() return sgd.rho end)
fails("momentum", function() sgd.momentum = "much" end)
fails("unknown field 'momentm'; did you mean 'momentum'?", function() sgd.momentm = 1 end)
local decay = nn.optimizers.schedules.ExponentialDecay{0.1, 10, 0.5}
near(decay(10), 0.05)
near(nn.optimizers.SGD(decay).learning_rate, 0.1)
fails("follows a schedule", function() nn.optimizers.SGD(decay).learning_rate = 1 end)

-- a split of rows
local a, b, c, d = nn.train_test_split(data, labels, {test_size = 0.2, seed = 0})
equal({#a, #b, #c, #d}, {72, 18, 72, 18})
fails("unknown field 'test_sze'; did you mean 'test_size'?", nn.train_test_split, data, {test_sze = 0.1})
fails("no tensors given", nn.train_test_split, {test_size = 0.1})

-- require and help
equal(require "nn", nn)
nn.help(L.Dense) nn.help "Dense" nn.help(model)

do  -- one weight frozen: from the next fit on, in the summary, in files, back again
  local L = nn.layers
  nn.set_seed(4)
  local m = nn.Sequential{L.Dense{3, input_shape = {2}, name = "a"}, L.BatchNormalization{name = "n"}, L.Dense{1, name = "b"}}
  m:compile{loss = "mse", optimizer = nn.optimizers.Adam{0.1}}
  local x, y = nn.random.normal{shape = {20, 2}, seed = 1}, nn.ones{20, 1}
  local function fit(model) model:fit(x, y, {verbose = 0, shuffle = false}) end
  local function changed(model, before)
    local names = {}
    for i, w in ipairs(model:get_weights()) do
      if w:ne(before[i]):any():item() then names[#names + 1] = model.variables[i].name end
    end
    return table.concat(names, " ")
  end
  fit(m)
  local kernel = m.layers[1].variables[1]
  equal(kernel.trainable, true)
  kernel.trainable = false
  equal(kernel.trainable, false) equal(m.layers[1].trainable, true)
  equal(#m.trainable_variables, 5) equal(m.layers[1].non_trainable_variables[1], kernel)
  local before = m:get_weights()
  fit(m)
  equal(changed(m, before), "a/bias:0 n/gamma:0 n/beta:0 n/moving_mean:0 n/moving_variance:0 b/kernel:0 b/bias:0")
  local file <close> = check.folder()
  for _, name in ipairs{".h5", ".keras", ".safetensors", ".npz"} do
    m:save(file("m" .. name))
    local again = nn.load_model(file("m" .. name))
    equal(again.layers[1].variables[1].trainable, false) equal(again.layers[1].variables[2].trainable, true)
    for i, w in ipairs(again:get_weights()) do equal(w, m:get_weights()[i]) end
    -- The optimizer's state is that of the weights that are trained.
    local copy = nn.load_model{bytes = m:save{format = name:sub(2)}}
    fit(copy)
    fit(again)
    for i, w in ipairs(again:get_weights()) do equal(w, copy:get_weights()[i]) end
    before = m:get_weights()
    equal(changed(again, before):find("a/kernel", 1, true), nil)
  end
  -- The layer's word counts, too: a weight is trained when both say so.
  m.layers[1].trainable = false
  kernel.trainable = true
  equal(#m.trainable_variables, 4)
  m.layers[1].trainable = true
  equal(#m.trainable_variables, 6)
  before = m:get_weights()
  fit(m)
  equal(changed(m, before):find("a/kernel:0", 1, true), 1)
  fails("'trainable' must be true or false", function() kernel.trainable = 0 end)
  local mean = m.layers[2].variables[3]
  equal(mean.trainable, false)
  mean.trainable = false
  fails("n/moving_mean is kept by its layer, and never trained", function() mean.trainable = true end)
  -- Frozen in the summary.
  kernel.trainable = false
  equal(tostring(m):find("Trainable params: 13\n", 1, true) ~= nil, true)
end
