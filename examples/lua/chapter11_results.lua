-- Chapter 11 of the book, "Training Deep Neural Networks": the networks whose results its notebook shows, trained here with
-- the same settings on the same data, and both results side by side.
--
--   nnrepl examples/lua/chapter11_results.lua [--rows 1,4,5] [--seeds 1,2,3,4,5] [--deep]
--
-- Rows 2 and 3 have a hundred layers and take longest: they run with --deep, or when they are named. A row is reproduced
-- when four of five seeds end within 0.012 of the published validation accuracy (0.006 after 20 epochs and more) and within
-- 8 % of the published validation loss. With NN_EXAMPLE_EPOCHS=2 each row is cut short, to 20,000 images, too, and must only
-- have learned something.
-- The data come from the Debian package dataset-fashion-mnist.

local L = nn.layers

-- The published numbers, and how each row's network is made and trained -----------------------------------------------------

local function flatten() return L.Flatten{input_shape={28, 28}} end
local function output(options)
  options = options or {}
  return L.Dense{10, activation="softmax", kernel_regularizer=options.kernel_regularizer}
end

local function leaky()
  return nn.Sequential{
    flatten(),
    L.Dense{300, kernel_initializer="he_normal"}, L.LeakyReLU(),
    L.Dense{100, kernel_initializer="he_normal"}, L.LeakyReLU(),
    output(),
  }
end

local function deep(activation, initializer)
  return function()
    local model = nn.Sequential{flatten()}
    for i = 1, 100 do
      model:add(L.Dense{i == 1 and 300 or 100, activation=activation, kernel_initializer=initializer})
    end
    model:add(output())
    return model
  end
end

local function normalized()
  return nn.Sequential{
    flatten(), L.BatchNormalization(),
    L.Dense{300, activation="relu"}, L.BatchNormalization(),
    L.Dense{100, activation="relu"}, L.BatchNormalization(),
    output(),
  }
end

local function selu()
  return nn.Sequential{
    flatten(),
    L.Dense{300, activation="selu", kernel_initializer="lecun_normal"},
    L.Dense{100, activation="selu", kernel_initializer="lecun_normal"},
    output(),
  }
end

local function regularized()
  local l2 = nn.regularizers.l2(0.01)
  return nn.Sequential{
    flatten(),
    L.Dense{300, activation="elu", kernel_initializer="he_normal", kernel_regularizer=l2},
    L.Dense{100, activation="elu", kernel_initializer="he_normal", kernel_regularizer=l2},
    output{kernel_regularizer=l2},
  }
end

local function dropout()
  return nn.Sequential{
    flatten(), L.Dropout{rate=0.2},
    L.Dense{300, activation="elu", kernel_initializer="he_normal"}, L.Dropout{rate=0.2},
    L.Dense{100, activation="elu", kernel_initializer="he_normal"}, L.Dropout{rate=0.2},
    output(),
  }
end

local function sgd(options)
  return function() return nn.optimizers.SGD(options) end
end

local rows = {
  {name="LeakyReLU, SGD 1e-3", build=leaky, optimizer=sgd{learning_rate=1e-3}, epochs=10, loss=0.4797, accuracy=0.8430},
  {name="100 layers of SELU", build=deep("selu", "lecun_normal"), optimizer=sgd{learning_rate=1e-3}, epochs=5,
   loss=0.4790, accuracy=0.8358, scaled=true, deep=true},
  {name="100 layers of ReLU", build=deep("relu", "he_normal"), optimizer=sgd{learning_rate=1e-3}, epochs=5,
   loss=0.7697, accuracy=0.7032, scaled=true, deep=true},
  {name="batch normalization", build=normalized, optimizer=sgd{learning_rate=1e-3}, epochs=10,
   loss=0.3581, accuracy=0.8766},
  {name="power scheduling", build=selu, optimizer=sgd{learning_rate=0.01, decay=1e-4}, epochs=25,
   loss=0.3199, accuracy=0.8922, scaled=true},
  {name="1cycle", build=selu, optimizer=sgd{learning_rate=1e-3}, epochs=25, batch_size=128,
   callbacks=function() return {nn.callbacks.OneCycle{max_lr=0.05}} end,
   loss=0.3169, accuracy=0.8942, scaled=true},
  {name="l2 on every kernel, Nadam", build=regularized, optimizer=function() return nn.optimizers.Nadam() end, epochs=2,
   loss=0.7029, accuracy=0.8304, scaled=true},
  {name="dropout, Nadam", build=dropout, optimizer=function() return nn.optimizers.Nadam() end, epochs=2,
   loss=0.3534, accuracy=0.8728, scaled=true},
}

-- What was asked for --------------------------------------------------------------------------------------------------------

