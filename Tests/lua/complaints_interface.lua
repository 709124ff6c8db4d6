-- What users of other libraries complain about, and our answer: the complaints about interfaces. (Others: complaints.lua.)
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L, O, C = nn.layers, nn.optimizers, nn.callbacks

local x, y = nn.random.normal{shape = {40, 3}, seed = 1}, nn.ones{40, 1}
local function model(optimizer)
  local m = nn.Sequential{L.Dense{1, input_shape = {3}}}
  m:compile{loss = "mse", optimizer = optimizer or "sgd"}
  return m
end
local function fit(m, options)
  options.verbose = 0
  return m:fit(x, y, options)
end

do  -- 3. "Options accepted and silently ignored": unknown or ineffective ones are errors at the call, with a suggestion
  -- `lr` and `decay` mean what they say
  near(O.SGD{lr = 0.25}.learning_rate, 0.25)
  local m = nn.Sequential{L.Dense{1, use_bias = false, kernel_initializer = "zeros", input_shape = {1}}}
  m:compile{loss = "mae", optimizer = O.SGD{lr = 0.1, decay = 1}}
  for _ = 1, 2 do m:train_on_batch(nn.tensor{{1}}, nn.tensor{{1000}}) end
  near(m:get_weights()[1], {{0.1 + 0.1 / 2}})  -- the gradient is -1, the rate 0.1 / (1 + step)
  -- callbacks that set the rate of an optimizer whose schedule decides
  local scheduled = model(O.SGD(O.schedules.ExponentialDecay{0.1, 10, 0.5}))
  for _, callback in ipairs{C.ReduceLROnPlateau{monitor = "loss"}, C.LearningRateScheduler(function() return 0.1 end), C.OneCycle{max_lr = 0.1}} do
    fails("follows a schedule", fit, scheduled, {callbacks = {callback}})
  end
  fails("follows a schedule", function() scheduled.optimizer.learning_rate = 0.1 end)
  -- monitors that do not exist
  fails("nothing named 'val_los' is recorded", fit, model(), {callbacks = {C.EarlyStopping{monitor = "val_los"}}, validation_split = 0.5})
  fails("'val_loss' is recorded without validation data", fit, model(), {callbacks = {C.EarlyStopping()}})
  fails("'val_loss' is recorded without validation data", fit, model(), {callbacks = {C.ReduceLROnPlateau()}})
  fails("did you mean 'loss'?", fit, model(), {callbacks = {C.ReduceLROnPlateau{monitor = "lss"}}})
  -- two that set each batch's rate
  fails("OneCycle", fit, model(O.SGD(0.1)), {callbacks = {C.OneCycle{max_lr = 0.1}, C.OneCycle{max_lr = 0.2}}})
  -- weights for classes that are missing
  local classifier = nn.Sequential{L.Dense{3, activation = "softmax", input_shape = {3}}}
  classifier:compile{loss = "sparse_categorical_crossentropy", optimizer = "sgd"}
  local labels = (nn.arange(40) % 3):astype "int32"
  fails("no weight for the class 2", classifier.fit, classifier, x, labels, {verbose = 0, class_weight = {[0] = 1, [1] = 2}})
  equal(#classifier:fit(x, labels, {verbose = 0, class_weight = {[0] = 1, [1] = 2, [2] = 1}}).epoch, 1)
  -- misspelt anywhere
  for text, body in pairs{
    ["did you mean 'activation'"] = function() L.Dense{1, actvation = "relu"} end,
    ["did you mean 'momentum'"] = function() O.SGD{momentm = 0.9} end,
    ["did you mean 'patience'"] = function() C.EarlyStopping{patiense = 3} end,
    ["did you mean 'epochs'"] = function() fit(model(), {epocs = 3}) end,
    ["did you mean 'metrics'"] = function() model():compile{loss = "mse", metric = {"mae"}} end,
    ["did you mean 'batch_size'"] = function() model():predict(x, {batchsize = 3}) end,
    ["did you mean 'he_normal'"] = function() L.Dense{1, kernel_initializer = "he_norml"} end,
    ["did you mean 'axis'"] = function() x:sum{axs = 1} end,
  } do fails(text, body) end
end

do  -- 8. "Log files full of bars and control codes": here nothing is a terminal
  local function output(code)
    local pipe <close> = assert(io.popen(("'%s' -e '%s' 2>&1"):format(arg[-1], code)))
    return pipe:read "a"
  end
  local setting = 'local m = nn.Sequential{nn.layers.Dense{1, input_shape={2}}} m:compile{loss="mse", optimizer="sgd"} '
    .. 'local x, y = nn.ones{64, 2}, nn.ones{64, 1} '
  for verbose = 0, 2 do
    local text = output(setting .. ("m:fit(x, y, {epochs=3, validation_split=0.5, verbose=%d})"):format(verbose))
    assert(not text:find "[%z\1-\9\11-\31\127]", "control characters in " .. text)
    local epochs = 0
    for _ in text:gmatch "\nEpoch %d/3 %- [^\n]*val_loss: [%d.e-]+" do epochs = epochs + 1 end
    equal(epochs, verbose == 0 and 0 or 3)
  end
  assert(not output(setting .. "m:evaluate(x, y) m:predict(x) print(m) m:summary()"):find "[\r\27]")
  assert(not output 'error "no colours"':find "\27")
end

do  -- 11. Torch's heap of 1-2 GB, its installation, `number * tensor`
  -- data live outside of Lua's heap: half a gigabyte, and Lua holds next to nothing
  local before = collectgarbage "count"
  local big = {}
  for i = 1, 8 do big[i] = nn.zeros{16, 1024, 1024} end
  assert(collectgarbage "count" - before < 100, "Lua's heap grew by " .. collectgarbage "count" - before .. " kB")
  big = nil
  -- a loop that drops tensors does not grow, although Lua's own heap sees nothing of them
  local function resident()
    local file <close> = assert(io.open "/proc/self/statm")
    return tonumber(file:read "a":match "^%d+ (%d+)") * 4096
  end
  collectgarbage()
  local start, most = resident(), 0
  local one = nn.ones{1024, 1024}
  for i = 1, 2000 do
    local _ = one * i  -- 4 MB each: 8 GB in all
    if i % 100 == 0 then most = math.max(most, resident() - start) end
  end
  assert(most < 300 << 20, "grew by " .. (most >> 20) .. " MB")
  -- both orders of operands, for every operator
  local t = nn.tensor{1, 2, 4}
  equal(2 + t, t + 2) equal(2 * t, t * 2) equal(2 - t, {1, 0, -2}) equal(t - 2, {-1, 0, 2}) equal(2 / t, {2, 1, 0.5}) equal(t / 2, {0.5, 1, 2})
  equal(9 // t, {9, 4, 2}) equal(t // 2, {0, 1, 2}) equal(9 % t, {0, 1, 1}) equal(t % 2, {1, 0, 0}) equal(2 ^ t, {2, 4, 16}) equal(t ^ 2, {1, 4, 16})
  equal({1, 1, 1} + t, t + {1, 1, 1}) equal(true & t:gt(1), t:gt(1)) equal(t:gt(1) | true, {true, true, true})
end
