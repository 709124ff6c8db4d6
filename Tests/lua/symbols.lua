local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

-- Lambda: values, shape, constants mixed in
local function model_of(f, shape, options)
  options = options or {}
  options.input_shape = shape or {3}
  return nn.Sequential{L.Lambda(f, options)}
end
local x = nn.tensor{{1, -2, 3}, {4, 5, -6}}
local m = model_of(function(x) return x * 2 + 1 end)
equal(m.output_shape, {"None", 3}) equal(m:predict(x), x * 2 + 1)

-- every function of tensors, and every operator, gives the same on symbols
local functions = {
  function(x) return -x ^ 2 / 3 - 1 end, function(x) return 2 / (x + 10) end, function(x) return x % 4 end,
  function(x) return x // 2 end, function(x) return x:abs():sqrt():log() end, function(x) return nn.exp(x):clip(0, 2) end,
  function(x) return nn.where(x:gt(0), x, 0.5 * x) end, function(x) return nn.maximum(x, nn.tensor{0, 1, 2}) end,
  function(x) return nn.tensor{1, 2, 3} * x end, function(x) return (x:gt(0) & x:lt(4)) | x:eq(-6) end,
  function(x) return ~x:gt(0) end, function(x) return x:mean{axis = 2, keepdims = true} end,
  function(x) return x - x:mean{axis = -1, keepdims = true} end, function(x) return x:softmax() end,
  function(x) return x:matmul(nn.tensor{{1, 2}, {3, 4}, {5, 6}}) end, function(x) return x:reshape{-1, 3, 1} end,
  function(x) return x:argmax{axis = 2} end, function(x) return nn.activations.elu(x) end,
  function(x) return nn.activations.elu(x, {alpha = 0.5}) end, function(x) return x:abs():one_hot(8) end,
  function(x) return nn.gather(nn.tensor{{1, 2}, {3, 4}, {5, 6}, {7, 8}}, x:abs():minimum(3)) end,
  function(x) return x:norm{axis = 2} end, function(x) return x:transpose{2, 1}:transpose() end,
  function(x) return nn.losses.mse(x * 2, x) end,
}
for i, f in ipairs(functions) do
  local want, got = f(x), model_of(f):predict(x)
  equal(got.shape, want.shape) near(got, want:astype("float32"))
end
near(model_of(function(x) return nn.stack{x, x * 2}:transpose{2, 1, 3} end):predict(x)[1], {{1, -2, 3}, {2, -4, 6}})

