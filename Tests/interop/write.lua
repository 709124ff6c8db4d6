-- Writes models for keras_reads.py: write.lua FOLDER. Each model as .h5, .keras and weights, with inputs and what it predicts there, and what
-- it predicts after two more epochs.
local folder = arg[1]
local L, O = nn.layers, nn.optimizers
nn.set_seed(2)

local function dense_bn() return nn.Sequential{
  L.Dense{8, kernel_initializer = "he_normal", input_shape = {6}}, L.BatchNormalization(), L.LeakyReLU{alpha = 0.2},
  L.Dropout(0.2), L.Dense{3, activation = "softmax"}} end
local function flatten() return nn.Sequential{
  L.Flatten{input_shape = {4, 4}}, L.BatchNormalization(), L.Dense{7, use_bias = false}, L.Activation "elu",
  L.Dense{3, activation = "softmax"}} end
local function regularized() return nn.Sequential{
  L.Dense{6, activation = "selu", kernel_initializer = "lecun_normal", kernel_regularizer = nn.regularizers.l2(0.01), input_shape = {5}},
  L.Dense{6, kernel_constraint = nn.constraints.max_norm(1)}, L.PReLU(), L.AlphaDropout(0.1), L.ELU{alpha = 0.7}, L.Dense(1)} end
local function images() return nn.Sequential{
  L.Conv2D{4, 3, padding = "same", activation = "relu", input_shape = {6, 6, 1}}, L.MaxPooling2D(2), L.Flatten(),
  L.Dense{3, activation = "softmax"}} end
local function plain() return nn.Sequential{
  L.Dense{5, activation = "elu", input_shape = {4}}, L.BatchNormalization(), L.Dense{3, activation = "softmax"}} end
local function functional()
  local a, b = nn.Input{shape = {4}, name = "a"}, nn.Input{shape = {4}, name = "b"}
  local body = nn.Sequential{L.Dense{5, activation = "elu", input_shape = {4}}, L.Dense{4, activation = "tanh"}, name = "body"}
  local joined = L.Concatenate()({body(a), body(b)})
  return nn.Model{inputs = {a, b}, outputs = L.Dense{1, activation = "sigmoid"}(joined)}
end

local sparse = "sparse_categorical_crossentropy"
local models = {
  {"dense_bn", dense_bn, {6}, sparse, O.SGD{learning_rate = 0.01, momentum = 0.9, nesterov = true}},
  {"flatten", flatten, {4, 4}, sparse, O.Nadam{0.002}},
  {"regularized", regularized, {5}, "mse", O.Adam{0.001}},
  {"images", images, {6, 6, 1}, sparse, O.RMSprop{0.001}},
  {"functional", functional, {4}, "binary_crossentropy", O.Adam{0.01}},
}
for name, optimizer in pairs{
  sgd = O.SGD{0.05}, momentum = O.SGD{0.05, momentum = 0.9}, adam = O.Adam{0.01}, amsgrad = O.Adam{0.01, amsgrad = true},
  rmsprop = O.RMSprop{0.01}, adagrad = O.Adagrad{0.05}, adamax = O.Adamax{0.01}, adadelta = O.Adadelta{0.5},
  nadam = O.Nadam{0.01, decay = 1}, adamw = O.AdamW{0.01}, ftrl = O.Ftrl{0.05}, lion = O.Lion{0.001},
  schedule = O.SGD{nn.optimizers.schedules.ExponentialDecay{0.1, 10, 0.5}},
} do models[#models + 1] = {"optimizer_" .. name, plain, {4}, sparse, optimizer} end

for _, m in ipairs(models) do
  local name, make, shape, loss, optimizer = table.unpack(m)
  local model = make()
  local several = name == "functional"
  model:compile{loss = loss, optimizer = optimizer, metrics = {loss == "mse" and "mae" or "accuracy"}}
  local function draw(seed) return nn.random.normal{shape = {40, table.unpack(shape)}, seed = seed} end
  local x = several and {draw(1), draw(2)} or draw(1)
  local rows = (several and x[1] or x):reshape{40, -1}
  local y = loss == sparse and rows:slice(1, 40):argmax{axis = 2} % 3 or rows:sum{axis = 2, keepdims = true}
  if several then y = y:gt(0) end
  local more = {epochs = 2, batch_size = 8, shuffle = false, verbose = 0}
  model:fit(x, y, more)
  local base = folder .. "/" .. name
  model:save(base .. ".h5")
  model:save(base .. ".keras")
  model:save_weights(base .. ".weights.h5")
  model:save_weights(base .. ".legacy_weights.h5", {format = "h5"})
  -- Tensors travel as weights of models: one file for each.
  local function note(what, t)
    local f = assert(io.open(base .. "." .. what .. ".csv", "w"))
    local flat = t:reshape{-1}:tolist()
    for i = 1, #flat do f:write(string.format("%.9g\n", tonumber(flat[i]) or (flat[i] and 1 or 0))) end
    f:close()
  end
  note("x", several and x[1] or x)
  if several then note("x2", x[2]) end
  note("y", y)
  note("predict", model:predict(x))
  model:fit(x, y, more)
  note("later", model:predict(x))
  local f = assert(io.open(base .. ".shape", "w"))
  f:write(table.concat(shape, " "))
  f:close()
end
