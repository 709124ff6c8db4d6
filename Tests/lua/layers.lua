local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

-- Embedding: indices are values, and count from 0
local e = L.Embedding{10, 3, embeddings_initializer = "ones", input_length = 4}
equal(e:get_config().input_length, 4) equal(e:get_config().mask_zero, false)
local m = nn.Sequential{e, L.Flatten(), L.Dense(1)}
equal(m:predict(nn.tensor{{0, 9, 3, 3}}).shape, {1, 1})
equal(e.output_shape, {"None", 4, 3}) equal(e.variables[1].shape, {10, 3})
fails("'mask_zero' must be false", function() return L.Embedding{10, 3, mask_zero = true} end)
fails("'output_dim' is required", function() return L.Embedding{10} end)
equal(nn.gather({{1, 2}, {3, 4}}, {1, 0, 1}), {{3, 4}, {1, 2}, {3, 4}})
equal(nn.one_hot({1, 0}), {{0, 1}, {1, 0}}) equal(nn.one_hot({1, 0}, 3).shape, {2, 3})
equal(nn.tensor({2, dtype = "int32"}):one_hot(), {{0, 0, 1}})
equal(nn.confusion_matrix({0, 1, 1}, {0, 1, 0}, {weights = {1, 2, 3}}), {{1, 0}, {3, 2}})

-- Normalization: tf.keras's documentation
local n = L.Normalization()
n:adapt{{0, 7, 4}, {2, 9, 6}, {0, 7, 4}, {2, 9, 6}}
equal(n.variables[1]:value(), {1, 8, 5}) equal(n.variables[2]:value(), {1, 1, 1}) equal(n.variables[3]:value():item(), 4)
equal(nn.Sequential{n}:predict{{0, 7, 4}}, {{-1, -1, -1}})
n:adapt{nn.tensor{{1, 1, 1}}, nn.tensor{{3, 3, 3}, {5, 5, 5}}} -- batches; a second adapt starts anew
equal(n.variables[1]:value(), {3, 3, 3})
local one = L.Normalization{axis = {}}
one:adapt{{1, 2}, {3, 4}}
equal(one.variables[1]:value():item(), 2.5)
local given = L.Normalization{mean = 3, variance = {4}, input_shape = {1}}
equal(nn.Sequential{given}:predict{{5}}, {{1}})
local second = L.Normalization{axis = 3} -- axes count from 1 in Lua, the batch's too
second:adapt(nn.ones{2, 5, 4})
equal(second.variables[1].shape, {4})
fails("'mean' and 'variance' must be given together", function() return L.Normalization{mean = 1} end)
fails("Dense learns nothing from data", function() L.Dense(1):adapt{{1}} end)
fails("x must be a tensor", function() n:adapt("x") end)

-- Convolutions: images are {n, height, width, channels}; the numbers are sums of windows
local c = L.Conv2D{1, 2, kernel_initializer = "ones", bias_initializer = "ones", input_shape = {3, 3, 1}}
local image = nn.tensor{1, 2, 3, 4, 5, 6, 7, 8, 9}:reshape{1, 3, 3, 1}
local cm = nn.Sequential{c}
equal(cm:predict(image):reshape{2, 2}, {{13, 17}, {25, 29}})
equal(c.output_shape, {"None", 2, 2, 1}) equal(c.variables[1].shape, {2, 2, 1, 1})
equal(c:get_config().kernel_size, {2, 2}) equal(c:get_config().strides, {1, 1})
equal(nn.Sequential{L.MaxPool2D{2, strides = 1}}:predict(image):reshape{2, 2}, {{5, 6}, {8, 9}})
equal(nn.Sequential{L.AveragePooling2D{3}}:predict(image):item(), 5)
equal(nn.Sequential{L.GlobalMaxPooling2D()}:predict(image), {{9}})
equal(nn.Sequential{L.ZeroPadding2D{{{0, 1}, {0, 0}}}}:predict(image).shape, {1, 4, 3, 1})
equal(nn.Sequential{L.UpSampling2D()}:predict(image).shape, {1, 6, 6, 1})
equal(nn.Sequential{L.Conv1D{2, 3, padding = "causal"}}:predict(nn.ones{2, 5, 3}).shape, {2, 5, 2})
fails("Conv2D needs inputs of shape (None, height, width, channels), got (None, 28, 28)", function()
  nn.Sequential{L.Conv2D{8, 3, input_shape = {28, 28}}}
end)
fails("did you mean 'kernel_size'?", function() return L.Conv2D{8, kernelsize = 3} end)
local cnn = nn.Sequential{L.Conv2D{4, 3, activation = "relu", input_shape = {8, 8, 1}}, L.MaxPooling2D(), L.Flatten(), L.Dense(2)}
cnn:compile{loss = "mse", optimizer = "sgd"}
cnn:fit(nn.ones{8, 8, 8, 1}, nn.zeros{8, 2}, {epochs = 1, verbose = 0})
