-- Initializers, losses, metrics, optimizers and training steps of the user's own.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

do  -- initializers: functions of the shape
  local function ramp(shape) return nn.arange(shape[1] * shape[2]):reshape(shape) end
  local m = nn.Sequential{L.Dense{2, kernel_initializer = ramp, bias_initializer = function() return 0.5 end, input_shape = {3}}}
  equal(m:get_weights()[1], {{0, 1}, {2, 3}, {4, 5}}) equal(m:get_weights()[2], {0.5, 0.5})
  local function dense(f) return function() nn.Sequential{L.Dense{2, kernel_initializer = f, input_shape = {3}}} end end
  fails("must return shape (3, 2), got (2,)", dense(function() return nn.zeros{2} end))
  fails("must return a tensor or a number, got 'x'", dense(function() return "x" end))
  fails("custom_objects.lua:", dense(function() error("mine") end))
end

do  -- classes of losses and metrics
  local Power = nn.losses.Loss:subclass("Power")
  function Power:init(p) self.p = p end
  function Power:call(y_true, y_pred) return ((y_true - y_pred):abs() ^ self.p):mean{axis = -1} end
  local Worst = nn.metrics.Metric:subclass("Worst")
  function Worst:call(y_true, y_pred) return (y_true - y_pred):abs():max{axis = -1} end
  local m = nn.Sequential{L.Dense{1, kernel_initializer = "ones", input_shape = {1}}}
  m:compile{loss = Power(3), metrics = {Worst()}, optimizer = nn.optimizers.SGD(0.01)}
  equal(m.metrics_names, {"loss", "Worst"})
  local loss, worst = m:evaluate(nn.tensor{{1}, {2}}, nn.tensor{{3}, {3}}, {verbose = 0})
  near(loss, (8 + 1) / 2) near(worst, 1.5)
  m:train_on_batch({{1}, {2}}, {{3}, {3}})
  near(m:get_weights()[2], {0.01 * (3 * 4 + 3 * 1) / 2})
  fails("got the class Power", function() m:compile{loss = Power} end)
  local Empty = nn.losses.Loss:subclass("Empty")
  fails("define function Empty:call", Empty) fails("derive a class of your own", nn.losses.Loss)
end

do  -- optimizers: the same numbers as the built-in ones
  local Heavy = nn.optimizers.Optimizer:subclass("Heavy")
  Heavy.slots = {"m"}
  local calls = 0
  function Heavy:update(w, g, slots, rate, step)
    calls = calls + 1
    local m = 0.9 * slots.m - rate * g
    return {w = w + m, m = m}
  end
  local Adam = nn.optimizers.Optimizer:subclass("MyAdam")
  Adam.slots = {"m", "v"}
  function Adam:update(w, g, slots, rate, step)
    local m, v = 0.9 * slots.m + 0.1 * g, 0.999 * slots.v + 0.001 * g * g
    local rate = rate * (1 - 0.999 ^ step):sqrt() / (1 - 0.9 ^ step)
    return {w = w - rate * m / (v:sqrt() + 1e-7), m = m, v = v}
  end
  local x = nn.random.normal{shape = {40, 3}, seed = 1}
  local y = x:sum{axis = 2}
  local function trained(optimizer)
    local d = L.Dense{4, activation = "tanh", kernel_initializer = nn.initializers.GlorotUniform{seed = 1}, input_shape = {3}}
    local m = nn.Sequential{d, L.Dense{1, kernel_initializer = nn.initializers.GlorotUniform{seed = 2}}}
    m:compile{loss = "mse", optimizer = optimizer}
    m:fit(x, y, {epochs = 4, batch_size = 10, shuffle = false, verbose = 0})
    return m:get_weights()
  end
  local function same(a, b) for i in ipairs(a) do equal((a[i] - b[i]):abs():max():item() < 1e-5, true) end end
  same(trained(Heavy{learning_rate = 0.02}), trained(nn.optimizers.SGD{0.02, momentum = 0.9}))
  equal(calls, 4)  -- once for each weight
  same(trained(Adam(0.01)), trained(nn.optimizers.Adam(0.01)))
  same(trained(Heavy{0.02, clipvalue = 0.1, decay = 0.1}), trained(nn.optimizers.SGD{0.02, momentum = 0.9, clipvalue = 0.1, decay = 0.1}))
  local Plain = nn.optimizers.Optimizer:subclass("Plain")
  function Plain:init(options) self.factor = options.factor end
  function Plain:update(w, g, _, rate) return w - self.factor * rate * g end
  same(trained(Plain{learning_rate = 0.01, factor = 2}), trained(nn.optimizers.SGD(0.02)))
  local o = Plain{learning_rate = 0.01, factor = 2}
  equal(o.learning_rate, 0.01) o.learning_rate = 0.5 equal(o.learning_rate, 0.5) equal(o.name, "Plain")
  local Bad = nn.optimizers.Optimizer:subclass("Bad")
  function Bad:update() error("mine") end
  fails("custom_objects.lua:", trained, Bad(0.1)) fails("mine", trained, Bad(0.1))
  function Bad:update(w) return {w = w, q = w} end
  fails("there is no slot 'q'", trained, Bad(0.1))
  function Bad:update(w) return w:sum() end
  fails("'w' has shape", trained, Bad(0.1))
end

do  -- a training step of one's own: the same as the built-in one; traced once
  local calls = 0
  local Net = nn.Model:subclass("Net")
  function Net:init()
    self.hidden = L.Dense{4, activation = "tanh", kernel_initializer = nn.initializers.GlorotUniform{seed = 1}}
    self.out = L.Dense{1, kernel_initializer = nn.initializers.GlorotUniform{seed = 2}}
  end
  function Net:call(x) return self.out(self.hidden(x)) end
  local Own = Net:subclass("Own")
  function Own:train_step(data)
    calls = calls + 1
    local x, y = data[1], data[2]
    local variables = self.trainable_variables
    local loss, gradients, mae = nn.value_and_grad(function()
      local p = self(x, true)
      return self:compiled_loss(y, p), (y - p):abs():mean()
    end, {has_aux = true})(variables)
    self.optimizer:apply_gradients(gradients, variables)
    return {loss = loss, mae = mae}
  end
  local x = nn.random.normal{shape = {40, 3}, seed = 1}
  local y = x:sum{axis = 2, keepdims = true}
  local function trained(class)
    local m = class()
    m:compile{loss = "mse", metrics = {"mae"}, optimizer = nn.optimizers.Adam(0.02)}
    local h = m:fit(x, y, {epochs = 5, batch_size = 10, shuffle = false, verbose = 0, validation_data = {x, y}})
    return m, h.history
  end
  local a, ha = trained(Net)
  local b, hb = trained(Own)
  equal(calls, 1)
  for i, w in ipairs(a:get_weights()) do near(b:get_weights()[i], w) end
  for i = 1, 5 do near(hb.loss[i], ha.loss[i]) near(hb.mae[i], ha.mae[i]) near(hb.val_mae[i], ha.val_mae[i]) end
  -- what it returns is checked; the model stays usable
  local Wrong = Net:subclass("Wrong")
  function Wrong:train_step() return {loss = 1} end
  fails("has no number 'mae'", trained, Wrong)
  function Wrong:train_step() return {loss = 1, mae = 2, other = 3} end
  fails("compile named no metric 'other'", trained, Wrong)
  function Wrong:train_step() error("mine") end
  fails("custom_objects.lua:", trained, Wrong)
  function Wrong:train_step() return 3 end
  fails("must return a table of numbers by name", trained, Wrong)
  fails("train_step only", function() b.optimizer:apply_gradients({}, {}) end)
end
