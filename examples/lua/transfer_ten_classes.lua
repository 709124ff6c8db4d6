-- Transfer from all ten classes: a network that has learned to tell all clothes from one another is cut before its last layer and tells
-- T-shirts from sandals.
--
--   nnrepl examples/lua/transfer_ten_classes.lua
--
-- NN_EXAMPLE_EPOCHS=2 cuts the trainings short. The data come from the Debian package dataset-fashion-mnist.

local short = tonumber(os.getenv("NN_EXAMPLE_EPOCHS"))
local L = nn.layers
nn.set_seed(42)

local x_full, y_full, x_test, y_test = nn.datasets.fashion_mnist.load_data()
local last = short and 15000 or -1
local x_valid, x_train = x_full:slice(1, 5000) / 255, x_full:slice(5001, last) / 255
local y_valid, y_train = y_full:slice(1, 5000), y_full:slice(5001, last)
x_test = x_test / 255

-- All ten classes, and into a file.
local model_A = nn.Sequential{
  L.Flatten{input_shape={28, 28}},
  L.Dense{300, activation="elu", kernel_initializer="he_normal", name="hidden_1"},
  L.Dense{100, activation="elu", kernel_initializer="he_normal", name="hidden_2"},
  L.Dense{10, activation="softmax", name="ten_classes"},
}
model_A:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.SGD{learning_rate=1e-2}, metrics={"accuracy"}}
local history = model_A:fit(x_train, y_train, {epochs=short or 10, validation_data={x_valid, y_valid}, verbose=0}).history
print(("ten classes: validation accuracy %.4f"):format(history.val_accuracy[#history.val_accuracy]))
local path = os.tmpname()
model_A:save(path .. ".keras")

-- T-shirts (0) and sandals (5); the label says whether it is a sandal.
local function two_classes(x, y)
  local keep = y:eq(0) | y:eq(5)
  return x[keep], y[keep]:eq(5)
end
local x, y = two_classes(x_train, y_train)
local x_check, y_check = two_classes(x_test, y_test)

-- What the file has is a model of its own; without its last layer it is the body of the new one.
local body = nn.load_model(path .. ".keras", {compile=false})
assert(body:pop().name == "ten_classes")
body.trainable = false
local model_B = nn.Sequential{body, L.Dense{1, activation="sigmoid"}}
local function train(rate, epochs)
  model_B:compile{loss="binary_crossentropy", optimizer=nn.optimizers.SGD{learning_rate=rate}, metrics={"accuracy"}}
  model_B:fit(x, y, {epochs=epochs, validation_split=0.2, verbose=0})
  local _, accuracy = model_B:evaluate(x_check, y_check, {verbose=0})
  return accuracy
end
local before = body:get_layer("hidden_1"):get_weights()[1]
local frozen = train(1e-2, 4)
assert(body:get_layer("hidden_1"):get_weights()[1]:eq(before):all():item() == true, "frozen layers have changed")

-- A small rate now: what was learned is to be adjusted, not forgotten.
body.trainable = true
local tuned = train(1e-3, short or 4)
assert(body:get_layer("hidden_1"):get_weights()[1]:ne(before):any():item() == true, "no layer has been tuned")
print(("T-shirts against sandals, test accuracy: %.4f with the body frozen, %.4f after tuning it"):format(frozen, tuned))
assert(frozen > 0.985 and tuned > 0.985)

-- The new model goes into a file, too, and its weights find their way into another by their layers' names.
model_B:save(path .. ".h5")
local again = nn.load_model(path .. ".h5")
assert(again:predict(x_check):eq(model_B:predict(x_check)):all():item() == true)
local fresh = nn.clone_model(model_A)
fresh:load_weights(path .. ".keras", {by_name=true})
assert(fresh:predict(x_check):eq(model_A:predict(x_check)):all():item() == true)
for _, suffix in ipairs{"", ".keras", ".h5"} do os.remove(path .. suffix) end
