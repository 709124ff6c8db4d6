local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails

-- making
local t = nn.tensor{{1, 2, 3}, {4, 5, 6}}
equal(t.shape, {2, 3}) equal(t.dtype, "float32") equal(t.ndim, 2) equal(t.size, 6) equal(#t, 2)
equal(t:tolist(), {{1, 2, 3}, {4, 5, 6}})
equal(nn.tensor{true, false}.dtype, "bool")
equal(nn.tensor({1, 2}, {dtype = "int32"}).dtype, "int32")
equal(nn.tensor{16777217, -5, dtype = "int32"}, {16777217, -5})
equal(nn.tensor{1.7, dtype = "int32"}, {1})
equal(nn.tensor{255, dtype = "uint8"}, {255})
equal(nn.tensor(7).shape, {}) equal(nn.tensor(7):item(), 7)
equal(nn.tensor{}.shape, {0})
equal(nn.zeros{2, 2}, {{0, 0}, {0, 0}}) equal(nn.ones{shape = {2}, dtype = "int32"}, {1, 1})
equal(nn.full({2}, 7), {7, 7}) equal(nn.full{shape = {1}, fill_value = 3, dtype = "uint8"}.dtype, "uint8")
equal(nn.arange(4), {0, 1, 2, 3}) equal(nn.arange(1, 2, 0.5), {1, 1.5}) equal(nn.linspace(0, 1, 3), {0, 0.5, 1})
equal(nn.eye(2), {{1, 0}, {0, 1}})
equal(math.type(nn.tensor({3}, {dtype = "int32"})[1]), "integer")

-- rows
equal(t[1], {1, 2, 3}) equal(t[-1], {4, 5, 6}) equal(t[2][3], 6) equal(t[1][-1], 3)
equal(t:slice(2), {{4, 5, 6}}) equal(t:slice(1, -2), {{1, 2, 3}}) equal(t:slice(5).shape, {0, 3})
equal(t:take{2, 1, -1}, {{4, 5, 6}, {1, 2, 3}, {4, 5, 6}})
equal(t[nn.tensor{false, true}], {{4, 5, 6}}) equal(t[t:sum{axis = 2}:gt(10)], {{4, 5, 6}})
local rows = 0
for i, row in ipairs(t) do rows = rows + 1 equal(row, t[i]) end
equal(rows, 2)
fails("index 4 is outside 1 … 2", function() return t[4] end)
fails("positions count from 1", function() return t[0] end)
fails("mask: shape (3,) does not fit", function() return t[nn.tensor{true, false, true}] end)
fails("index 3 is outside 1 … 2", t.take, t, {3})
fails("indices must be integers, got 1.5", t.take, t, {1.5})

-- shapes
equal(t:reshape{3, 2}, {{1, 2}, {3, 4}, {5, 6}}) equal(t:reshape(-1), {1, 2, 3, 4, 5, 6})
equal(t:reshape{shape = {6, 1}}.shape, {6, 1})
equal(t:transpose(), {{1, 4}, {2, 5}, {3, 6}}) equal(t:transpose{2, 1}, t:transpose()) equal(t:transpose{1, 2}, t)
equal(nn.stack{t, t}.shape, {2, 2, 3})
fails("(4, 2)", t.reshape, t, {4, 2})

-- operators broadcast, with numbers on either side
equal(t + 1, {{2, 3, 4}, {5, 6, 7}}) equal(10 - t, {{9, 8, 7}, {6, 5, 4}}) equal(-t[1], {-1, -2, -3})
equal(t * {1, 0, 2}, {{1, 0, 6}, {4, 0, 12}}) equal({1, 2, 3} / t[1], {1, 1, 1}) equal(2 ^ nn.tensor{3}, {8})
equal(nn.tensor{7, -7} // 2, {3, -4}) equal(nn.tensor{7, -7} % 3, {1, 2})
equal(t:sum{axis = 1} + t:slice(1, 1), {{6, 9, 12}})
equal(t:eq(2)[1], {false, true, false}) equal(t:lt(3) | t:ge(6), {{true, true, false}, {false, false, true}})
equal(~t:eq(2)[1], {true, false, true}) equal(t[1]:gt(1) & t[1]:lt(3), {false, true, false})
equal("x: " .. nn.tensor(1), "x: 1.0\n() float32")
fails("add: shapes (2, 3) and (2,) cannot be broadcast together", function() return t + nn.zeros{2} end)
fails("must be a tensor, got string", function() return t + "1" end)

-- reductions: axes from 1
equal(t:sum():item(), 21) equal(t:sum{axis = 1}, {5, 7, 9}) equal(t:sum{axis = 2}, {6, 15}) equal(t:sum(-1), {6, 15})
equal(t:mean{axis = {1, 2}}:item(), 3.5) equal(t:max{axis = 1, keepdims = true}, {{4, 5, 6}})
near(t:std{axis = 2}, {0.8164966, 0.8164966}) equal(t:prod():item(), 720)
equal(t:argmax{axis = 2}, {2, 2}) equal(t:gt(5):any():item(), true) equal(t:gt(5):all():item(), false)
fails("axes count from 1", t.sum, t, {axis = 0})
fails("axis 3 does not exist in shape (2, 3)", t.sum, t, {axis = 3})
fails("did you mean 'axis'?", t.sum, t, {axes = 1})

-- functions
near(nn.exp(nn.tensor{0, 1}), {1, 2.7182818}) near(nn.tensor{1, 4}:sqrt(), {1, 2})
equal(t:clip(2, 5), {{2, 2, 3}, {4, 5, 5}}) equal(nn.clip(t, {min = 4})[1], {4, 4, 4})
near(nn.tensor{1.256}:round(2), {1.26}) equal(nn.where(t:gt(3), t, 0), {{0, 0, 0}, {4, 5, 6}})
near(nn.softmax(t):sum{axis = -1}, {1, 1}) equal(t:matmul(nn.eye(3)), t)
near(nn.activations.elu(nn.tensor{-1, 1}), {-0.6321206, 1})
near(nn.losses.mean_squared_error(nn.tensor{{1, 2}}, nn.tensor{{1, 4}}), {2})
fails("'min' (3.0) is greater than 'max' (1.0)", t.clip, t, 3, 1)
fails("matmul", t.matmul, t, t)

-- storage
equal(t:astype "uint8".dtype, "uint8") equal(t:astype "bool"[1], {true, true, true})
fails("does not fit uint8", function() return nn.tensor{300}:astype "uint8" end)
fails("unknown dtype 'flot32'; did you mean 'float32'?", t.astype, t, "flot32")
fails("does not fit int32", nn.tensor, {2 ^ 40, dtype = "int32"})
fails("has 6 elements, not 1", t.item, t)

-- misfits
fails("ragged: [2] has 1 elements", nn.tensor, {{1, 2}, {3}})
fails("element [2] is string", nn.tensor, {1, "2"})
fails("is too large", nn.zeros, {1 << 40, 1 << 40})
fails("negative extent -1", nn.zeros, {-1})
fails("'shape' is required", nn.zeros)
fails("unknown argument 'dtyp'; did you mean 'dtype'?", nn.zeros, {shape = {1}, dtyp = "int32"})
fails("unknown field 'shpe'; did you mean 'shape'?", function() return t.shpe end)
fails("'shape' can be read, not set", function() t.shape = {6} end)
fails("unknown name 'zreos'; did you mean 'zeros'?", function() return nn.zreos end)

-- randomness: a seed gives the same numbers
nn.set_seed(1) local a = nn.random.normal{3}
nn.set_seed(1) equal(nn.random.normal{3}, a)
equal(nn.random.uniform{shape = {2}, seed = 5}, nn.random.uniform{shape = {2}, seed = 5})
local u = nn.random.uniform({1000}, 2, 3)
assert(u:min():item() >= 2 and u:max():item() <= 3)
local order = nn.random.permutation(50):tolist()
table.sort(order)
for i = 1, 50 do equal(order[i], i) end
equal(nn.arange(50):take(nn.random.permutation(50)):sum():item(), 1225)

-- memory: a thousand tensors of 4 MB do not stay
for _ = 1, 1000 do local _ = nn.zeros{1 << 20} end

-- printing
equal(tostring(nn.tensor{{1, 2.5}}), "[[1.0 2.5]]\n(1, 2) float32")
assert(#tostring(nn.zeros{1000, 1000}) < 1000)
