-- The contract's section on tensors, sentence by sentence, and what its chapter does with tensors.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails

-- "`nn.tensor{{1,2},{3,4}}` (float32 unless `{dtype=...}` is given), `nn.zeros{3,4}`, ones, full, arange, linspace, eye"
local t = nn.tensor{{1, 2}, {3, 4}}
equal(t.dtype, "float32") equal(nn.tensor({{1, 2}}, {dtype = "int32"}).dtype, "int32")
equal(nn.tensor{{1, 2}, dtype = "uint8"}.dtype, "uint8") equal(nn.tensor{{true}}.dtype, "bool")
equal(nn.zeros{3, 4}.shape, {3, 4}) equal(nn.zeros(2), {0, 0}) equal(nn.ones{1, 2}, {{1, 1}})
equal(nn.full({2}, 0.5), {0.5, 0.5}) equal(nn.arange(2, 8, 3), {2, 5}) equal(nn.arange(3, 0, -1), {3, 2, 1})
near(nn.linspace(-5, 5, 200)[1], -5) near(nn.linspace(-5, 5, 200)[200], 5) equal(#nn.linspace(0, 1), 50)
equal(nn.eye(2), {{1, 0}, {0, 1}})
fails("ragged: [2][1] is a table", nn.tensor, {{1, 2}, {{3}, 4}})
fails("ragged: [2] has 3 elements where those before have 2", nn.tensor, {{1, 2}, {3, 4, 5}})
fails("ragged: [2] is number where the elements before are tables", nn.tensor, {{1}, 2})
fails("numbers and booleans mixed", nn.tensor, {1, true})

-- "`nn.random.normal{shape={3,4}, seed=1}`, `uniform`, `permutation`"
local normal = nn.random.normal{shape = {100, 100}, seed = 1}
equal(normal, nn.random.normal{shape = {100, 100}, seed = 1})
assert(math.abs(normal:mean():item()) < 0.05 and math.abs(normal:std():item() - 1) < 0.05)  -- 5 standard errors
local uniform = nn.random.uniform{shape = {10000}, minval = -1, maxval = 3, seed = 1}
assert(uniform:min():item() >= -1 and uniform:max():item() <= 3 and math.abs(uniform:mean():item() - 1) < 0.06)
equal(nn.random.permutation(5, {seed = 3}):sort(), {1, 2, 3, 4, 5})

-- "Fields: shape, dtype, ndim, size, #t. `t[i]` is a number for a vector and a row otherwise"
equal(t.shape, {2, 2}) equal(t.ndim, 2) equal(t.size, 4) equal(#t, 2) equal(t[2], {3, 4}) equal(t[1][2], 2) equal(t[-1][-1], 4)
equal(math.type(nn.tensor({3}, {dtype = "uint8"})[1]), "integer") equal(nn.tensor{true}[1], true)
fails("#: a scalar has no length", function() return #nn.tensor(3) end)

-- "`t:slice(first, last)`, `t:take(indices)`, `t[mask]`, `t:reshape{..}`, `t:transpose{..}`, astype, tolist, item"
local v = nn.arange(6)
equal(v:slice(2, 3), {1, 2}) equal(v:slice(-2), {4, 5}) equal(v:slice(3, -3), {2, 3}) equal(v:slice(4, 2), {})
equal(v:take{1, 1, -1}, {0, 0, 5}) equal(v:take(nn.tensor({2}, {dtype = "int32"})), {1})
equal(v[v:gt(3)], {4, 5}) equal(t[nn.tensor{false, true}], {{3, 4}}) equal(v[v:gt(9)].shape, {0})
fails("mask: shape (2,) does not fit", function() return v[nn.tensor{true, false}] end)
fails("mask: expected a bool tensor, got float32", function() return v[v] end)
equal(v:reshape{2, -1}, {{0, 1, 2}, {3, 4, 5}}) equal(v:reshape(3, 2)[3], {4, 5})
equal(v:reshape{1, 2, 3}:transpose{3, 1, 2}.shape, {3, 1, 2})
fails("axes count from 1", t.transpose, t, {0, 1})
fails("axis 3 does not exist in shape (2, 2)", t.transpose, t, {3, 1})
equal(t:astype "int32":tolist(), {{1, 2}, {3, 4}}) equal(t:sum():item(), 10) equal(math.type(t:astype "int32":sum():item()), "integer")

-- "Operators `+ - * / // % ^ unary- ..` broadcast as NumPy does", both operand orders
equal(t + t, {{2, 4}, {6, 8}}) equal(2 * t, t * 2) equal(1 - t, {{0, -1}, {-2, -3}}) equal(6 / t, {{6, 3}, {2, 1.5}})
equal(7 // t, {{7, 3}, {2, 1}}) equal(7 % t, {{0, 1}, {1, 3}}) equal(t ^ 2, {{1, 4}, {9, 16}}) equal(2 ^ t, {{2, 4}, {8, 16}})
equal(-t, {{-1, -2}, {-3, -4}}) equal(nn.tensor{-7.5} // 2, {-4}) equal(nn.tensor{-7.5} % 2, {0.5})
equal(t + nn.tensor{{10}, {20}}, {{11, 12}, {23, 24}}) equal((nn.zeros{3, 1, 2} + nn.zeros{4, 1}).shape, {3, 4, 2})
-- `..` puts rows behind rows, its operands must be tensors (or tables); beside a text it makes a text, as for numbers
equal(t .. t, {{1, 2}, {3, 4}, {1, 2}, {3, 4}}) equal(v .. {6}, {0, 1, 2, 3, 4, 5, 6}) equal({7} .. v:slice(1, 1), {7, 0})
equal("t = " .. v:slice(1, 1), "t = [0.0]\n(1,) float32")
fails("concat: shapes (2, 2) and (1, 3) differ beside the axis that grows", function() return t .. nn.zeros{1, 3} end)
fails("add: shapes (2, 2) and (3,) cannot be broadcast together", function() return t + nn.zeros{3} end)

-- `x:eq(5)`, …; `a & b`, `a | b`, `~a`
for name, expected in pairs{eq = {false, true, false}, ne = {true, false, true}, lt = {true, false, false},
                            le = {true, true, false}, gt = {false, false, true}, ge = {false, true, true}} do
  equal(v:slice(1, 3)[name](v:slice(1, 3), 1), expected) equal(nn[name](v:slice(1, 3), nn.ones{3}), expected)
end
equal(v:lt(1) | v:gt(4), {true, false, false, false, false, true}) equal(v:gt(1) & v:lt(3), v:eq(2)) equal(~v:lt(5), v:ge(5))

-- "Reductions take `{axis=, keepdims=}`"
local x = nn.tensor{{3, 1, 2}, {4, 6, 5}}
equal(x:sum{axis = 1}, {7, 7, 7}) equal(x:mean{axis = 2}, {2, 5}) near(x:std{axis = 2}, {0.8164966, 0.8164966})
near(x:var{axis = -1, keepdims = true}, {{0.6666667}, {0.6666667}}) equal(x:max{axis = 1}, {4, 6, 5}) equal(x:min{axis = 2}, {1, 4})
equal(x:argmax{axis = 2}, {0, 1}) equal(x:argmin{axis = 1}, {0, 0, 0}) equal(x:argmax():item(), 4)  -- values, so from 0
equal(x:prod():item(), 720) equal(x:gt(5):any{axis = 2}, {false, true}) equal(x:gt(0):all():item(), true)
near(nn.tensor{3, 4}:norm(), 5) near(x:norm{axis = 1}, {5, 6.0827625, 5.3851648}) equal(nn.sum(x, {axis = {1, 2}}):item(), 21)
equal(x:sum{axis = 1, keepdims = true}.shape, {1, 3}) equal(x:sum().shape, {})

-- "Elementwise"
local e = nn.tensor{-1.5, 0, 2.5}
for name, f in pairs{exp = math.exp, abs = math.abs, floor = math.floor, ceil = math.ceil,
                     square = function(a) return a * a end, sign = function(a) return a > 0 and 1 or a < 0 and -1 or 0 end,
                     tanh = function(a) return (math.exp(a) - math.exp(-a)) / (math.exp(a) + math.exp(-a)) end,
                     sigmoid = function(a) return 1 / (1 + math.exp(-a)) end, relu = function(a) return math.max(a, 0) end} do
  near(e[name](e), {f(-1.5), f(0), f(2.5)}) near(nn[name](e), {f(-1.5), f(0), f(2.5)})
end
near(nn.tensor{1, 4}:log(), {0, 1.3862944}) near(nn.tensor{1, 4}:sqrt(), {1, 2}) near(nn.tensor{0.5}:erf(), {0.5204999})
equal(e:round(), {-2, 0, 2})  -- half to even
near(nn.tensor{0.126, 0.674}:round(2), {0.13, 0.67}) equal(e:clip(-1, 1), {-1, 0, 1}) equal(e:clip{min = 0}, {0, 0, 2.5})
equal(e:maximum(0), {0, 0, 2.5}) equal(nn.minimum(0, e), {-1.5, 0, 0}) equal(nn.where(e:lt(0), 0.5, e), {0.5, 0, 2.5})
equal(nn.tensor{0 / 0, 1}:isnan(), {true, false}) equal(nn.tensor{1 / 0, 1}:isfinite(), {false, true})

-- "matmul, dot, concat, stack, split, one_hot, sort, unique, histogram"
equal(t:matmul(t), {{7, 10}, {15, 22}}) equal(t:matmul{1, 1}, {3, 7}) equal(nn.dot({1, 2}, nn.tensor{3, 4}):item(), 11)
fails("matmul: shapes (2, 2) and (3,) do not fit", t.matmul, t, nn.zeros{3})
equal(nn.concat{t, t}, t .. t) equal(nn.concat({t, t}, {axis = 2}), {{1, 2, 1, 2}, {3, 4, 3, 4}}) equal(nn.concat{t, t, axis = -1}.shape, {2, 4})
equal(nn.concatenate{v, v}.shape, {12})
equal(nn.stack{v, v}.shape, {2, 6}) equal(nn.stack({t, t * 10}, {axis = 3})[2], {{3, 30}, {4, 40}}) equal(nn.stack{v, v, axis = -1}.shape, {6, 2})
fails("stack: tensor 2 has shape (2, 2), the first (6,)", nn.stack, {v, t}) fails("no tensors given", nn.concat, {})
fails("axes count from 1", nn.concat, {t, t}, {axis = 0}) fails("element 2 must be a tensor, got 3", nn.stack, {v, 3})
local parts = v:split(3)
equal(#parts, 3) equal(parts[2], {2, 3}) equal(nn.split(x, 3, {axis = 2})[3], {{2}, {5}})
parts = v:split{1, 4}  -- they end there
equal(parts[1], {0}) equal(parts[2], {1, 2, 3}) equal(parts[3], {4, 5})
fails("cannot be divided into 4 equal parts", v.split, v, 4) fails("positions must rise", v.split, v, {4, 1})
equal(nn.one_hot(nn.tensor{0, 2}, 3), {{1, 0, 0}, {0, 0, 1}}) equal(nn.tensor{1}:one_hot{num_classes = 2}, {{0, 1}})
equal(nn.sort(x), {{1, 2, 3}, {4, 5, 6}}) equal(x:sort{axis = 1}, {{3, 1, 2}, {4, 6, 5}}) equal((-x):sort{axis = 1}[1], {-4, -6, -5})
equal(nn.tensor{2, 0 / 0, 1}:sort():slice(1, 2), {1, 2})
local values, counts = nn.unique(nn.tensor{3, 1, 3, 3})
equal(values, {1, 3}) equal(counts, {1, 3}) equal(counts.dtype, "int32") equal(nn.tensor{true, true}:unique(), {true})
local heights, edges = nn.histogram(nn.tensor{0, 1, 1, 2, 4}, {bins = 4})
equal(heights, {1, 2, 1, 1}) equal(edges, {0, 1, 2, 3, 4})
heights, edges = v:histogram{bins = 2, range = {1, 4}}
equal(heights, {2, 2}) equal(edges, {1, 2.5, 4})
fails("an element is not finite", nn.histogram, nn.tensor{0 / 0}) fails("'bins' must be", v.histogram, v, {bins = 0})

-- "`print(t)` shows shape, dtype and an aligned, abbreviated picture of the values"
equal(tostring(nn.tensor{{1, -20}, {0.5, 3}}), "[[  1.0 -20.0]\n [  0.5   3.0]]\n(2, 2) float32")
equal(tostring(nn.tensor{1, 1e-8}), "[1.0e+00 1.0e-08]\n(2,) float32")  -- both can be read
equal(tostring(nn.arange(3000)):match "^[^\n]*", "[   0.0    1.0    2.0 ... 2997.0 2998.0 2999.0]")
assert(#tostring(nn.random.normal{100, 100, 100}) < 3000)

-- help counts axes as calls do
assert(io.popen(arg[-1] .. " -e 'help(nn.concat)'"):read "a":find("axis=1", 1, true))

-- the chapter
local keep = v:eq(0) | v:eq(5)
equal(v[keep]:eq(5), {false, true}) equal(nn.stack{v, v}:mean{axis = 1}, v) equal(nn.stack{v, v}:std{axis = 1}, nn.zeros{6})
local function huber(y_true, y_pred)
  local d = (y_true - y_pred):abs()
  return nn.where(d:lt(1), 0.5 * d * d, d - 0.5):mean{axis = -1}
end
near(huber(nn.tensor{{0, 0}}, nn.tensor{{0.5, 3}}), {1.3125})

-- memory: leaks.lua
