-- What a trained model is asked beyond predict: predict_mc, fold_batch_normalization; and find_learning_rate before it is trained.
local check = require "check"
local L = nn.layers

local function network()
  return nn.Sequential{ L.Dropout{0.2, input_shape={6}}, L.Dense{8, activation="elu"}, L.Dropout{0.2},
                        L.Dense{3, activation="softmax"} }
end
local x = nn.random.normal{shape={20, 6}, seed=1}

do  -- predict_mc: mean and standard deviation over passes
  nn.set_seed(3)
  local model = network()
  local mean, std = model:predict_mc(x, {samples=50})
  check.equal(mean.shape, {20, 3})
  check.equal(std.shape, {20, 3})
  check.near(mean:sum{axis=2}, nn.ones{20})
  assert(std:min():item() > 0)
  -- the same seed, the same numbers; x may come by name
  nn.set_seed(3)
  local again, deviation = network():predict_mc{x=x, samples=50}
  check.equal(again, mean)
  check.equal(deviation, std)
  -- the passes kept instead: the same masks, the same moments
  local twin = network()
  nn.set_seed(4)
  local kept = {}
  for i = 1, 10 do kept[i] = twin(x, {training=true}) end
  nn.set_seed(4)
  local m, s = twin:predict_mc(x, {samples=10})
  check.near(m, nn.stack(kept):mean{axis=1})
  check.near(s, nn.stack(kept):std{axis=1})
  check.fails("nothing is random", function() nn.Sequential{L.Dense{1, input_shape={6}}}:predict_mc(x) end)
  check.fails("'samples' must be a positive integer", model.predict_mc, model, x, {samples=0})
  check.fails("did you mean 'samples'?", model.predict_mc, model, x, {sample=3})
  -- a callback sees each pass
  local Count = nn.callbacks.Callback:subclass("Count")
  local passes = 0
  function Count:on_predict_batch_end() passes = passes + 1 end
  model:predict_mc(x, {samples=7, batch_size=10, callbacks={Count()}})
  check.equal(passes, 14)
end

do  -- fold_batch_normalization: the chapter's model_1
  local model = nn.Sequential{ L.Flatten{input_shape={2, 3}}, L.BatchNormalization(), L.Dense{8, activation="elu"},
                               L.BatchNormalization(), L.Dense{3, activation="softmax"}, name="model_1" }
  model:compile{loss="sparse_categorical_crossentropy", optimizer="nadam"}
  local images, labels = x:reshape{20, 2, 3}, nn.arange(20) % 3
  model:fit(images, labels, {epochs=5, verbose=0})
  local served = model:fold_batch_normalization()
  check.equal(#served.layers, 3)
  check.equal(#model.layers, 5)
  check.equal(served.name, "model_1")
  check.equal(served.layers[2].name, model.layers[3].name)
  check.near(served:predict(images), model:predict(images))
  check.fails("not built", function() nn.Sequential{L.BatchNormalization(), L.Dense(1)}:fold_batch_normalization() end)
end

do  -- find_learning_rate: rates, losses, and no trace
  local model = network()
  model:compile{loss="sparse_categorical_crossentropy",
                optimizer=nn.optimizers.SGD{learning_rate=0.02, momentum=0.9}}
  local labels = nn.arange(20) % 3
  local before = model:get_weights()
  local rates, losses = model:find_learning_rate(x, labels, {min_rate=1e-4, max_rate=1, epochs=2, batch_size=5})
  check.equal(rates.shape, {8})
  check.equal(losses.shape, {8})
  check.near(rates[1], 1e-4)
  check.near(rates[5], 1e-2)
  for i, weight in ipairs(model:get_weights()) do check.equal(weight, before[i]) end
  check.equal(model.optimizer.learning_rate, 0.02)
  check.equal(model.optimizer.iterations, 0)
  check.equal(model.history, nil)
  check.equal(#{model:find_learning_rate(x, labels)}, 2)
  check.fails("did you mean 'min_rate'?", model.find_learning_rate, model, x, labels, {min_rates=1})
  check.fails("must be smaller than 'max_rate'", model.find_learning_rate, model, x, labels, {min_rate=20})
  check.fails("not compiled", function() network():find_learning_rate(x, labels) end)
end
