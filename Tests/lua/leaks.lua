-- Models, layers and tensors that nobody mentions any more go away, and so do the closures that made them fail.
local function kilobytes()
  for line in io.lines "/proc/self/status" do
    local size = line:match "^VmRSS:%s+(%d+)"
    if size then return tonumber(size) end
  end
end

local Log = nn.callbacks.Callback:subclass "Log"
function Log:on_batch_end(batch, logs) self.loss = logs.loss end

local x, y = nn.random.normal{64, 256}, nn.zeros{64, 1}
local function round()
  local model = nn.Sequential{nn.layers.Dense{256, input_shape = {256}}, nn.layers.Dense(1)}
  model:compile{loss = "mse", optimizer = "sgd"}
  local log, early = Log(), nn.callbacks.EarlyStopping{monitor = "loss", restore_best_weights = true}
  local lambda = nn.callbacks.LambdaCallback{on_epoch_end = function(_, logs) logs.extra = log.loss end}
  model:fit(x, y, {verbose = 0, callbacks = {log, early, lambda}})
  pcall(model.fit, model, x, nn.zeros{3})
  local _ = model:predict(x)
end

for _ = 1, 100 do round() end
collectgarbage() collectgarbage()
local before = kilobytes()
for _ = 1, 100 do round() end
collectgarbage() collectgarbage()
local grown = kilobytes() - before
assert(grown < 20000, "grew by " .. grown .. " kB")

-- The collector hears of tensors' sizes: a loop that drops big ones does not grow.
local big = nn.zeros{1 << 20}
before = kilobytes()
for _ = 1, 300 do local _ = big + 1 end  -- 1.2 GB
for _ = 1, 300 do local _ = big:astype "int32" end
for _ = 1, 300 do local _ = nn.concat{big, big} end
grown = kilobytes() - before
assert(grown < 200000, "grew by " .. grown .. " kB")
