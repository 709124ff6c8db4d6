-- The first network of the book's chapter 10: ten kinds of clothing, recognised in images of 28×28 pixels.
--
--   nnrepl examples/lua/fashion_mnist.lua
--
-- NN_EXAMPLE_EPOCHS=2 makes it short. The data come from the Debian package dataset-fashion-mnist.

local epochs = tonumber(os.getenv("NN_EXAMPLE_EPOCHS") or 20)
local L = nn.layers
nn.set_seed(42)

-- 60,000 images to learn from, 10,000 to be judged by; a pixel is a byte. The first 5,000 are kept for validation.
local x_full, y_full, x_test, y_test = nn.datasets.fashion_mnist.load_data()
local class_names = nn.datasets.fashion_mnist.class_names
local x_valid, x_train = x_full:slice(1, 5000) / 255, x_full:slice(5001, -1) / 255
x_test = x_test / 255
local y_valid, y_train = y_full:slice(1, 5000), y_full:slice(5001, -1)

local model = nn.Sequential{
  L.Flatten{input_shape={28, 28}},
  L.Dense{300, activation="relu"},
  L.Dense{100, activation="relu"},
  L.Dense{10, activation="softmax"},
}
model:summary()

model:compile{
  loss="sparse_categorical_crossentropy",
  optimizer=nn.optimizers.SGD{learning_rate=0.01},
  metrics={"accuracy"},
}
local history = model:fit(x_train, y_train, {epochs=epochs, batch_size=32, validation_data={x_valid, y_valid}})

local loss, accuracy = model:evaluate(x_test, y_test, {verbose=0})
print(string.format("\nTest images: loss %.4f, accuracy %.4f\n", loss, accuracy))

-- Each row of predict's result has one probability for each class.
local probabilities = model:predict(x_test:slice(1, 5), {verbose=0}):tolist()
for i, row in ipairs(probabilities) do
  local best = 1
  for class = 2, #row do
    if row[class] > row[best] then best = class end
  end
  print(string.format("%-12s %5.1f %%   (it is: %s)", class_names[best], 100 * row[best], class_names[y_test[i] + 1]))
end

-- What the book reports for this network, and what the text above claims.
local val_accuracy = history.history.val_accuracy
local best = math.max(table.unpack(val_accuracy))
assert(#val_accuracy == epochs, "one entry of the history for each epoch")
assert(best > (epochs >= 20 and 0.88 or 0.80), "validation accuracy is only " .. best)
assert(math.abs(accuracy - best) < 0.03, "test accuracy is " .. accuracy)
local losses = history.history.loss
assert(epochs == 1 or losses[#losses] < losses[1], "the loss has not fallen")
