-- What a trained model is asked beyond predict: predict_mc.
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
