-- Layers of the user's own, in Lua.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

local Scale = L.Layer:subclass("Scale")
local calls = 0
function Scale:init(options) self.first = options and options.first or 1 end
function Scale:build(shape)
  self.gain = self:add_weight{"gain", shape = {shape[#shape]}, initializer = nn.initializers.Constant(self.first)}
end
function Scale:call(x, training)
  calls = calls + 1
  return x * self.gain
end

do  -- trained like a built-in layer: d/dg (g x - y)^2 = 2 (g x - y) x, halved by the mean over two outputs
  local layer = Scale{name = "s"}
  equal(tostring(Scale), "class Scale") equal(layer.name, "s") equal(layer.class_name, "Scale")
  equal(layer.first, 1) equal(layer.gain, nil)
  local m = nn.Sequential{L.InputLayer{input_shape = {2}}, layer}
  equal(#layer.weights, 1) equal(layer.gain.name, "s/gain:0") equal(m:count_params(), 2)
  equal(layer.output_shape, {"None", 2})
  m:compile{loss = "mse", optimizer = nn.optimizers.SGD(0.1)}
  near(m:train_on_batch({{1, 2}}, {{3, 3}}), (4 + 1) / 2)
  near(m:get_weights()[1], {1 - 0.1 * (1 - 3) * 1, 1 - 0.1 * (2 - 3) * 2})

  -- traced once for each program, and no Lua in the steps
  calls = 0
  local x = nn.random.normal{shape = {40, 2}, seed = 1}
  m:fit(x, x * 2, {epochs = 5, batch_size = 8, verbose = 0})
  equal(calls, 1)
  m:fit(x, x * 2, {epochs = 60, batch_size = 8, verbose = 0})
  equal(calls, 1)
  near(layer.gain:value(), {2, 2})
  equal(tostring(m):find("s (Scale)                    (None, 2)", 1, true) ~= nil, true)

  -- frozen: takes effect at the next fit
  layer.trainable = false
  equal(#m.trainable_variables, 0) equal(#layer.non_trainable_variables, 1)
  local before = layer:get_weights()[1]
  fails("nothing to train", function() m:fit(x, x * 5, {verbose = 0}) end)
  equal(layer:get_weights()[1], before)

  -- configuration: the constructor's arguments; without registration a text does not become a layer, clones do
  local c = Scale{first = 3, input_shape = {2}}
  equal(c:get_config().first, 3) equal(c:get_config().trainable, true)
  local clone = nn.clone_model(nn.Sequential{c})
  equal(clone.layers[1].class_name, "Scale") near(clone:predict{{1, 1}}, {{3, 3}})
  equal(nn.isinstance(c, Scale), true) equal(nn.isinstance(c, L.Layer), true)
  equal(nn.isinstance(L.Dense(1), Scale), false) equal(nn.isinstance(L.Dense(1), L.Layer), true)
  equal(nn.isinstance(c, L.Dense), false)
end

do  -- several inputs, functional models, sharing
  local Mix = L.Layer:subclass("Mix")
  function Mix:init(a, b) self.a, self.b = a, b end
  function Mix:call(x) return x[1] * self.a + x[2] * self.b end
  function Mix:compute_output_shape(shapes) return shapes[1] end
  local a, b = nn.Input{shape = {2}}, nn.Input{shape = {2}}
  local m = nn.Model{inputs = {a, b}, outputs = Mix(2, 3){a, b}}
  equal(m:predict{nn.tensor{{1, 2}}, nn.tensor{{10, 20}}}, {{32, 64}})
  equal(nn.clone_model(m):predict{nn.tensor{{1, 2}}, nn.tensor{{10, 20}}}, {{32, 64}})
  local Wrong = Mix:subclass("Wrong")
  function Wrong:compute_output_shape(shapes) return {"None", 7} end
  fails("compute_output_shape says (None, 7), but call gives (None, 2)", function() return Wrong(1, 1){a, b} end)
  equal(nn.isinstance(Wrong(1, 1), Mix), true)

  local Split = L.Layer:subclass("Split")
  function Split:call(x) return {x * 2, x + 1} end
  local u, v = table.unpack(Split()(a))
  equal(nn.Model{inputs = a, outputs = L.Add(){u, v}}:predict{{1, 2}}, {{4, 7}})
end

do  -- the chapter's Monte Carlo layer: live in predict, too
  local MCDropout = L.Dropout:subclass("MCDropout")
  function MCDropout:call(x) return MCDropout.super.call(self, x, true) end
  local layer = MCDropout{rate = 0.5, input_shape = {1000}}
  equal(layer.rate, 0.5) equal(MCDropout(0.25).rate, 0.25)
  equal(nn.isinstance(layer, L.Dropout), true)
  fails("'rate' must be", MCDropout, 2) fails("unknown field 'rat'; did you mean 'rate'?", function() MCDropout{rat = 1} end)
  local m = nn.Sequential{layer}
  local ones = nn.ones{3, 1000}
  local y = m:predict(ones)
  local dropped = y:eq(0):sum():item()
  equal(dropped > 1300 and dropped < 1700, true) near(y:max(), 2)
  equal((m:predict(ones) - y):abs():sum():item() > 0, true)  -- another mask
  nn.set_seed(1) local first = m:predict(ones)
  nn.set_seed(1) equal((m:predict(ones) - first):abs():sum():item(), 0)
  local mean, std = m:predict_mc(ones, {samples = 200})
  equal((mean - 1):abs():mean():item() < 0.1, true) equal((std - 1):abs():mean():item() < 0.05, true)
  m:compile{loss = "mse"}
  local loss = m:evaluate(ones, ones, {verbose = 0})
  equal(loss > 0.9 and loss < 1.1, true)  -- (0 - 1)^2 and (2 - 1)^2
  local clone = nn.clone_model(m)
  equal(clone.layers[1].class_name, "MCDropout") equal(clone.layers[1].rate, 0.5)
  equal(clone:predict(ones):eq(0):any():item(), true)
  equal(layer:get_config().rate, 0.5)
end

do  -- a built-in layer with weights as parent
  local Doubled = L.Dense:subclass("Doubled")
  function Doubled:init(units) Doubled.super.init(self, {units, kernel_initializer = "ones", use_bias = false}) self.factor = 2 end
  function Doubled:call(x, training) return Doubled.super.call(self, x, training) * self.factor end
  local layer = Doubled(3)
  local m = nn.Sequential{L.InputLayer{input_shape = {2}}, layer}
  equal(m:predict{{1, 2}}, {{6, 6, 6}}) equal(layer.units, 3) equal(layer.kernel.shape, {2, 3})
  equal(layer.kernel.name, layer.name .. "/kernel:0")
  m:compile{loss = "mse", optimizer = nn.optimizers.SGD(0.01)}
  m:train_on_batch({{1, 2}}, {{0, 0, 0}})
  near(layer.kernel:value(), {{1 - 0.01 * 8, 1 - 0.01 * 8, 1 - 0.01 * 8}, {1 - 0.01 * 16, 1 - 0.01 * 16, 1 - 0.01 * 16}})
  local Forgets = L.Dense:subclass("Forgets")
  function Forgets:init() end
  fails("init must call Forgets.super.init(self, …)", Forgets, 3)
  local Plain = L.Dense:subclass("Plain")
  equal(nn.Sequential{Plain{2, kernel_initializer = "ones", input_shape = {2}}}:predict{{1, 2}}, {{3, 3}})
end

do  -- layers and models inside
  local Block = L.Layer:subclass("Block")
  function Block:init(options)
    self.hidden = {L.Dense{4, activation = "tanh"}, L.Dropout(0.5)}
    self.body = nn.Sequential{L.Dense(3), L.BatchNormalization()}
    self.out = L.Dense(2)
  end
  function Block:call(x, training)
    for _, layer in ipairs(self.hidden) do x = layer(x, training) end
    return self.out(self.body(x)) + self.out.bias
  end
  local block = Block{name = "block"}
  local m = nn.Sequential{L.InputLayer{input_shape = {5}}, block}
  equal(#block.weights, 2 + 2 + 4 + 2) equal(m:count_params(), 24 + 15 + 12 + 8)
  equal(#m.trainable_variables, 8) equal(block.weights[1].name:find("^block/dense") ~= nil, true)
  m:compile{loss = "mse", optimizer = "sgd"}
  local x = nn.random.normal{shape = {30, 5}, seed = 1}
  local before = m:get_weights()
  m:fit(x, x:slice(1, 30):matmul(nn.ones{5, 2}), {verbose = 0})
  for i, value in ipairs(m:get_weights()) do equal((value - before[i]):abs():sum():item() > 0, true) end
  equal((m:predict(x) - m:predict(x)):abs():sum():item(), 0)  -- dropout is for training
  local mean, std = m:predict_mc(x, {samples = 10})
  equal(std:sum():item() > 0, true)
  block.hidden[1].trainable = false
  equal(#m.trainable_variables, 6)
  block.trainable = false
  equal(#m.trainable_variables, 0) equal(block.out.trainable, false)
  block.trainable = true
  equal(#m.trainable_variables, 8)
  local clone = nn.clone_model(m)
  clone:set_weights(m:get_weights())
  near(clone:predict(x), m:predict(x))
end

do  -- add_weight: options, where it may be called
  local W = L.Layer:subclass("W")
  function W:init()
    self.a = self:add_weight{"a", shape = {2}, initializer = "ones", regularizer = nn.regularizers.l2(0.5),
                             constraint = function(w) return w:clip(0, 0.95) end}
  end
  function W:build() self.n = self:add_weight{name = "n", shape = {}, initializer = "zeros", trainable = false} end
  function W:call(x, training)
    if training then self.n:assign(self.n + 1) end
    self:add_loss(0.25 * x:square():mean())
    return x + 2 * self.a
  end
  local layer = W()
  equal(layer.a.shape, {2})
  local m = nn.Sequential{L.InputLayer{input_shape = {2}}, layer}
  equal(#layer.trainable_variables, 1) equal(#layer.weights, 2)
  m:compile{loss = "mse", optimizer = nn.optimizers.SGD(0.01)}
  -- outputs 3, 4; squares 9, 16; penalty 0.5 * 2; added 0.25 * (1 + 4) / 2
  near(m:train_on_batch({{1, 2}}, {{0, 0}}), 12.5 + 1 + 0.625)
  near(layer.n:value():item(), 1) near(layer.a:value(), {0.93, 0.91})
  near(m:train_on_batch({{1, 2}}, {{1 + 2 * 0.93, 2 + 2 * 0.91}}), 0.5 * (0.93 ^ 2 + 0.91 ^ 2) + 0.625)
  near(layer.n:value():item(), 2)
  fails("weights are made in init or build", function() layer:add_weight{"late"} end)
  local Bad = L.Layer:subclass("Bad")
  function Bad:build() self:add_weight{"w", shap = {1}} end
  function Bad:call(x) return x end
  fails("unknown field 'shap'; did you mean 'shape'?", function() nn.Sequential{Bad{input_shape = {1}}} end)
end

do  -- called on numbers, and inside functions
  local layer = Scale{first = 2}
  equal(layer(nn.tensor{{1, 2}}), {{2, 4}})
  equal(L.Dense{1, kernel_initializer = "ones"}(nn.tensor{{1, 2}}), {{3}})
  equal(layer.gain * 2, {4, 4}) equal(1 + layer.gain, {3, 3}) equal(layer.gain:sum():item(), 4)
  equal(nn.Sequential{L.Lambda(function(x) return layer(x) end, {input_shape = {2}})}:predict{{1, 1}}, {{2, 2}})
end

do  -- errors: with the user's line, and all is usable afterwards
  local Broken = L.Layer:subclass("Broken")
  local bad = true
  function Broken:build(shape) self.w = self:add_weight{"w", shape = {shape[2]}} end
  function Broken:call(x) if bad then error("not yet") end return x * self.w end
  local layer = Broken()
  local m = nn.Sequential{layer}
  local x = nn.ones{1, 3}
  fails("custom_layers.lua:", function() m:predict(x) end)
  fails("not yet", function() m:predict(x) end)
  equal(#layer.weights, 0)
  bad = false
  equal(m:predict(x).shape, {1, 3}) equal(#layer.weights, 1)
  bad = true
  fails("not yet", function() m:predict(nn.ones{2, 3}) end)  -- another batch size, another program
  equal(m:predict(x).shape, {1, 3})
  local Empty = L.Layer:subclass("Empty")
  fails("define function Empty:call(x, training)", function() nn.Sequential{Empty{input_shape = {1}}} end)
  fails("unknown field 'nme'; did you mean 'name'?", function() Empty{nme = 1} end)
  fails("takes no arguments by position", Empty, 3)
  fails("expected an instance, got the class Empty; call it: Empty()", function() nn.Sequential{Empty} end)
  fails("call must be a function, got number", function() Empty.call = 1 end)
  fails("expected a name", function() L.Layer:subclass() end)
  fails("derive a class of your own", L.Layer)
  fails("'name' can be read, not set", function() layer.name = "x" end)
  function Empty:call(x) return "text" end
  fails("call must return a tensor, got 'text'", function() nn.Sequential{Empty{input_shape = {1}}} end)
  function Empty:call(x) return x:sum() end
  fails("the batch axis must stay in front", function() nn.Sequential{Empty{input_shape = {1}}} end)
  function Empty:call(x) return x end
  equal(nn.Sequential{Empty{input_shape = {1}}}:predict{{1}}, {{1}})
  local C = L.Layer:subclass("C")
  function C:call(x) return x end
  function C:get_config() error("no config") end
  local c = nn.Sequential{C{input_shape = {1}}}
  fails("no config", nn.clone_model, c) fails("no config", c.get_config, c)
  fails("'Dense' is a built-in class", function() nn.custom_objects.Dense = C end)
  fails("must be a class of layers", function() nn.custom_objects.X = 3 end)
end

do  -- from a configuration: only classes among the custom objects
  local m = nn.Sequential{Scale{first = 3, input_shape = {2}, name = "mine"}}
  local config = {class_name = "Sequential", config = m:get_config()}
  fails("unknown layer 'Scale'", nn.models.model_from_config, config)
  fails("custom_objects.Scale", nn.models.model_from_config, config)
  nn.custom_objects.Scale = Scale
  local made = nn.models.model_from_config(config)
  equal(made.layers[1].name, "mine") equal(made:predict{{1, 2}}, {{3, 6}})
  nn.custom_objects.Scale = nil
  fails("unknown layer 'Scale'", nn.models.model_from_config, config)
  nn.custom_objects{Scale = Scale}
  equal(nn.models.model_from_config(config):predict{{1, 2}}, {{3, 6}})
  nn.custom_objects.Scale = nil
end

do  -- layers that nobody holds go
  local weak = setmetatable({}, {__mode = "v"})
  for i = 1, 50 do
    local layer = Scale{input_shape = {4}}
    nn.Sequential{layer}:predict(nn.ones{1, 4})
    weak[i] = layer.gain
  end
  collectgarbage() collectgarbage()
  local left = 0
  for _ in pairs(weak) do left = left + 1 end
  equal(left <= 1, true)
end
