-- Writes models as C into a folder (argument 1): NAME.c, NAME.main.c (a program around it), NAME.in (samples as text) and
-- NAME.expected (predict's numbers as text); each also with int8 weights, NAME_int8.*.
local folder = arg[1]
local L = nn.layers
nn.set_seed(7)

local function write(name, text)
  local file <close> = assert(io.open(folder .. "/" .. name, "w"))
  file:write(text)
end

local function numbers(t) return table.concat(t:reshape{-1}:tolist(), " ") .. "\n" end

-- Statistics and scales as after a training, so that what is folded matters.
local function shaken(model)
  local weights = model:get_weights()
  for i, w in ipairs(weights) do
    local noise = nn.random.uniform{shape = w.shape, low = 0.3, high = 1.2, seed = i}
    weights[i] = #w.shape == 1 and noise or w
  end
  model:set_weights(weights)
  return model
end

local function export(name, model, x, inputs, outputs)
  local many = type(x) == "table"
  local xs = many and x or {x}
  for _, weights in ipairs{"float32", "int8"} do
    local prefix = weights == "int8" and name .. "_int8" or name
    model:export_c(folder .. "/" .. prefix .. ".c", {name = prefix, weights = weights, samples = x})
    local macro, n = prefix:upper(), xs[1].shape[1]
    local lines = {'#include "' .. prefix .. '.c"', "#include <stdio.h>", "int main(void) {"}
    local arguments = {}
    local function declare(port)
      lines[#lines + 1] = ("  static float v_%s[%d * %s_%s_SIZE];"):format(port, n, macro, port:upper())
      arguments[#arguments + 1] = "v_" .. port
    end
    for _, port in ipairs(inputs) do declare(port) end
    arguments[#arguments + 1] = tostring(n)
    for _, port in ipairs(outputs) do declare(port) end
    local function loop(port, body)
      lines[#lines + 1] = ("  for (int i = 0; i < %d * %s_%s_SIZE; ++i) { %s }"):format(n, macro, port:upper(), body:format(port))
    end
    for _, port in ipairs(inputs) do loop(port, 'if (scanf("%%f", &v_%s[i]) != 1) return 2;') end
    lines[#lines + 1] = ("  if (%s_predict(%s) != 0) return 3;"):format(prefix, table.concat(arguments, ", "))
    for _, port in ipairs(outputs) do
      loop(port, 'printf("%%.9g ", (double)v_%s[i]);')
      lines[#lines + 1] = '  printf("\\n");'
    end
    lines[#lines + 1] = "  return 0;\n}\n"
    write(prefix .. ".main.c", table.concat(lines, "\n"))
    local text = {}
    for _, t in ipairs(xs) do text[#text + 1] = numbers(t) end
    write(prefix .. ".in", table.concat(text))
    text = {}
    local results = table.pack(model:predict(x))
    if type(results[1]) == "table" then results = results[1] end
    for _, t in ipairs(results) do text[#text + 1] = numbers(t) end
    write(prefix .. ".expected", table.concat(text))
  end
end

export("dense", shaken(nn.Sequential{
  L.Flatten{input_shape = {6, 5}}, L.BatchNormalization(), L.Dense{40, activation = "elu"}, L.Dropout(0.3),
  L.Dense{20, use_bias = false}, L.BatchNormalization(), L.Activation "relu", L.Dense{10, activation = "softmax"},
}), nn.random.normal{shape = {6, 6, 5}, seed = 1}, {"x"}, {"y"})

export("conv", shaken(nn.Sequential{
  L.Conv2D{8, 3, padding = "same", use_bias = false, input_shape = {12, 11, 3}}, L.BatchNormalization(), L.ReLU(),
  L.MaxPooling2D(), L.Conv2D{12, {3, 2}, strides = 2, activation = "swish"}, L.AveragePooling2D{2, strides = 1, padding = "same"},
  L.LayerNormalization(), L.PReLU(), L.Flatten(), L.Dense(4),
}), nn.random.normal{shape = {3, 12, 11, 3}, seed = 2}, {"x"}, {"y"})

local function twins()
  local a, b = nn.Input{shape = {5}, name = "left"}, nn.Input{shape = {5}, name = "right"}
  local shared = L.Dense{7, activation = "tanh", name = "shared"}
  local both = L.Concatenate()({shared(a), shared(b)})
  local near = L.Dot{axes = 1, normalize = true, name = "near"}({shared(a), shared(b)})
  return nn.Model{inputs = {a, b}, outputs = {L.Dense{3, activation = "softmax", name = "kind"}(both), near}}
end
local pair = {nn.random.normal{shape = {4, 5}, seed = 3}, nn.random.normal{shape = {4, 5}, seed = 4}}
export("twins", shaken(twins()), pair, {"left", "right"}, {"kind", "near"})

local a, b = nn.Input{shape = {5}, name = "left"}, nn.Input{shape = {5}, name = "right"}
local inner = twins()({a, b})
export("outer", shaken(nn.Model{
  inputs = {a, b},
  outputs = L.Dense{2, name = "last"}(L.Concatenate()({inner[1], inner[2], L.LayerNormalization()(a)})),
}), pair, {"left", "right"}, {"y"})

-- Code of users: a function, and a class of layers.
local Gate = L.Layer:subclass "Gate"
function Gate:build(shape) self.gain = self:add_weight{"gain", shape = {shape[#shape]}, initializer = "ones"} end
function Gate:call(x) return x * (x * self.gain):sigmoid() end
export("users", shaken(nn.Sequential{
  L.Embedding{11, 6, input_length = 4}, L.Lambda(function(x) return x - x:mean{axis = 2, keepdims = true} end), Gate(),
  L.Flatten(), L.Dense{3, activation = "sigmoid"},
}), nn.tensor{{0, 10, 3, 4}, {5, 5, 1, 2}}, {"x"}, {"y"})
