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
-- Callbacks whose memory decides how it goes on: the best weights and when they were, a rate that falls, momenta that follow from a count.
local Counting = nn.callbacks.Callback:subclass "Counting"
function Counting:init() self.count, self.best = 0, nn.zeros{4} end
function Counting:on_train_batch_end() self.count = self.count + 1 end
function Counting:on_epoch_end(_, logs)
  if self.count % 2 == 0 then self.best = self.model:get_weights()[#self.model:get_weights()] end
  self.model.optimizer.beta_1 = 0.85 + 0.01 * (self.count % 7) + 1e-3 * self.best:sum():item()
end
function Counting:get_state() return {count = self.count, best = self.best} end
function Counting:set_state(state) self.count, self.best = state.count, state.best end
local callbacks = {
  nn.callbacks.EarlyStopping{patience = 8, restore_best_weights = true}, Counting(),
  nn.callbacks.ReduceLROnPlateau{monitor = "loss", factor = 0.7, patience = 1, min_delta = 0.05},
}
if backup ~= "none" then table.insert(callbacks, 2, nn.callbacks.BackupAndRestore{backup, save_freq = 7}) end
model:fit(x, y, {epochs = 12, batch_size = 16, validation_split = 0.2, verbose = 0, callbacks = callbacks})
model:save_weights(result, {format = "npz"})
