-- Writes models as ONNX for onnx_reads.py: write_onnx.lua FOLDER. Each as NAME.onnx, with inputs NAME.x1.txt … and what predict computes,
-- NAME.y1.txt …: a line with the shape, then the numbers. Every layer is there, or this fails.
local folder = arg[1]
local L = nn.layers
nn.set_seed(3)

local function note(name, t)
  local f <close> = assert(io.open(folder .. "/" .. name .. ".txt", "w"))
  f:write(table.concat(t.shape, " "), "\n")
  local flat = t:reshape{-1}:tolist()
  for i = 1, #flat do f:write(string.format("%.9g\n", flat[i])) end
end

-- Statistics, scales and biases as after a training, so that what is folded matters.
local function shaken(model)
  local weights = model:get_weights()
  for i, w in ipairs(weights) do
    if #w.shape <= 1 then weights[i] = nn.random.uniform{shape = w.shape, minval = 0.3, maxval = 1.2, seed = i} end
  end
  model:set_weights(weights)
  return model
end

local written = {}
local function export(name, model, inputs, options)
  assert(not written[name], name)
  written[name] = true
  shaken(model):export_onnx(folder .. "/" .. name .. ".onnx", options)
  for i, x in ipairs(inputs) do note(name .. ".x" .. i, x) end
  local y = model:predict(#inputs == 1 and inputs[1] or inputs)
  for i, part in ipairs(type(y) == "table" and y or {y}) do note(name .. ".y" .. i, part) end
end

local function draw(shape, seed) return nn.random.normal{shape = {5, table.unpack(shape)}, seed = seed or 1} end

-- MARK: Layers

-- For each class of layers examples: arguments, and the shape of the input.
local image, line = {7, 6, 3}, {9, 4}
local examples = {
  InputLayer = {{{input_shape = {4}}, {4}}},
  Dense = {{{5, activation = "elu"}, {4}}, {{3, use_bias = false}, {2, 4}}},
  Activation = {{{"tanh"}, {4}}},
  ReLU = {
    {{}, {4}}, {{max_value = 1}, {4}}, {{negative_slope = 0.1}, {4}},
    {{max_value = 2, negative_slope = 0.1, threshold = 0.5}, {4}}, {{threshold = 0.5}, {4}}},
  LeakyReLU = {{{alpha = 0.2}, {4}}}, ELU = {{{alpha = 0.5}, {4}}}, ThresholdedReLU = {{{theta = 0.5}, {4}}},
  PReLU = {{{alpha_initializer = "he_normal"}, {4}}, {{alpha_initializer = "ones", shared_axes = {1, 2}}, image}},
  RReLU = {{{lower = 0.1, upper = 0.2}, {4}}}, Softmax = {{{}, {4}}, {{axis = 2}, {3, 4}}},
  Flatten = {{{}, image}}, Reshape = {{{{2, 6}}, {3, 4}}, {{{-1, 2}}, {3, 4}}}, Permute = {{{{2, 1}}, {3, 4}}, {{{3, 1, 2}}, image}},
  RepeatVector = {{{3}, {4}}}, Rescaling = {{{0.5, offset = 1}, {4}}}, Normalization = {{{}, {4}}, {{axis = {2, 3}}, {3, 4}}},
  BatchNormalization = {{{}, {4}}, {{}, image}, {{axis = 2}, {3, 4}}, {{center = false, scale = false}, line}},
  LayerNormalization = {{{}, {4}}, {{axis = {2, 3}}, {3, 4}}},
  Dropout = {{{0.3}, {4}}}, AlphaDropout = {{{0.3}, {4}}}, GaussianNoise = {{{0.3}, {4}}}, GaussianDropout = {{{0.3}, {4}}},
  ActivityRegularization = {{{l2 = 0.1}, {4}}},
  Conv2D = {
    {{5, 3}, image}, {{4, {2, 3}, strides = 2, padding = "same", activation = "relu"}, image}, {{2, 1, use_bias = false}, image},
    {{3, 3, dilation_rate = 2, padding = "same", activation = "gelu"}, image}, {{3, 2, strides = 3}, image}},
  Conv1D = {
    {{5, 3}, line}, {{4, 2, padding = "causal", dilation_rate = 2}, line}, {{3, 4, strides = 2, padding = "same"}, line}},
  MaxPooling2D = {{{}, image}, {{{2, 3}, padding = "same"}, image}, {{3, strides = 1}, image}},
  MaxPooling1D = {{{}, line}, {{3, strides = 2, padding = "same"}, line}},
  AveragePooling2D = {{{}, image}, {{3, strides = 2, padding = "same"}, image}, {{{3, 2}, strides = 1}, image}},
  AveragePooling1D = {{{}, line}, {{3, strides = 2, padding = "same"}, line}},
  GlobalMaxPooling2D = {{{}, image}}, GlobalMaxPooling1D = {{{}, line}},
  GlobalAveragePooling2D = {{{}, image}}, GlobalAveragePooling1D = {{{}, line}},
  ZeroPadding2D = {{{{{0, 1}, {2, 3}}}, image}}, UpSampling2D = {{{{2, 3}}, image}},
  Embedding = {{{7, 3}, {4}}},
  Lambda = {{{function(x) return x:sin() * 3 end}, {4}}},
}
-- Those of several inputs, and how many.
local merging = {
  Add = {{}, 3}, Subtract = {{}, 2}, Multiply = {{}, 3}, Average = {{}, 3}, Maximum = {{}, 3}, Minimum = {{}, 2},
  Concatenate = {{axis = 2}, 3}, Dot = {{axes = {2, 2}, normalize = true}, 2},
}

local covered = {}
for class, list in pairs(examples) do
  covered[L[class]] = true
  for i, example in ipairs(list) do
    local arguments, shape = table.unpack(example)
    local x = draw(shape)
    if class == "Embedding" then x = (x:abs() * 3):floor():minimum(6) end
    local input = nn.Input{shape = shape}
    local model = class == "InputLayer" and nn.Sequential{L.InputLayer(arguments), L.Dense(2)}
      or nn.Model{inputs = input, outputs = L[class](arguments)(input)}
    if class == "Normalization" then model.layers[2]:adapt(x * 3 + 2) end
    export(class .. "_" .. i, model, {x})
  end
end
for class, example in pairs(merging) do
  covered[L[class]] = true
  local inputs, xs = {}, {}
  for i = 1, example[2] do inputs[i], xs[i] = nn.Input{shape = {3, 4}, name = "in" .. i}, draw({3, 4}, i) end
  export(class, nn.Model{inputs = inputs, outputs = L[class](example[1])(inputs)}, xs)
end
for name, class in pairs(L) do
  assert(covered[class] or class == L.Layer, "the layer " .. name .. " has no example in write_onnx.lua")
end

-- MARK: Functions

for _, name in ipairs{
  "linear", "relu", "relu6", "elu", "selu", "tanh", "sigmoid", "softplus", "softsign", "hard_sigmoid", "swish", "gelu", "mish",
  "leaky_relu", "log_softmax", "exponential", "softmax",
} do
  if nn.activations[name] then export("activation_" .. name, nn.Sequential{L.Activation{name, input_shape = {6}}}, {draw{6} * 3}) end
end

local b = nn.tensor{1, -2, 0.5, 3, -0.25, 2}
local functions = {
  exp = function(x) return x:exp() end, expm1 = function(x) return x:expm1() end, log = function(x) return x:abs():log() end,
  log1p = function(x) return (x:abs() / 2):log1p() - (x:abs() * -0.1):log1p() end, square = function(x) return x:square() end,
  sqrt = function(x) return x:abs():sqrt() end, rsqrt = function(x) return (x:abs() + 0.5):rsqrt() end,
  reciprocal = function(x) return (x:abs() + 1):reciprocal() end, negative = function(x) return -x end, abs = function(x) return x:abs() end,
  sign = function(x) return x:sign() end, erf = function(x) return x:erf() end, floor = function(x) return x:floor() end,
  ceil = function(x) return x:ceil() end, round = function(x) return x:round() end, sin = function(x) return x:sin() end,
  cos = function(x) return x:cos() end, isnan = function(x) return x:sqrt():isnan() end,
  isfinite = function(x) return x:sqrt():isfinite() end, clip = function(x) return x:clip(-0.5, 1) end,
  gelu_approximate = function(x) return nn.activations.gelu(x, {approximate = true}) end,
  log_cosh = function(x) return nn.losses.log_cosh(x, x * 0.5) end,
  arithmetic = function(x) return -x ^ 2 / 3 - 1 + 2 / (x:abs() + 10) end, power = function(x) return x:abs() ^ b end,
  modulo = function(x) return x % b end, floor_divide = function(x) return x // b end,
  maximum = function(x) return nn.maximum(x, b) end, minimum = function(x) return nn.minimum(b, x) end,
  logic = function(x) return (x:gt(0) & x:lt(1)) | (x:ge(2) ~ x:le(b)) end, negation = function(x) return ~x:gt(0) end,
  equal = function(x) return x:round():eq(b:round()) + x:round():ne(1) end,
  where = function(x) return nn.where(x:gt(0), x, 0.5 * x) end, clipped = function(x) return nn.where(x:gt(0), 1, 0) end,
  zeros = function(x) return nn.concat({x, x * 0 + 1}, {axis = 2}) end,
  sum = function(x) return x:sum{axis = 2, keepdims = true} end, mean = function(x) return x - x:mean{axis = -1, keepdims = true} end,
  max = function(x) return x:max{axis = 2} end, min = function(x) return x:min{axis = 2} end, prod = function(x) return x:prod{axis = 2} end,
  argmax = function(x) return x:argmax{axis = 2} end, argmin = function(x) return x:argmin{axis = 2} end,
  norm = function(x) return x:norm{axis = 2} end, matmul = function(x) return x:matmul(nn.ones{6, 2}) end,
  whole = function(x) return x * nn.tensor{1, 2, 3, 4, 5, 6, dtype = "int32"} end,
  reshape = function(x) return x:reshape{-1, 3, 1, 2} end, rows = function(x) return x:reshape{-1, 2}:matmul(nn.ones{2, 2}):reshape{-1, 6} end,
  transpose = function(x) return x:reshape{-1, 3, 2}:transpose{1, 3, 2} end,
  outer = function(x) return x:reshape{-1, 6, 1} * x:reshape{-1, 1, 6} end,
  products = function(x) return x:reshape{-1, 3, 2}:matmul(x:reshape{-1, 2, 3}) end,
  one_hot = function(x) return x:abs():floor():one_hot(4) end,
  gather = function(x) return nn.gather(nn.tensor{{1, 2}, {3, 4}, {5, 6}, {7, 8}}, x:abs():floor():minimum(3)) end,
  tile = function(x) return nn.stack({x, x * 2}, {axis = 2}) end,
}
for name, f in pairs(functions) do
  export("function_" .. name, nn.Sequential{L.Lambda{f, input_shape = {6}}}, {draw{6} * 2})
end
-- What depends on the batch size has a file for one.
export("function_batch", nn.Sequential{L.Lambda{function(x) return x - x:mean{axis = 1, keepdims = true} end, input_shape = {6}}},
  {draw{6}}, {batch = 5})

-- MARK: Models

export("book", nn.Sequential{
  L.Flatten{input_shape = {6, 5}}, L.BatchNormalization(), L.Dense{40, activation = "elu", use_bias = false}, L.BatchNormalization(),
  L.Dropout(0.3), L.Dense{20, activation = "selu"}, L.Dense{10, activation = "softmax"}, name = "book"}, {draw{6, 5}})

export("images", nn.Sequential{
  L.Conv2D{8, 3, padding = "same", use_bias = false, input_shape = {12, 11, 3}}, L.BatchNormalization(), L.ReLU(),
  L.MaxPooling2D(), L.Conv2D{12, {3, 2}, strides = 2, activation = "swish"}, L.AveragePooling2D{2, strides = 1, padding = "same"},
  L.LayerNormalization(), L.PReLU(), L.Flatten(), L.Dense(4)}, {draw{12, 11, 3}})

local function twins()
  local a, c = nn.Input{shape = {5}, name = "left"}, nn.Input{shape = {5}, name = "right"}
  local shared = L.Dense{7, activation = "tanh", name = "shared"}
  local both = L.Concatenate()({shared(a), shared(c)})
  local near = L.Dot{axes = 2, normalize = true, name = "near"}({shared(a), shared(c)})
  return nn.Model{inputs = {a, c}, outputs = {L.Dense{3, activation = "softmax", name = "kind"}(both), near}, name = "twins"}
end
local pair = {draw({5}, 3), draw({5}, 4)}
export("twins", twins(), pair)

local a, c = nn.Input{shape = {5}, name = "left"}, nn.Input{shape = {5}, name = "right"}
local inner = twins()({a, c})
local last = L.Dense{2, name = "last"}(L.Concatenate()({inner[1], inner[2], L.LayerNormalization()(a)}))
-- An output twice, and an input as an output.
export("outer", nn.Model{inputs = {a, c}, outputs = {last, inner[1], last, a}, name = "outer"}, pair)

-- Code of users.
local Gate = L.Layer:subclass "Gate"
function Gate:build(shape) self.gain = self:add_weight{"gain", shape = {shape[#shape]}, initializer = "ones"} end
function Gate:call(x) return x * (x * self.gain):sigmoid() end
export("users", nn.Sequential{
  L.Embedding{11, 6, input_length = 4}, L.Lambda(function(x) return x - x:mean{axis = 2, keepdims = true} end), Gate(),
  L.Flatten(), L.Dense{3, activation = "sigmoid"}}, {nn.tensor{{0, 10, 3, 4}, {5, 5, 1, 2}}})
print(("%d models written"):format((function() local n = 0 for _ in pairs(written) do n = n + 1 end return n end)()))
