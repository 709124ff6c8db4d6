-- Chapter 11, "Learning Rate Scheduling": rates that fall by the step; what each schedule says, and that training follows it.
--
--   nnrepl examples/lua/learning_rate_schedules.lua
--
-- NN_EXAMPLE_EPOCHS=2 makes it short. The data come from the Debian package dataset-fashion-mnist.

local epochs = math.min(5, tonumber(os.getenv("NN_EXAMPLE_EPOCHS") or 5))
local L, S = nn.layers, nn.optimizers.schedules

local function near(a, b) return math.abs(a - b) <= 1e-6 * math.abs(b) + 1e-12 end
local schedules = {
  {"ExponentialDecay", S.ExponentialDecay{0.01, 1000, 0.1}, function(t) return 0.01 * 0.1^(t / 1000) end},
  {"InverseTimeDecay", S.InverseTimeDecay{0.01, 500, 1}, function(t) return 0.01 / (1 + t / 500) end},
  {"PiecewiseConstantDecay", S.PiecewiseConstantDecay{boundaries={500, 1500}, values={0.01, 0.005, 0.001}},
   function(t) return t <= 500 and 0.01 or t <= 1500 and 0.005 or 0.001 end},
  {"PolynomialDecay", S.PolynomialDecay{0.01, 2000, end_learning_rate=0.001},
   function(t) return 0.001 + 0.009 * (1 - math.min(t, 2000) / 2000) end},
  {"CosineDecay", S.CosineDecay{0.01, 2000},
   function(t) return 0.01 * 0.5 * (1 + math.cos(math.pi * math.min(t, 2000) / 2000)) end},
}
print(("%-24s %9s %9s %9s %9s"):format("step", 0, 500, 1000, 2000))
for _, row in ipairs(schedules) do
  local name, schedule, formula = row[1], row[2], row[3]
  local rates = {}
  for _, step in ipairs{0, 500, 1000, 2000} do
    rates[#rates + 1] = ("%9.6f"):format(schedule(step))
    assert(near(schedule(step), formula(step)), name .. " at step " .. step)
  end
  print(("%-24s %s"):format(name, table.concat(rates, " ")))
end

-- Training with each: the optimizer asks the schedule at every step, and counts on from one fit to the next.
local x_full, y_full = nn.datasets.fashion_mnist.load_data()
local x_train, y_train = x_full:slice(5001, 25000) / 255, y_full:slice(5001, 25000)
local x_valid, y_valid = x_full:slice(1, 5000) / 255, y_full:slice(1, 5000)
local steps = 625 * epochs  -- 20,000 images in batches of 32

local function train(optimizer)
  nn.set_seed(42)
  local model = nn.Sequential{
    L.Flatten{input_shape={28, 28}},
    L.Dense{100, activation="selu", kernel_initializer="lecun_normal"},
    L.Dense{10, activation="softmax"},
  }
  model:compile{loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics={"accuracy"}}
  local history = model:fit(x_train, y_train, {epochs=epochs, verbose=0, validation_data={x_valid, y_valid}}).history
  return history.val_accuracy[epochs]
end

print()
for _, row in ipairs(schedules) do
  local name, schedule, formula = row[1], row[2], row[3]
  local optimizer = nn.optimizers.SGD{learning_rate=schedule, momentum=0.9}
  local accuracy = train(optimizer)
  print(("%-24s validation accuracy %.4f, rate at the end %.6f"):format(name, accuracy, optimizer.learning_rate))
  assert(near(optimizer.learning_rate, formula(steps)), "the schedule should be at step " .. steps)
  assert(accuracy > 0.75)
end

-- Power scheduling, Keras 2's `decay`: rate / (1 + decay * step).
local optimizer = nn.optimizers.SGD{learning_rate=0.01, momentum=0.9, decay=1e-4}
print(("%-24s validation accuracy %.4f"):format("power scheduling", train(optimizer)))

-- Over a schedule a number has no say: an error, not silence.
local scheduled = nn.optimizers.SGD{learning_rate=schedules[1][2]}
assert(not pcall(function() scheduled.learning_rate = 1 end))
