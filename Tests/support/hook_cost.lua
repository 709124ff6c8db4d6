-- Fails when a Lua hook that is called for each batch costs 3 µs or more beyond an ordinary call of the function: process time, the
-- best of several runs, one thread.
nn.num_threads(1)
local batches = 20000
local x, y = nn.zeros{batches, 1}, nn.zeros{batches, 1}
local model = nn.Sequential{nn.layers.Dense{1, input_shape = {1}}}
model:compile{loss = "mse", optimizer = "sgd"}
local count = 0
local function hook(self, batch, logs) count = count + (logs.loss and 1 or 0) end
local Hook = nn.callbacks.Callback:subclass "Hook"
Hook.on_train_batch_end = hook

local function microseconds(body)
  local best = math.huge
  for _ = 1, 7 do
    local start = os.clock()
    body()
    best = math.min(best, os.clock() - start)
  end
  return best / batches * 1e6
end
local function fit(callbacks)
  return microseconds(function() model:fit(x, y, {batch_size = 1, verbose = 0, callbacks = callbacks}) end)
end
local plain, hooked = fit{}, fit{Hook()}
local own = microseconds(function() for batch = 1, batches do hook(model, batch, {loss = batch}) end end)
local cost = hooked - plain - own
print(string.format("a batch %.2f µs, a hook %.2f µs beyond Lua's own %.2f µs", plain, cost, own))
assert(count == 2 * 7 * batches)
assert(cost < 3, "a hook for each batch costs too much")
