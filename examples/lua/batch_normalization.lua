-- Chapter 11, "Batch Normalization": what it does to a batch, what it keeps, and what it is good for.
--
--   nnrepl examples/lua/batch_normalization.lua
--
-- NN_EXAMPLE_EPOCHS=2 makes it short. The data come from the Debian package dataset-fashion-mnist.

local epochs = math.min(5, tonumber(os.getenv("NN_EXAMPLE_EPOCHS") or 5))
local L = nn.layers
nn.set_seed(42)

-- In training each feature gets mean 0 and deviation 1 over the batch; moving averages are kept for later.
local bn = L.BatchNormalization{momentum=0.9, input_shape={3}}
local alone = nn.Sequential{bn}
local x = nn.random.normal{shape={1000, 3}, seed=1} * 5 + 20
local y = alone(x, {training=true})
assert(math.abs(y:mean():item()) < 1e-3 and math.abs(y:std():item() - 1) < 1e-3)
for _, variable in ipairs(bn.variables) do print(variable.name, variable.trainable and "learned" or "counted") end
local moving_mean = alone:get_weights()[3]
assert(math.abs(moving_mean:mean():item() - 2) < 0.1, "a tenth of the batch's mean, 20, after one batch")

-- A frozen one is inference, whatever the call says, and its averages stand still.
bn.trainable = false
assert(alone(x, {training=true}):eq(alone(x)):all():item() == true)
assert(alone:get_weights()[3]:eq(moving_mean):all():item() == true)

-- The book's second network: normalization between a layer and its activation; the layer then needs no bias.
local function network(normalized)
  local model = nn.Sequential{L.Flatten{input_shape={28, 28}}}
  if normalized then model:add(L.BatchNormalization()) end
  for _, units in ipairs{300, 100} do
    model:add(L.Dense{units, kernel_initializer="he_normal", use_bias=not normalized})
    if normalized then model:add(L.BatchNormalization()) end
    model:add(L.Activation("elu"))
  end
  model:add(L.Dense{10, activation="softmax"})
  return model
end
network(true):summary()

-- Raw bytes, 0 to 255, as pixels: the plain network can not digest them at this rate, the normalized one does not care.
local x_full, y_full = nn.datasets.fashion_mnist.load_data()
local function accuracy(normalized)
  nn.set_seed(42)
  local model = network(normalized)
  model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.SGD{learning_rate=1e-2},
                metrics={"accuracy"}}
  local history = model:fit(x_full:slice(5001, 25000), y_full:slice(5001, 25000), {
    epochs=epochs, verbose=0, validation_data={x_full:slice(1, 5000), y_full:slice(1, 5000)}})
  return history.history.val_accuracy[epochs]
end
local plain_ok, plain = pcall(accuracy, false)
local normalized = accuracy(true)
print(("validation accuracy on raw bytes: %s without batch normalization, %.4f with it")
  :format(plain_ok and ("%.4f"):format(plain) or "none (the loss became infinite)", normalized))
assert(normalized > 0.75)
assert(not plain_ok or plain < normalized)
