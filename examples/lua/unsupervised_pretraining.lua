-- Chapter 11, "Unsupervised Pretraining": where labels are few, an autoencoder learns from images without labels what clothes look like;
-- its encoder is then the lower part of a classifier that has 500 labels to learn from.
--
--   nnrepl examples/lua/unsupervised_pretraining.lua [--seeds 1,2,3]
--
-- NN_EXAMPLE_EPOCHS=2 cuts the autoencoder's training short. The data come from the Debian package dataset-fashion-mnist.

local short = tonumber(os.getenv("NN_EXAMPLE_EPOCHS"))
local L = nn.layers

local seeds = short and {1} or {1, 2, 3}
if arg and arg[1] then
  if arg[1] ~= "--seeds" or not arg[2] then error("unknown argument '" .. arg[1] .. "'; there is --seeds 1,2,3", 0) end
  seeds = {}
  for word in arg[2]:gmatch("[^,]+") do
    seeds[#seeds + 1] = math.tointeger(tonumber(word)) or error("--seeds must be whole numbers, got '" .. word .. "'", 0)
  end
end

local labels = 500
local x_full, y_full, x_test, y_test = nn.datasets.fashion_mnist.load_data()
local x_all = x_full:slice(5001, short and 25000 or -1) / 255
x_test = x_test / 255

local function encoder()
  return nn.Sequential{
    L.Flatten{input_shape={28, 28}},
    L.Dropout{rate=0.3},
    L.Dense{300, activation="elu", kernel_initializer="he_normal"},
    L.Dense{100, activation="elu", kernel_initializer="he_normal"},
    name="encoder",
  }
end

--- Learns to draw images from what the encoder makes of them, with three in ten pixels missing. Needs no labels.
local function pretrain(path)
  local encoder = encoder()
  local autoencoder = nn.Sequential{
    encoder,
    L.Dense{300, activation="elu", kernel_initializer="he_normal"},
    L.Dense{784, activation="sigmoid"},
    L.Reshape{{28, 28}},
  }
  autoencoder:compile{loss="binary_crossentropy", optimizer=nn.optimizers.Nadam{learning_rate=1e-3}}
  local history = autoencoder:fit(x_all, x_all, {epochs=short or 15, batch_size=128, verbose=0}).history
  assert(history.loss[#history.loss] < history.loss[1])
  encoder:save(path)
end

--- Test accuracy of a classifier on this encoder: the new layer alone first, if the encoder knows something already.
local function classify(encoder, is_trained, x, y)
  local model = nn.Sequential{encoder, L.Dense{10, activation="softmax"}}
  local function train(epochs)
    model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.Nadam{learning_rate=5e-4},
                  metrics={"accuracy"}}
    model:fit(x, y, {epochs=epochs, batch_size=32, verbose=0})
  end
  if is_trained then
    encoder.trainable = false
    train(10)
    encoder.trainable = true
    train(20)
  else
    train(30)
  end
  local _, accuracy = model:evaluate(x_test, y_test, {verbose=0})
  return accuracy
end

local path = os.tmpname()
local scratch, pretrained, better = 0, 0, 0
for i, seed in ipairs(seeds) do
  nn.set_seed(seed)
  -- Other 500 images each time.
  local first = 5001 + 500 * (i - 1)
  local x, y = x_full:slice(first, first + labels - 1) / 255, y_full:slice(first, first + labels - 1)
  pretrain(path .. ".keras")
  local from_scratch = classify(encoder(), false, x, y)
  local on_encoder = classify(nn.load_model(path .. ".keras"), true, x, y)
  print(("seed %d, %d labels, test accuracy: %.4f from scratch, %.4f on the autoencoder's encoder"):format(
    seed, labels, from_scratch, on_encoder))
  scratch, pretrained = scratch + from_scratch / #seeds, pretrained + on_encoder / #seeds
  if on_encoder > from_scratch then better = better + 1 end
end
os.remove(path .. ".keras")
os.remove(path)
print(("mean: %.4f from scratch, %.4f pretrained"):format(scratch, pretrained))
assert(better == #seeds, "pretraining without labels must help, with each seed")
