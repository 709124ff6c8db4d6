-- The networks of the workloads in README.md, which are timed (workloads.lua), whose least work is counted (limits.lua), and which the tests train.
local L = nn.layers
local networks = {}

local function hidden(units, activation)
  return L.Dense{units, activation=activation, kernel_initializer="he_normal"}
end
local function softmax() return L.Dense{10, activation="softmax"} end

-- A layer made by `before` in front of each of three Dense layers.
local function small(before)
  return nn.Sequential{L.InputLayer{input_shape={784}},
    before(), hidden(300, "elu"), before(), hidden(100, "elu"), before(), softmax()}
end

--- W1, W7.
function networks.deep()
  local model = nn.Sequential{L.InputLayer{input_shape={784}}}
  for _, units in ipairs{300, 200, 100, 50, 50, 50} do model:add(hidden(units, "elu")) end
  model:add(softmax())
  return model
end

--- W2.
function networks.normalized() return small(L.BatchNormalization) end

--- W3, W4, W6.
function networks.dropout() return small(function() return L.Dropout{rate=0.2} end) end

--- W5.
function networks.wide()
  return nn.Sequential{L.InputLayer{input_shape={784}}, hidden(2048, "relu"), hidden(2048, "relu"), softmax()}
end

--- W8.
function networks.convolutional()
  local function convolution(filters) return L.Conv2D{filters, 3, padding="same", activation="relu"} end
  return nn.Sequential{L.InputLayer{input_shape={784}}, L.Reshape{{28, 28, 1}},
    convolution(32), L.MaxPooling2D(), convolution(64), L.MaxPooling2D(), L.Flatten(), hidden(128, "relu"), softmax()}
end

return networks
