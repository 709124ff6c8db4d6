-- Chapter 11, "Monte Carlo (MC) Dropout": a network with dropout says how sure it is, when dropout stays on.
--
--   nnrepl examples/lua/monte_carlo_dropout.lua
--
-- NN_EXAMPLE_EPOCHS=2 makes it short. The data come from the Debian package dataset-fashion-mnist.

local epochs = math.min(10, tonumber(os.getenv("NN_EXAMPLE_EPOCHS") or 10))
local L = nn.layers
nn.set_seed(42)

local x_full, y_full, x_test, y_test = nn.datasets.fashion_mnist.load_data()
local class_names = nn.datasets.fashion_mnist.class_names
local x_train, y_train = x_full:slice(5001, 25000) / 255, y_full:slice(5001, 25000)
x_test, y_test = x_test:slice(1, 2000) / 255, y_test:slice(1, 2000)

local model = nn.Sequential{
  L.Flatten{input_shape={28, 28}},
  L.Dropout{rate=0.2}, L.Dense{300, activation="elu", kernel_initializer="he_normal"},
  L.Dropout{rate=0.2}, L.Dense{100, activation="elu", kernel_initializer="he_normal"},
  L.Dropout{rate=0.2}, L.Dense{10, activation="softmax"},
}
model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.Nadam(), metrics={"accuracy"}}
model:fit(x_train, y_train, {epochs=epochs, verbose=2})

-- A hundred predictions with dropout on, and what they have in common.
local samples = {}
for i = 1, 100 do samples[i] = model(x_test, {training=true}) end
local y_probas = nn.stack(samples)
local y_proba, y_std = y_probas:mean{axis=1}, y_probas:std{axis=1}
local plain = model:predict(x_test, {verbose=0})

-- The first image, as the network sees it with and without doubts.
print(("\nThe first image is: %s"):format(class_names[y_test[1] + 1]))
for class = 1, 10 do
  if y_proba[1][class] > 0.005 then
    print(("%-12s plain %.3f   Monte Carlo %.3f ± %.3f"):format(
      class_names[class], plain[1][class], y_proba[1][class], y_std[1][class]))
  end
end

local function accuracy(probabilities)
  return probabilities:argmax{axis=-1}:eq(y_test):mean():item()
end
print(("\naccuracy: plain %.4f, Monte Carlo %.4f"):format(accuracy(plain), accuracy(y_proba)))
assert(accuracy(y_proba) > accuracy(plain) - 0.01 and accuracy(y_proba) > 0.8)

-- Each is a probability distribution; the mean of many is less sure of itself than one; and where the network is wrong, it
-- doubts more.
assert(math.abs(y_proba:sum{axis=-1}:min():item() - 1) < 1e-4)
assert(y_proba:max{axis=-1}:mean():item() < plain:max{axis=-1}:mean():item())
local doubt = y_std:max{axis=-1}
local right = y_proba:argmax{axis=-1}:eq(y_test)
local wrong_doubt, right_doubt = doubt[~right]:mean():item(), doubt[right]:mean():item()
print(("standard deviation of the first choice: %.3f where it is wrong, %.3f where it is right"):format(
  wrong_doubt, right_doubt))
assert(wrong_doubt > 1.5 * right_doubt)
