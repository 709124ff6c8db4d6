-- Gradients of functions in Lua, and functions that are compiled once.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails
local L = nn.layers

do  -- one argument: the contract's example; d/dw mean((x w - y)^2) = 2/n x' (x w - y)
  local x, y = nn.tensor{{1, 2}, {3, 4}, {5, 6}}, nn.tensor{{1}, {2}, {3}}
  local w = nn.tensor{{0.5}, {-0.5}}
  local f = function(w) return (x:matmul(w) - y):square():mean() end
  local loss, g = nn.value_and_grad(f)(w)
  local e = x:matmul(w) - y
  near(loss, f(w):item()) near(g, x:transpose():matmul(e) * (2 / 3))
  near(nn.grad(f)(w), g)
  -- what the function mentions may change between calls
  local gradient = nn.grad(f)
  gradient(w)
  x = x * 2
  near(gradient(w), x:transpose():matmul(x:matmul(w) - y) * (2 / 3))
  -- descent ends at the solution of least squares
  local t = nn.tensor{{2}, {-1}}
  x, y = nn.random.normal{shape = {50, 2}, seed = 1}, nil
  y = x:matmul(t)
  for _ = 1, 200 do w = w - 0.2 * gradient(w) end
  near(w, t)
end

do  -- several arguments, numbers, nested tables, variables
  local function f(a, b) return (a * a * b):sum() end
  local value, ga, gb = nn.value_and_grad(f)(nn.tensor{1, 2}, nn.tensor{3, 4})
  equal(value, 3 + 16) equal(ga, {6, 16}) equal(gb, {1, 4})
  local gn = nn.grad(function(x) return x * x * x end)(2)
  equal(math.type(gn), "float") equal(gn, 12)
  local only = table.pack(nn.grad(f, {argnums = 2})(nn.tensor{1, 2}, nn.tensor{3, 4}))
  equal(only.n, 1) equal(only[1], {1, 4})
  local p = {w = nn.tensor{2, 3}, layers = {nn.tensor{1, 1}, 5}, name = "net"}
  local grads = nn.grad(function(p) return (p.w * p.layers[1]):sum() * p.layers[2] end)(p)
  equal(grads.w, {5, 5}) equal(grads.layers[1], {10, 15}) equal(grads.layers[2], 5) equal(grads.name, "net")
  equal(nn.grad(function(a, b) return a:sum() end)(nn.ones{2}, nn.ones{3}), {1, 1})
  local _, zero = nn.grad(function(a, b) return a:sum() end)(nn.ones{2}, nn.ones{3})
  equal(zero, {0, 0, 0})
  local layer = L.Dense{1, kernel_initializer = "ones", use_bias = false}
  nn.Sequential{L.InputLayer{input_shape = {2}}, layer}
  local x = nn.tensor{{1, 2}}
  equal(nn.grad(function(k) return layer(x):square():sum() end)(layer.kernel), {{6}, {12}})
  equal(nn.grad(function(ks) return (ks[1] * layer.kernel):sum() end)({layer.kernel})[1], {{2}, {2}})
  layer:set_weights{nn.tensor{{2}, {2}}}
  equal(nn.grad(function(k) return layer(x):square():sum() end)(layer.kernel), {{12}, {24}})
end

do  -- has_aux, stop_gradient, higher derivatives
  local value, g, aux, more = nn.value_and_grad(function(x) return x:sum(), {twice = x * 2}, x:max() end, {has_aux = true})(nn.tensor{1, 2})
  equal(value, 3) equal(g, {1, 1}) equal(aux.twice, {2, 4}) equal(more:item(), 2)
  equal(nn.grad(function(x) return (x * nn.stop_gradient(x)):sum() end)(nn.tensor{3, 4}), {3, 4})
  equal(nn.stop_gradient(nn.tensor{1}), {1})
  local cube = function(x) return x * x * x end
  equal(nn.grad(nn.grad(cube))(2), 12) equal(nn.grad(nn.grad(nn.grad(cube)))(2), 6)
  -- a gradient penalty: d/dw sum((d/dx (w x^2))^2) = d/dw 4 w^2 x^2 = 8 w x^2
  local g2 = nn.grad(function(w)
    local gx = nn.grad(function(x) return (w * x * x):sum() end)(nn.tensor{1, 3})
    return gx:square():sum()
  end)(nn.tensor(0.5))
  near(g2:item(), 8 * 0.5 * 10)
end

