-- Chapter 11, "Avoiding Overfitting Through Regularization": l1 and l2, max-norm, dropout, alpha dropout.
--
--   nnrepl examples/lua/regularization.lua
--
-- NN_EXAMPLE_EPOCHS=2 makes it short. The data come from the Debian package dataset-fashion-mnist.

local epochs = math.min(30, tonumber(os.getenv("NN_EXAMPLE_EPOCHS") or 30))
local short = epochs < 30
local L = nn.layers

-- Few images, so that a network can learn them by heart.
local x_full, y_full = nn.datasets.fashion_mnist.load_data()
local x_train, y_train = x_full:slice(5001, 7000) / 255, y_full:slice(5001, 7000)
local x_valid, y_valid = x_full:slice(1, 5000) / 255, y_full:slice(1, 5000)

-- build(dense) makes the hidden layers; `dense` has what all of them share.
local function train(options)
  nn.set_seed(42)
  local model = nn.Sequential{L.Flatten{input_shape={28, 28}}}
  for _, units in ipairs{300, 100, 10} do
    if options.dropout then model:add(options.dropout()) end
    model:add(L.Dense{units,
      activation=units == 10 and "softmax" or options.activation or "elu",
      kernel_initializer=options.initializer or "he_normal",
      kernel_regularizer=options.regularizer, kernel_constraint=options.constraint})
  end
  model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.Adam(),
                metrics={"accuracy", "sparse_categorical_crossentropy"}}
  model:fit(x_train, y_train, {epochs=epochs, verbose=0})
  -- Both without penalties and with dropout off, so that they can be compared.
  local _, train_accuracy, train_loss = model:evaluate(x_train, y_train, {verbose=0})
  local _, valid_accuracy, valid_loss = model:evaluate(x_valid, y_valid, {verbose=0})
  return model, {gap=valid_loss - train_loss, train=train_accuracy, valid=valid_accuracy}
end

local function norm(model)
  return math.sqrt(model:get_weights()[1]:square():sum():item())
end

print(("%-28s %-10s %-12s %s"):format("", "training", "validation", "loss: validation - training"))
local results, models = {}, {}
for _, row in ipairs{
  {"nothing", {}},
  {"l2(0.001)", {regularizer=nn.regularizers.l2(0.001)}},
  {"l1(0.0005)", {regularizer=nn.regularizers.l1(0.0005)}},
  {"l1_l2(0.0001, 0.001)", {regularizer=nn.regularizers.l1_l2(0.0001, 0.001)}},
  {"max_norm(1)", {constraint=nn.constraints.max_norm(1)}},
  {"dropout 0.2", {dropout=function() return L.Dropout{rate=0.2} end}},
  {"alpha dropout 0.1, SELU", {dropout=function() return L.AlphaDropout{rate=0.1} end, activation="selu",
                               initializer="lecun_normal"}},
} do
  local name = row[1]
  models[name], results[name] = train(row[2])
  local r = results[name]
  print(("%-28s %-10.4f %-12.4f %.4f"):format(name, r.train, r.valid, r.gap))
  assert(r.valid > 0.6, name .. " has not learned enough")
end

-- Penalties keep weights small; l1 makes many of them zero (nearly: a step of Adam goes past it and back).
assert(norm(models["l2(0.001)"]) < norm(models["nothing"]))
local function small(model) return model:get_weights()[1]:abs():lt(1e-3):mean():item() end
print(("\nweights below 0.001: %.0f %% without a penalty, %.0f %% with l1"):format(
  100 * small(models["nothing"]), 100 * small(models["l1(0.0005)"])))
assert(small(models["l1(0.0005)"]) > 2 * small(models["nothing"]))

-- The constraint holds after every step: no neuron's weights are longer than 1.
local kernel = models["max_norm(1)"]:get_weights()[1]
assert(kernel:square():sum{axis=1}:max():item() <= 1.0001)

-- And the point of it all: the gap between what was learned by heart and what was understood gets smaller.
if not short then
  for _, name in ipairs{"l2(0.001)", "l1(0.0005)", "l1_l2(0.0001, 0.001)", "max_norm(1)", "dropout 0.2"} do
    assert(results[name].gap < results["nothing"].gap, name .. " should overfit less")
  end
end