-- fields; rows
model_of(function(x)
  equal(x.shape[2], 3) equal(x.ndim, 2) equal(x.size, #x * 3) equal(x.dtype, "float32")
  equal(x[1].shape, {3}) equal(x[-1].shape, {3}) equal(x:slice(1, 1).shape, {1, 3}) equal(x:take{1, 1, 2}.shape, {3, 3})
  equal(x:astype("float32").shape, x.shape)
  equal(nn.zeros{2} .. "", tostring(nn.zeros{2}))
  return x
end)
near(model_of(function(x) return nn.stack{x[1], x:slice(1, 1):reshape{3}} end):predict(x), {{1, -2, 3}, {1, -2, 3}})
near(model_of(function(x) return x:take{2, 1} end):predict(x), {{4, 5, -6}, {1, -2, 3}})

-- no numbers yet
local function inside(text, f) fails(text, model_of, f) end
inside("tolist: a symbol of shape (2, 3) has no numbers yet", function(x) return x:tolist() end)
inside("item: a symbol of shape () has no numbers yet", function(x) return x:sum():item() end)
inside("x[2]: a symbol of shape (3,) has no numbers yet", function(x) return x[1][2] end)
inside("index 3 is outside", function(x) return x:take{3} end)
inside("tensor: a symbol of shape (2, 3) has no numbers yet", function(x) return nn.tensor(x) end)
inside("cannot become int32", function(x) return x:astype("int32") end)
inside("unknown field 'sqare'; did you mean 'square'?", function(x) return x:sqare() end)
inside("must be a tensor, got string", function(x) return nn.add(x, "a") end)
inside("confusion_matrix works on numbers", function(x) return nn.confusion_matrix(x, x) end)
inside("symbols.lua:", function(x) error("mine") end) inside(": mine", function(x) error("mine") end)
inside("symbols.lua:", function(x) return x:matmul(x) end)
inside("the function must return a tensor, got nil", function(x) end)
inside("the batch axis must stay in front", function(x) return x:sum() end)
local text
model_of(function(x) text = tostring(x) return x end)
equal(text, "symbol of shape (2, 3): it has no numbers until the model runs")
local kept
model_of(function(x) kept = x return x end)
equal(kept.shape, {2, 3})
fails("kept from a function that has returned", function() return kept + 1 end)
fails("kept from a function that has returned", function() return nn.ones{2, 3} * kept end)
equal(pcall(L.Lambda), false)
fails("'function' is required", L.Lambda)

-- options: named arguments, and whether layers behave as in training; recorded once, not at each step
local calls = 0
local scaled = model_of(function(x, options)
  calls = calls + 1
  return x * (options.training and 100 or options.scale)
end, {3}, {arguments = {scale = 5}, output_shape = {3}, name = "scaled"})
equal(scaled.layers[1].name, "scaled") equal(scaled:predict(x), x * 5)
local before = calls
equal(scaled:predict(x), x * 5) equal(calls, before)
equal(scaled(x, {training = true}), x * 100)
fails("'output_shape' is (4), but the function gives (None, 3)", model_of, function(x) return x end, {3}, {output_shape = {4}})
equal(L.Lambda(function(x) return x end):get_config().arguments, {})
equal(nn.clone_model(m):predict(x), x * 2 + 1)

-- gradients flow through it: d/dw (2wx + 1)^2 for w = 1, x = 1 is 2 * 3 * 2
local g = nn.Sequential{L.Dense{1, use_bias = false, kernel_initializer = "ones", input_shape = {1}},
                        L.Lambda(function(x) return x * 2 + 1 end)}
g:compile{loss = "mse", optimizer = nn.optimizers.SGD(0.01)}
near(g:train_on_batch({{1}}, {{0}}), 9) near(g:get_weights()[1], {{1 - 0.01 * 12}})

-- functions as activation, regularizer, constraint, loss and metric
local function cube(x) return x * x * x end
equal(nn.Sequential{L.Dense{1, activation = cube, kernel_initializer = "ones", input_shape = {1}}}:predict{{2}}, {{8}})
equal(L.Activation(function(x) return x:square() end).class_name, "Activation")
local function huber(y_true, y_pred)
  local e = (y_true - y_pred):abs()
  return nn.where(e:lt(1), 0.5 * e * e, e - 0.5):mean{axis = -1}
end
local function worst(y_true, y_pred) return (y_true - y_pred):abs():max{axis = 2} end
local d = L.Dense{1, use_bias = false, kernel_initializer = "ones", input_shape = {2},
                  kernel_regularizer = function(w) return 0.5 * w:square():sum() end,
                  kernel_constraint = function(w) return w:clip(0, 0.9) end}
local t = nn.Sequential{d}
t:compile{loss = huber, metrics = {worst, "mae"}, optimizer = nn.optimizers.SGD(0.01)}
equal(t.metrics_names, {"loss", "worst", "mae"})
local loss, far, mae = t:train_on_batch({{1, 2}, {3, 4}}, {{2.5}, {9}})
near(loss, (0.125 + 1.5) / 2 + 1) near(far, (0.5 + 2) / 2) near(mae, 1.25)
near(d:get_weights()[1], {{0.9}, {0.9}}) -- 1 - 0.01 * ((0.5 * 1 - 1 * 3) / 2 + 1) is greater
local h = t:fit({{1, 2}, {3, 4}}, {2.5, 9}, {epochs = 2, verbose = 0}) -- labels of shape (n,)
equal(#h.history.worst, 2)
fails("regularizer: the function must return one number, got shape (2, 1)", function()
  local bad = nn.Sequential{L.Dense{1, input_shape = {2}, kernel_regularizer = function(w) return w end}}
  bad:compile{loss = "mse"} bad:train_on_batch({{1, 2}}, {{1}})
end)
fails("symbols.lua:", function()
  local bad = nn.Sequential{L.Dense{1, input_shape = {2}}}
  bad:compile{loss = function(y, p) return y:nothing() end} bad:train_on_batch({{1, 2}}, {{1}})
end)
