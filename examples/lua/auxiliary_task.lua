-- Chapter 11, "Pretraining on an Auxiliary Task": a network first learns to say whether two images show the same kind of clothes, for which
-- nobody has to name the kinds; its body is then the lower part of a classifier that has 500 labels to learn from.
--
--   nnrepl examples/lua/auxiliary_task.lua [--seeds 1,2,3]
--
-- NN_EXAMPLE_EPOCHS=2 cuts the first training short. The data come from the Debian package dataset-fashion-mnist.

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
x_full, x_test = x_full / 255, x_test / 255

local function body()
  return nn.Sequential{
    L.Flatten{input_shape={28, 28}},
    L.Dense{300, activation="elu", kernel_initializer="he_normal"},
    L.Dense{100, activation="elu", kernel_initializer="he_normal"},
    name="body",
  }
end

--- Pairs of images, and whether both show the same kind: as many of one kind as pairs at random.
local function pairs_of(x, y)
  local left, right, same = {}, {}, {}
  local function add(a, b, is_same)
    left[#left + 1], right[#right + 1], same[#same + 1] = a, b, is_same
  end
  for kind = 0, 9 do
    local images = x[y:eq(kind)]
    add(images, images:take(nn.random.permutation(#images)), nn.ones{#images})
  end
  local order = nn.random.permutation(#x)
  add(x, x:take(order), y:eq(y:take(order)):astype("float32"))
  return nn.concat(left), nn.concat(right), nn.concat(same)
end

--- The auxiliary network: what the body makes of both images is compared, number by number. Goes into a file as a whole.
local function pretrain(path)
  local left, right, same = pairs_of(x_full:slice(5001, short and 10000 or 25000), y_full:slice(5001, short and 10000 or 25000))
  local a, b = nn.Input{shape={28, 28}, name="left"}, nn.Input{shape={28, 28}, name="right"}
  local body = body()  -- one, used twice
  local difference = L.Subtract(){body(a), body(b)}
  local squares = L.Multiply(){difference, difference}
  local siamese = nn.Model{inputs={a, b}, outputs=L.Dense{1, activation="sigmoid"}(L.BatchNormalization()(squares))}
  siamese:compile{loss="binary_crossentropy", optimizer=nn.optimizers.Nadam{learning_rate=1e-3}, metrics={"accuracy"}}
  local history = siamese:fit({left=left, right=right}, same, {epochs=short or 5, batch_size=128, verbose=0}).history
  siamese:save(path)
  return history.accuracy[#history.accuracy]
end

--- Test accuracy of a classifier on this body: the new layer alone first, if the body knows something already.
local function classify(body, is_trained, x, y)
  local model = nn.Sequential{body, L.Dense{10, activation="softmax"}}
  local function train(epochs)
    model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.Nadam{learning_rate=5e-4},
                  metrics={"accuracy"}}
    model:fit(x, y, {epochs=epochs, batch_size=32, verbose=0})
  end
  if is_trained then
    body.trainable = false
    train(10)
    body.trainable = true
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
  -- Other 500 images each time, none of which was in a pair.
  local first = 30001 + labels * (i - 1)
  local x, y = x_full:slice(first, first + labels - 1), y_full:slice(first, first + labels - 1)
  local same = pretrain(path .. ".h5")
  local from_scratch = classify(body(), false, x, y)
  local on_body = classify(nn.load_model(path .. ".h5"):get_layer("body"), true, x, y)
  print(("seed %d: same or different %.4f; %d labels, test accuracy: %.4f from scratch, %.4f on the pretrained body"):format(
    seed, same, labels, from_scratch, on_body))
  scratch, pretrained = scratch + from_scratch / #seeds, pretrained + on_body / #seeds
  if on_body > from_scratch then better = better + 1 end
end
os.remove(path .. ".h5")
os.remove(path)
print(("mean: %.4f from scratch, %.4f pretrained"):format(scratch, pretrained))
assert(better == #seeds, "pretraining on the auxiliary task must help, with each seed")
