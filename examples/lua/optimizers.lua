-- Chapter 11, "Faster Optimizers": all of them on the same small network, and the state that they keep.
--
--   nnrepl examples/lua/optimizers.lua
--
-- NN_EXAMPLE_EPOCHS=2 makes it short. The data come from the Debian package dataset-fashion-mnist.

local epochs = math.min(5, tonumber(os.getenv("NN_EXAMPLE_EPOCHS") or 5))
local L, O = nn.layers, nn.optimizers

local x_full, y_full = nn.datasets.fashion_mnist.load_data()
local x_train, y_train = x_full:slice(5001, 25000) / 255, y_full:slice(5001, 25000)
local x_valid, y_valid = x_full:slice(1, 5000) / 255, y_full:slice(1, 5000)

local function train(optimizer)
  nn.set_seed(42)
  local model = nn.Sequential{
    L.Flatten{input_shape={28, 28}},
    L.Dense{100, activation="elu", kernel_initializer="he_normal"},
    L.Dense{10, activation="softmax"},
  }
  model:compile{loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics={"accuracy"}}
  local start = os.clock()
  local history = model:fit(x_train, y_train, {epochs=epochs, verbose=0, validation_data={x_valid, y_valid}}).history
  return history.loss[epochs], history.val_accuracy[epochs], os.clock() - start
end

print(("%-34s %-8s %-14s %s"):format("optimizer", "loss", "val_accuracy", "seconds"))
local accuracy, loss = {}, {}
for _, row in ipairs{
  {"SGD", O.SGD{learning_rate=1e-3}},
  {"SGD with momentum", O.SGD{learning_rate=1e-3, momentum=0.9}},
  {"SGD with Nesterov's momentum", O.SGD{learning_rate=1e-3, momentum=0.9, nesterov=true}},
  {"Adagrad", O.Adagrad{1e-2, epsilon=1e-7}},
  {"Adadelta", O.Adadelta{learning_rate=1, rho=0.95}},
  {"RMSprop", O.RMSprop{1e-3, rho=0.9}},
  {"Adam", O.Adam{1e-3, beta_1=0.9, beta_2=0.999}},
  {"Adam with amsgrad", O.Adam{1e-3, amsgrad=true}},
  {"Adamax", O.Adamax()},
  {"Nadam", O.Nadam()},
  {"AdamW", O.AdamW{1e-3, weight_decay=0.004}},
  {"Ftrl", O.Ftrl{0.01}},
  {"Lion", O.Lion{1e-4}},
} do
  local name, optimizer = row[1], row[2]
  local seconds
  loss[name], accuracy[name], seconds = train(optimizer)
  print(("%-34s %-8.4f %-14.4f %.2f"):format(name, loss[name], accuracy[name], seconds))
  assert(accuracy[name] > 0.6, name .. " has not learned enough")
end

-- The chapter's claims, as far as a short training shows them: momentum is ahead of plain gradient descent, and so are the
-- adaptive ones.
for _, name in ipairs{"SGD with momentum", "SGD with Nesterov's momentum", "RMSprop", "Adam", "Nadam"} do
  assert(loss[name] < loss["SGD"], name .. " should be faster than SGD")
end

-- The rate can be read and set at any time.
local sgd = O.SGD{learning_rate=0.1}
sgd.learning_rate = 0.05
assert(math.abs(sgd.learning_rate - 0.05) < 1e-9)
