-- Chapter 11, "The Vanishing/Exploding Gradients Problems": where weights begin, and what the activation makes of it.
--
--   nnrepl examples/lua/initialization.lua

local L = nn.layers
nn.set_seed(42)

-- Each activation has its initialization: variance 1/fan_avg for none, tanh, sigmoid and softmax (Glorot), 2/fan_in for ReLU and
-- its kin (He), 1/fan_in for SELU (LeCun).
local fan_in, fan_out = 400, 600
print("initializer        variance of the weights   the book's")
for _, row in ipairs{
  {"glorot", 2 / (fan_in + fan_out)}, {"he", 2 / fan_in}, {"lecun", 1 / fan_in},
} do
  for _, distribution in ipairs{"uniform", "normal"} do
    local name = row[1] .. "_" .. distribution
    local weights = nn.initializers[name]()({fan_in, fan_out})
    local variance = weights:var():item()
    print(("%-18s %-25.6f %.6f"):format(name, variance, row[2]))
    assert(math.abs(variance / row[2] - 1) < 0.02, name)
  end
end

-- He's initialization, but uniform and by the average of both fans:
local he_avg = nn.initializers.VarianceScaling{scale=2, mode="fan_avg", distribution="uniform"}
local layer = L.Dense{10, activation="sigmoid", kernel_initializer=he_avg, input_shape={20}}
local largest = nn.Sequential{layer}:get_weights()[1]:abs():max():item()
assert(largest <= math.sqrt(3 * 2 / 15) and largest > 0.5)

-- Self-normalization: a thousand layers of SELU keep mean 0 and deviation 1 without any help...
local function through(depth, activation, initializer)
  local x = nn.random.normal{shape={500, 100}, seed=42}
  local report = {}
  for i = 1, depth do
    x = nn.activations[activation](x:matmul(initializer({100, 100})))
    if i % 100 == 0 or i == depth then
      report[#report + 1] = {layer=i, mean=x:mean():item(), deviation=x:std():item()}
    end
  end
  return report
end
print("\n1,000 layers of SELU, LeCun's weights")
for _, row in ipairs(through(1000, "selu", nn.initializers.lecun_normal())) do
  print(("  layer %4d: mean %5.2f, standard deviation %4.2f"):format(row.layer, row.mean, row.deviation))
  assert(math.abs(row.mean) < 0.1 and row.deviation > 0.8 and row.deviation < 1.1, "SELU lost its balance")
end

-- ... while sigmoids with weights of variance 1 saturate at once: what comes out hardly depends on what went in.
local sigmoid = through(50, "sigmoid", nn.initializers.RandomNormal{stddev=1})
local last = sigmoid[#sigmoid]
print(("\n50 layers of sigmoid, weights of variance 1: mean %.2f, standard deviation %.2f (around 0.5, both ends)")
  :format(last.mean, last.deviation))
assert(last.deviation > 0.3, "most outputs should be near 0 or 1")

-- Non-saturating activations: as names, with parameters, and as layers that learn their slope.
local z = nn.tensor{-2, -1, 0, 1, 2}
print("\nz", z)
for _, name in ipairs{"relu", "leaky_relu", "elu", "selu", "gelu", "swish", "mish"} do
  local y = nn.activations[name](z)
  print(name, y)
  assert(y[3] == 0 and math.abs(y[5] - 2) < 0.3)
end
local model = nn.Sequential{
  L.Dense{10, kernel_initializer="he_normal", input_shape={5}}, L.LeakyReLU{alpha=0.2}, L.PReLU(),
  L.RReLU{lower=1/8, upper=1/3}, L.Dense(1),
}
assert(model:predict(nn.zeros{3, 5}, {verbose=0}).shape[2] == 1)
