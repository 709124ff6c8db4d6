-- Trains the book's first network on a little of Fashion-MNIST with arg[1] threads and prints every number of the
-- history exactly. losses.c does the same from C; Tests/checks/agreement.sh compares.
nn.num_threads(tonumber(arg[1]))
nn.set_seed(7)
local L = nn.layers
local x, y = nn.datasets.fashion_mnist.load_data()
local model = nn.Sequential{
  L.Flatten{input_shape={28, 28}},
  L.Dense{300, activation="relu"},
  L.Dense{100, activation="relu"},
  L.Dense{10, activation="softmax"},
}
model:compile{loss="sparse_categorical_crossentropy", optimizer="sgd", metrics={"accuracy"}}
local history = model:fit(x:slice(1, 2000) / 255, y:slice(1, 2000), {epochs=2, validation_split=0.1, verbose=0})
for _, key in ipairs{"loss", "accuracy", "val_loss", "val_accuracy"} do
  for _, value in ipairs(history.history[key]) do print(string.format("%s %a", key, value)) end
end
