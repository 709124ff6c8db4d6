-- Chapter 11, "Gradient Clipping": by value, by the norm of each variable's gradient, by the norm of all of them.
--
--   nnrepl examples/lua/gradient_clipping.lua

nn.set_seed(42)

-- One weight vector, a gradient of [0.9, 100], a learning rate of 1: the step is what clipping leaves of the gradient.
local function step(options)
  options.learning_rate = 1
  local model = nn.Sequential{nn.layers.Dense{1, use_bias=false, kernel_initializer="zeros", input_shape={2}}}
  -- The output is 0, so the loss |1000 - 0| falls by x with each unit of the weights: the gradient is -x.
  model:compile{loss="mae", optimizer=nn.optimizers.SGD(options)}
  model:train_on_batch(nn.tensor{{0.9, 100}}, nn.tensor{1000})
  local weights = model:get_weights()[1]:tolist()
  return weights[1][1], weights[2][1]
end

local function show(what, options)
  local a, b = step(options)
  print(("%-22s [%.6f, %.6f]"):format(what, a, b))
  return a, b
end
local function near(a, b) return math.abs(a - b) < 1e-5 * math.max(1, math.abs(b)) end

local a, b = show("as it is", {})
assert(near(a, 0.9) and near(b, 100))
a, b = show("clipvalue=1.0", {clipvalue=1.0})
assert(near(a, 0.9) and near(b, 1), "the direction changes")
a, b = show("clipnorm=1.0", {clipnorm=1.0})
assert(near(a, 0.00899964) and near(b, 0.9999595), "the direction stays")
a, b = show("global_clipnorm=1.0", {global_clipnorm=1.0})
assert(near(a, 0.00899964) and near(b, 0.9999595))

-- What it is good for: a rate that throws the weights out of every bound, and the same rate on a leash.
local x = nn.random.normal{shape={256, 20}, seed=3} * 10
local y = x:sum{axis=2}
local function train(options)
  options.learning_rate = 0.05
  nn.set_seed(1)
  local model = nn.Sequential{
    nn.layers.Dense{30, activation="relu", kernel_initializer="he_normal", input_shape={20}}, nn.layers.Dense(1),
  }
  model:compile{loss="mse", optimizer=nn.optimizers.SGD(options)}
  local loss = model:fit(x, y, {epochs=20, verbose=0}).history.loss
  return loss[1], loss[#loss]
end
local ok, message = pcall(train, {})
print("\nwithout clipping: " .. tostring(message))
assert(not ok and tostring(message):find("fit: the", 1, true), "this rate should not work")
local first, last = train{clipnorm=1.0}
print(("with clipnorm=1.0: the loss falls from %.1f to %.1f"):format(first, last))
assert(last < first / 2)
