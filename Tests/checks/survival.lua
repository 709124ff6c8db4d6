-- The training that survival.sh kills: survival.lua BACKUP RESULT writes the final weights to RESULT. Slow enough, and backed up often
-- enough, that a kill at any moment meets it in the middle of something, a backup being written included.
local backup, result = arg[1], arg[2]
local L = nn.layers
nn.set_seed(3)
local model = nn.Sequential{
  L.Dense{64, activation = "relu", input_shape = {16}, name = "a"}, L.BatchNormalization{name = "b"},
  L.Dropout{0.3, name = "c"}, L.Dense{4, activation = "softmax", name = "d"}}
model:compile{loss = "sparse_categorical_crossentropy", optimizer = nn.optimizers.Adam{0.003}, metrics = {"accuracy"}}
local x = nn.random.normal{shape = {600, 16}, seed = 7}
local y = x:argmax{axis = 2} % 4
local callbacks = {}
if backup ~= "none" then callbacks = {nn.callbacks.BackupAndRestore{backup, save_freq = 7}} end
model:fit(x, y, {epochs = 12, batch_size = 16, validation_split = 0.2, verbose = 0, callbacks = callbacks})
model:save_weights(result, {format = "npz"})