do  -- check_grad: right gradients, wrong ones
  local x = nn.random.normal{shape = {3, 4}, seed = 1}
  local function f(x) return (x:tanh():matmul(nn.ones{4, 2})):exp():mean() end
  equal(nn.check_grad(f, x) < 1e-3, true)
  equal(nn.check_grad(function(x) return x * x end, 3) < 1e-3, true)
  equal(nn.check_grad(function(p) return (p.a * p.b):sum() end, {a = nn.ones{2}, b = nn.ones{2} * 3}) < 1e-3, true)
  near(nn.check_grad(function(x) return nn.stop_gradient(x * x) + x end, 3), 6 / 7)  -- 7 by differences, 1 found
  for name, f in pairs{softmax = function(x) return (x:softmax() * x):sum() end, sigmoid = function(x) return x:sigmoid():sum() end,
                       std = function(x) return x:std{axis = 2}:sum() end, max = function(x) return x:max{axis = 1}:sum() end} do
    equal(nn.check_grad(f, x) < 2e-3, true)
  end
  fails("too many", nn.check_grad, function(x) return x:sum() end, nn.zeros{5000}) fails("'eps' must be", nn.check_grad, f, x, {eps = -1})
end

do  -- jit: recorded once for each form of the arguments
  local calls = 0
  local f = nn.jit(function(x, options)
    calls = calls + 1
    return (x * options.scale + 1):sum(), {x * 2, "text"}
  end)
  local sum, list = f(nn.tensor{1, 2}, {scale = 3})
  equal(sum:item(), 11) equal(list[1], {2, 4}) equal(list[2], "text")
  equal(f(nn.tensor{5, 5}, {scale = 1}):item(), 12) equal(calls, 1)  -- numbers are inputs, too
  equal(f(nn.tensor{5, 5, 5}, {scale = 1}):item(), 18) equal(calls, 2)
  equal(f(nn.tensor{1, 2}, {scale = 3}):item(), 11) equal(calls, 2)
  local g = nn.jit(function(x, flag) if flag then return x * 2 end return x end)
  equal(g(nn.tensor{1}, true), {2}) equal(g(nn.tensor{1}, false), {1})
  equal(nn.jit(function(x) return nn.grad(function(x) return x * x end)(x) end)(4), 8)
  equal(nn.grad(f)(nn.tensor{1, 2}, {scale = 3}), {3, 3})  -- inside others it is the function itself
  equal(nn.jit(function(x) return x + nn.tensor{1, 2} end)(nn.tensor({1, 2}, {dtype = "int32"})), {2, 4})

  -- a training step of one's own: variables are live, and can be assigned
  local layer = L.Dense{1, kernel_initializer = "zeros", use_bias = false}
  nn.Sequential{L.InputLayer{input_shape = {2}}, layer}
  local step = nn.jit(function(x, y, rate)
    local loss, g = nn.value_and_grad(function(k) return (layer(x) - y):square():mean() end)(layer.kernel)
    layer.kernel:assign(layer.kernel - rate * g)
    return loss
  end)
  local x = nn.random.normal{shape = {40, 2}, seed = 1}
  local y = x:matmul(nn.tensor{{2}, {-3}})
  local first = step(x, y, 0.2):item()
  for _ = 1, 150 do step(x, y, 0.2) end
  near(layer.kernel:value(), {{2}, {-3}}) equal(first > 1 and step(x, y, 0.2):item() < 1e-6, true)
end

do  -- errors: the user's line; what follows works
  local w = nn.ones{2}
  local bad = nn.grad(function(w) return w:nothing() end)
  fails("custom_grad.lua:", bad, w) fails("nothing", bad, w)
  fails("must return one number, got shape (2,)", nn.grad(function(w) return w end), w)
  fails("must return one number, got nil", nn.grad(function(w) end), w)
  fails("no argument is a tensor", nn.grad(function(w) return 1 end), "text")
  fails("custom_grad.lua:", function() local g = nn.grad(function(w) return 1 end)("text") end)
  fails("expected a function, got nil", nn.grad) fails("unknown field 'argnum'", nn.grad, function() end, {argnum = 1})
  fails("'argnums' must be positions", nn.grad(function(w) return w:sum() end, {argnums = 2}), w)
  fails("mine", nn.jit(function(x) error("mine") end), w)
  local kept
  nn.grad(function(w) kept = w return w:sum() end)(w)
  fails("kept from a function that has returned", function() return kept + 1 end)
  fails("has no numbers yet", nn.grad(function(w) return w:item() end), nn.tensor(1))
  equal(nn.grad(function(w) return w:sum() end)(w), {1, 1})
end
