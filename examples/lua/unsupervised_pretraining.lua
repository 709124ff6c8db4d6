-- Chapter 11, "Unsupervised Pretraining": where labels are few, an autoencoder learns from images without labels what clothes look like;
-- its encoder is then the lower part of a classifier that has 500 labels to learn from.
--
--   nnrepl examples/lua/unsupervised_pretraining.lua [--seeds 1,2,3]
--
-- NN_EXAMPLE_EPOCHS=2 cuts the autoencoder's training short. The data come from the Debian package dataset-fashion-mnist.

local short = tonumber(os.getenv("NN_EXAMPLE_EPOCHS"))
local L = nn.layers

local shared = arg[0]:gsub("[^/]*$", "") .. "shared/"
local seeds = dofile(shared .. "seeds.lua")(short and {1} or {1, 2, 3})

local x_full, y_full, x_test, y_test = nn.datasets.fashion_mnist.load_data()
x_full, x_test = x_full / 255, x_test / 255
local x_all = x_full:slice(5001, short and 25000 or -1)

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
  return history.loss[#history.loss]
end

local path = os.tmpname()
dofile(shared .. "few_labels.lua"){
  seeds=seeds, x=x_full, y=y_full, x_test=x_test, y_test=y_test, first=5001, body=encoder,
  short=short,
  pretrained=function()
    local loss = pretrain(path .. ".keras")
    return nn.load_model(path .. ".keras"), ("the autoencoder's loss %.4f"):format(loss)
  end,
}
os.remove(path .. ".keras")
os.remove(path)
