-- Models of the user's own classes.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

local Net = nn.Model:subclass("Net")
local calls = 0
function Net:init(options)
  self.hidden = L.Dense{options.units, activation = "tanh"}
  self.dropout = L.Dropout(0.5)
  self.out = L.Dense(1)
end
function Net:call(x, training)
  calls = calls + 1
  return self.out(self.dropout(self.hidden(x), training))
end

do
  nn.set_seed(1)
  local m = Net{units = 8}
  equal(m.name, "net") equal(m.hidden.units, 8) equal(#m.layers, 3) equal(m.layers[1], m.hidden)
  equal(nn.isinstance(m, Net), true) equal(nn.isinstance(m, nn.Model), true)
  local x = nn.random.normal{shape = {64, 3}, seed = 1}
  local y = x:sum{axis = 2}
  m:compile{loss = "mse", optimizer = nn.optimizers.Adam(0.02), metrics = {"mae"}}
  local h = m:fit(x, y, {epochs = 20, verbose = 0, validation_split = 0.25})
  local before = calls
  m:fit(x, y, {epochs = 20, verbose = 0, validation_split = 0.25})
  equal(calls, before)  -- no Lua in the steps
  equal(h.history.val_mae[20] < h.history.val_mae[1], true)
  equal(m:predict(x).shape, {64, 1}) equal((m:predict(x) - m:predict(x)):abs():max():item(), 0)
  near(m(x), m:predict(x))
  equal((m(x, {training = true}) - m:predict(x)):abs():max():item() > 0, true)
  equal(#m.weights, 4) equal(m:count_params(), 3 * 8 + 8 + 9) equal(m.hidden.kernel.name:find("^net/dense") ~= nil, true)
  equal(m:get_layer(3), m.out)
  local loss, mae = m:evaluate(x, y, {verbose = 0})
  near(mae, (m:predict(x):reshape{64} - y):abs():mean():item())
  local mean, std = m:predict_mc(x, {samples = 20})
  equal(std:min():item() > 0, true)
  local text = tostring(m)
  equal(text:find('Model: "net"', 1, true) ~= nil, true) equal(text:find("(Dropout)", 1, true) ~= nil, true)
  equal(text:find("multiple", 1, true) ~= nil, true)

  -- frozen parts, weights
  m.hidden.trainable = false
  equal(#m.trainable_variables, 2)
  local kernel = m.hidden:get_weights()[1]
  m:fit(x, y, {verbose = 0})
  equal(m.hidden:get_weights()[1], kernel)
  local other = Net{units = 8, name = "other"}
  equal(other.name, "other")
  other:build{3}
  other:set_weights(m:get_weights())
  near(other:predict(x), m:predict(x))
  fails("has no configuration", nn.clone_model, m) fails("has no configuration", m.get_config, m)
  fails("model of the class Net", m.add, m, L.Dense(1))

  -- as a layer
  local input = nn.Input{shape = {3}}
  local outer = nn.Model{inputs = input, outputs = L.Dense(2)(m(input))}
  equal(outer:predict(x).shape, {64, 2}) equal(#outer.weights, 6)
  local s = nn.Sequential{L.Dense{3, input_shape = {3}}, m}
  equal(s:predict(x).shape, {64, 1})
end

do  -- without init; errors with the user's line
  local Twice = nn.Model:subclass("Twice")
  function Twice:call(x) return x * 2 end
  equal(Twice():predict{{1, 2}}, {{2, 4}})
  local Sub = Twice:subclass("Sub")
  function Sub:call(x, training) return Sub.super.call(self, x, training) + 1 end
  equal(Sub():predict{{1, 2}}, {{3, 5}})
  local Bad = nn.Model:subclass("Bad")
  local m = Bad()
  fails("define function Bad:call(x, training)", m.predict, m, {{1, 2}})
  function Bad:call(x) error("mine") end
  fails("custom_models.lua:", m.predict, m, {{1, 2}}) fails("mine", m.predict, m, {{1, 2}})
  function Bad:call(x) return x end
  equal(m:predict{{1, 2}}, {{1, 2}})
  function Bad:init() error("no") end
  fails("custom_models.lua:", Bad)
  fails("'layers' can be read, not set", function() m.layers = {} end)
  m.anything = 3
  equal(m.anything, 3) equal(m.nothing, nil)
end
