-- Chapter 11, "Pretraining on an Auxiliary Task": a network first learns to say whether two images show the same kind of clothes, for which
-- nobody has to name the kinds; its body is then the lower part of a classifier that has 500 labels to learn from.
--
--   nnrepl examples/lua/auxiliary_task.lua [--seeds 1,2,3]
--
-- NN_EXAMPLE_EPOCHS=2 takes two seeds only, twenty seconds each. The data come from the Debian package dataset-fashion-mnist.

local short = tonumber(os.getenv("NN_EXAMPLE_EPOCHS"))
local L = nn.layers

local shared = arg[0]:gsub("[^/]*$", "") .. "shared/"
local seeds = dofile(shared .. "seeds.lua")(short and {1, 2} or {1, 2, 3})

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
  local left, right, same = pairs_of(x_full:slice(5001, 25000), y_full:slice(5001, 25000))
  local a, b = nn.Input{shape={28, 28}, name="left"}, nn.Input{shape={28, 28}, name="right"}
  local body = body()  -- one, used twice
  local difference = L.Subtract(){body(a), body(b)}
  local squares = L.Multiply(){difference, difference}
  local siamese = nn.Model{inputs={a, b}, outputs=L.Dense{1, activation="sigmoid"}(L.BatchNormalization()(squares))}
  siamese:compile{loss="binary_crossentropy", optimizer=nn.optimizers.Nadam{learning_rate=1e-3}, metrics={"accuracy"}}
  local history = siamese:fit({left=left, right=right}, same, {epochs=5, batch_size=128, verbose=0}).history
  siamese:save(path)
  return history.accuracy[#history.accuracy]
end

local path = os.tmpname()
dofile(shared .. "few_labels.lua"){
  seeds=seeds, x=x_full, y=y_full, x_test=x_test, y_test=y_test, body=body,
  first=30001,  -- none of them was in a pair
  pretrained=function()
    local same = pretrain(path .. ".h5")
    return nn.load_model(path .. ".h5"):get_layer("body"), ("same or different %.4f"):format(same)
  end,
}
os.remove(path .. ".h5")
os.remove(path)