local function numbers(text, what)
  local found = {}
  for word in tostring(text):gmatch("[^,]+") do
    found[#found + 1] = math.tointeger(tonumber(word))
      or error(what .. " must be whole numbers, got '" .. word .. "'", 0)
  end
  return found
end

local short = tonumber(os.getenv("NN_EXAMPLE_EPOCHS"))
local seeds = short and {1} or {1, 2, 3, 4, 5}
local chosen = {}
for i, row in ipairs(rows) do if not row.deep then chosen[#chosen + 1] = i end end
local i = 1
while arg and arg[i] do
  local word = arg[i]
  if word == "--deep" then
    chosen = {}
    for n = 1, #rows do chosen[n] = n end
  elseif word == "--rows" then
    i = i + 1
    chosen = numbers(arg[i], "--rows")
  elseif word == "--seeds" then
    i = i + 1
    seeds = numbers(arg[i], "--seeds")
  else
    error("unknown argument '" .. word .. "'; there are --rows, --seeds and --deep", 0)
  end
  i = i + 1
end

-- The data ------------------------------------------------------------------------------------------------------------------

local x_full, y_full = nn.datasets.fashion_mnist.load_data()
local last = short and 25000 or -1
local x_valid, x_train = x_full:slice(1, 5000) / 255, x_full:slice(5001, last) / 255
local y_valid, y_train = y_full:slice(1, 5000), y_full:slice(5001, last)

-- Each pixel with mean 0 and standard deviation 1 over the training images.
local mean, deviation = x_train:mean{axis=1, keepdims=true}, x_train:std{axis=1, keepdims=true}
local x_train_scaled, x_valid_scaled = (x_train - mean) / deviation, (x_valid - mean) / deviation

-- Training ------------------------------------------------------------------------------------------------------------------

local function train(row, seed)
  nn.set_seed(seed)
  local model = row.build()
  model:compile{loss="sparse_categorical_crossentropy", optimizer=row.optimizer(), metrics={"accuracy"}}
  local options = {
    epochs=math.min(row.epochs, short or row.epochs), batch_size=row.batch_size or 32, verbose=0,
    validation_data={row.scaled and x_valid_scaled or x_valid, y_valid},
    callbacks=row.callbacks and row.callbacks(),
  }
  local history = model:fit(row.scaled and x_train_scaled or x_train, y_train, options).history
  return history.val_loss[options.epochs], history.val_accuracy[options.epochs]
end

--- True when these results are the published ones, as far as a seed lets them be.
local function reproduces(row, loss, accuracy)
  if short then return accuracy > (row.deep and 0.3 or 0.6) end
  if row.deep then return math.abs(accuracy - row.accuracy) < 0.03 end
  local tolerance = row.epochs >= 20 and 0.006 or 0.012
  return math.abs(accuracy - row.accuracy) <= tolerance and math.abs(loss / row.loss - 1) <= 0.08
end

local function average(list)
  local sum = 0
  for _, value in ipairs(list) do sum = sum + value end
  return sum / #list
end

local line = "%-2s %-27s %-17s %-17s %-9s %s"
print(line:format("#", "network", "published", "ours", "seeds", "result"))
print(line:format("", "", "loss    accuracy", "loss    accuracy", "", ""))
local failed, accuracies = {}, {}
for _, n in ipairs(chosen) do
  local row = rows[n] or error("there is no row " .. n, 0)
  local published = ("%.4f  %.4f"):format(row.loss, row.accuracy)
  local losses, good = {}, 0
  accuracies[n] = {}
  local start = os.time()
  for i, seed in ipairs(seeds) do
    losses[i], accuracies[n][i] = train(row, seed)
    if reproduces(row, losses[i], accuracies[n][i]) then good = good + 1 end
    if #seeds > 1 then
      io.stderr:write(("   row %d, seed %d: %.4f  %.4f\n"):format(n, seed, losses[i], accuracies[n][i]))
    end
  end
  -- Row 3 is about its order: what vanishing gradients leave differs from seed to seed.
  local passed = n == 3 or good >= #seeds * 0.8
  if not passed then failed[#failed + 1] = n end
  local ours = ("%.4f  %.4f"):format(average(losses), average(accuracies[n]))
  local verdict = short and (passed and "cut short, learns" or "DOES NOT LEARN")
    or n == 3 and "compare with row 2" or passed and "reproduced" or "DIFFERENT"
  verdict = ("%s, %d s"):format(verdict, os.time() - start)
  print(line:format(n, row.name, published, ours, good .. " of " .. #seeds, verdict))
end

-- Vanishing gradients: a hundred layers of ReLU learn visibly less than a hundred of SELU.
if accuracies[2] and accuracies[3] and not short then
  local better, worse = average(accuracies[2]), average(accuracies[3])
  print(("SELU is ahead of ReLU by %.4f"):format(better - worse))
  assert(better - worse > 0.05, "100 layers of ReLU should do visibly worse than 100 of SELU")
end
assert(#failed == 0, "not reproduced: rows " .. table.concat(failed, ", "))
