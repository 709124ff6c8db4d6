-- Storage types: NumPy's rules (promotion of arrays; what is written as a number adapts, NEP 50), with int32 where NumPy would
-- take its default int64, and float32 where it would take float64.
local check = require "check"
local equal, near, fails = check.equal, check.near, check.fails

local function typed(tensor, dtype, values)
  if tensor.dtype ~= dtype then error("expected " .. dtype .. ", got " .. tensor.dtype, 2) end
  equal(tensor, values)
end
local function int(values) return nn.tensor(values, {dtype = "int32"}) end
local function byte(values) return nn.tensor(values, {dtype = "uint8"}) end
local truth = nn.tensor{true, false}
local big = int{2147483647, -2147483648}

-- two tensors: bool, uint8, int32, float32, whichever comes last
typed(int{1, 2} + int{3, 4}, "int32", {4, 6})
typed(byte{1, 2} + byte{3, 4}, "uint8", {4, 6})
typed(byte{1, 2} + int{3, -4}, "int32", {4, -2})
typed(truth + int{3, 4}, "int32", {4, 4})
typed(truth * byte{3, 4}, "uint8", {3, 0})
typed(int{1, 2} + nn.tensor{0.5, 0.5}, "float32", {1.5, 2.5})
typed(byte{1, 2} * nn.tensor{0.5, 0.5}, "float32", {0.5, 1})

-- integers are exact over the whole range, and wrap around
typed(int{16777217} + int{0}, "int32", {16777217})
typed(int{16777217, 2147483646} + 1, "int32", {16777218, 2147483647})
typed(big + 1, "int32", {-2147483648, -2147483647})
typed(big * 2, "int32", {-2, 0})
typed(-big, "int32", {-2147483647, -2147483648})
typed(byte{250, 5} + byte{10, 10}, "uint8", {4, 15})
typed(byte{5} - byte{6}, "uint8", {255})
typed(-byte{1}, "uint8", {255})
typed(int{46341} ^ 2, "int32", {-2147479015})  -- 46341² − 2³²
typed(int{3, -2} ^ int{4, 3}, "int32", {81, -8})
typed(2 ^ int{0, 10, 30}, "int32", {1, 1024, 1 << 30})

-- division: the quotient is float32, // and % round down and stay integers; by 0 they are 0
typed(int{1, 7} / int{2, 2}, "float32", {0.5, 3.5})
typed(byte{255} / 255, "float32", {1})
typed(int{7, -7, 7, -7} // int{2, 2, -2, -2}, "int32", {3, -4, -4, 3})
typed(int{7, -7, 7, -7} % int{3, 3, -3, -3}, "int32", {1, 2, -2, -1})
typed(byte{7} // 2, "uint8", {3}) typed(byte{7} % 4, "uint8", {3})
typed(int{5} // 0, "int32", {0}) typed(int{5} % 0, "int32", {0})
typed(int{-2147483648} // -1, "int32", {-2147483648}) typed(int{-2147483648} % -1, "int32", {0})
equal((int{1, 0} / 0)[1], math.huge)

-- numbers adapt: integers keep an integer type, floats make float32
typed(byte{1} + 1, "uint8", {2}) typed(1 + byte{1}, "uint8", {2}) typed(10 - int{3}, "int32", {7})
typed(int{1} + 1.5, "float32", {2.5}) typed(int{1} * 2.0, "float32", {2}) typed(byte{1} + 0.5, "float32", {1.5})
typed(truth + 1, "int32", {2, 1}) typed(truth * 2, "int32", {2, 0}) typed(truth * 0.5, "float32", {0.5, 0})
typed(int{1, 2} + {10, 20}, "int32", {11, 22}) typed(int{1, 2} + {0.5, 1}, "float32", {1.5, 3})
typed(nn.tensor{1} + 1, "float32", {2})
fails("300 does not fit uint8", function() return byte{1} + 300 end)
fails("-1 does not fit uint8", function() return byte{1} * -1 end)
fails("4294967296 does not fit int32", function() return int{1} + (1 << 32) end)
fails("integers to negative powers", function() return int{2} ^ -1 end)

-- comparisons are exact, also between types
typed(int{16777217}:eq(16777216), "bool", {false}) typed(int{16777217}:gt(int{16777216}), "bool", {true})
typed(int{16777217}:eq(nn.tensor{16777216}), "bool", {false}) typed(nn.tensor{16777216}:lt(int{16777217}), "bool", {true})
typed(big:eq(2147483647), "bool", {true, false}) typed(big:lt(1 << 40), "bool", {true, true})
typed(byte{255, 44}:eq(300), "bool", {false, false}) typed(byte{1}:gt(-1), "bool", {true})
typed(byte{3, 4}:eq(3), "bool", {true, false}) typed(byte{3}:lt(3.5), "bool", {true})
typed(int{3}:ge(2.5), "bool", {true}) typed(nn.tensor{0.1}:eq(0.1), "bool", {true})
typed(truth:eq(truth), "bool", {true, true}) typed(truth:ne(true), "bool", {false, true})
typed(nn.tensor{0 / 0}:eq(0 / 0), "bool", {false}) typed(nn.tensor{0 / 0}:ne(0 / 0), "bool", {true})

-- truths: + is or, * is and; no difference
typed(truth + nn.tensor{true, true}, "bool", {true, true}) typed(truth * nn.tensor{true, true}, "bool", {true, false})
typed(truth & nn.tensor{true, true}, "bool", {true, false}) typed(truth | nn.tensor{false, false}, "bool", {true, false})
typed(truth ~ nn.tensor{true, true}, "bool", {false, true}) typed(~truth, "bool", {false, true})
typed(truth:logical_and(int{7, 7}), "bool", {true, false}) typed(~int{0, 5}, "bool", {true, false})
fails("no difference", function() return truth - truth end)
fails("no sign", function() return -truth end)

-- functions of one variable: what is whole stays whole
typed(int{-3, 4}:abs(), "int32", {3, 4}) typed(int{-3, 0}:sign(), "int32", {-1, 0}) typed(int{-3}:square(), "int32", {9})
typed(int{65537}:square(), "int32", {131073}) typed(byte{16}:square(), "uint8", {0})
typed(int{5}:floor(), "int32", {5}) typed(int{5}:ceil(), "int32", {5}) typed(int{5}:round(2), "int32", {5})
typed(int{-5, 5}:clip(-1, 3), "int32", {-1, 3}) typed(byte{5, 200}:clip(10, 1000), "uint8", {10, 200})
typed(int{5}:clip(0, 2.5), "float32", {2.5})
typed(int{4}:sqrt(), "float32", {2}) typed(byte{0}:exp(), "float32", {1})
typed(int{4}:isnan(), "bool", {false}) typed(int{4}:isfinite(), "bool", {true})
typed(nn.tensor{0 / 0, 1 / 0, 1}:isnan(), "bool", {true, false, false})
typed(nn.tensor{0 / 0, 1 / 0, 1}:isfinite(), "bool", {false, false, true})
typed(int{1, 5}:maximum(3), "int32", {3, 5}) typed(nn.minimum(int{1, 5}, int{3, 3}), "int32", {1, 3})
typed(nn.where(truth, int{1, 2}, 0), "int32", {1, 0}) typed(nn.where(truth, byte{1, 2}, byte{3, 4}), "uint8", {1, 4})
typed(nn.where(truth, int{1, 2}, 0.5), "float32", {1, 0.5}) typed(nn.where(truth, truth, ~truth), "bool", {true, true})
typed(nn.where(truth, 16777217, int{2}), "int32", {16777217, 2})

-- reductions: sums and products are exact integers; positions count from 0; means are float32
typed(truth:sum(), "int32", 1) typed(byte{200, 200}:sum(), "int32", 400)
typed(int{16777216, 1, 1}:sum(), "int32", 16777218) typed(int{{1, 2}, {3, 4}}:sum{axis = 1, keepdims = true}, "int32", {{4, 6}})
typed(int{{1, 2}, {3, 4}}:prod{axis = 2}, "int32", {2, 12}) typed(byte{200, 3}:prod(), "int32", 600)
typed(nn.zeros{0}:astype "int32":sum(), "int32", 0)
fails("sum: 4294967294 does not fit int32", function() return int{2147483647, 2147483647}:sum() end)
fails("prod: the result does not fit int32", function() return int{2147483647, 2147483647, 2147483647}:prod() end)
typed(big:max(), "int32", 2147483647) typed(byte{3, 250}:min{axis = 1}, "uint8", 3) typed(truth:max(), "bool", true)
typed(big:argmax(), "int32", 0) typed(int{16777216, 16777217}:argmax(), "int32", 1)
typed(int{{1, 9}, {7, 2}}:argmin{axis = -1, keepdims = true}, "int32", {{0}, {1}})
typed(big:mean(), "float32", -0.5) typed(byte{255, 0}:mean(), "float32", 127.5) typed(truth:mean(), "float32", 0.5)
typed(int{1, 2, 3, 4}:var(), "float32", 1.25) typed(int{{1, 5}, {3, 9}}:std{axis = 1}, "float32", {1, 2})
typed(int{0, 2}:any(), "bool", true) typed(int{0, 2}:all(), "bool", false) typed(truth:any{axis = 1}, "bool", true)
typed(nn.tensor{0, 0.5}:any(), "bool", true) typed(nn.tensor{{0, 1}, {1, 1}}:all{axis = 2}, "bool", {false, true})
typed(int{3, 4}:norm(), "float32", 5)
local cube = nn.arange(24, {dtype = "int32"}):reshape{2, 3, 4}
typed(cube:sum{axis = {1, 3}}, "int32", {60, 92, 124}) typed(cube:max{axis = {1, 3}, keepdims = true}, "int32", {{{15}, {19}, {23}}})
equal(cube:sum{axis = {1, 3}}, cube:astype "float32":sum{axis = {1, 3}})
fails("max of no elements", function() return nn.zeros{0}:astype "int32":max() end)
assert(nn.ones{49}:mean():item() == 1)  -- not 49 * (1 / 49)

-- sums that would drown in float32: a million pixels
typed(nn.full({1000000}, 255, "uint8"):sum(), "int32", 255000000)
typed(nn.full({1000000}, 3, "uint8"):mean(), "float32", 3)

-- layout keeps the type
typed(byte{{1, 2}, {3, 4}}:transpose(), "uint8", {{1, 3}, {2, 4}})
typed(int{{16777217, 2}}:transpose{2, 1}, "int32", {{16777217}, {2}})
equal(cube:transpose{3, 1, 2}, cube:astype "float32":transpose{3, 1, 2})
typed(byte{1} .. int{300}, "int32", {1, 300}) typed(byte{1} .. byte{2}, "uint8", {1, 2})
typed(int{1, 2}:matmul(int{3, 4}), "int32", 11) typed(int{{1, 2}, {3, 4}}:matmul(int{{1, 0}, {0, 1}}), "int32", {{1, 2}, {3, 4}})
typed(int{1, 2}:dot(int{3, 4}), "int32", 11) typed(int{1, 2}:matmul{0.5, 1}, "float32", 2.5)
typed(int{1, 2}:reshape{2, 1}, "int32", {{1}, {2}}) typed(truth:take{2}, "bool", {false})
typed(nn.arange(3, {dtype = "int32"}), "int32", {0, 1, 2}) typed(nn.eye(2, {dtype = "bool"}), "bool", {{true, false}, {false, true}})

-- broadcasting in every type
typed(int{{1}, {2}} + int{10, 20}, "int32", {{11, 21}, {12, 22}}) typed(byte{{1}, {2}}:lt(byte{{2, 1}}), "bool", {{true, false}, {false, false}})
typed(nn.where(nn.tensor{{true}, {false}}, int{1, 2}, int{3, 4}), "int32", {{1, 2}, {3, 4}})
fails("add: shapes (2,) and (3,) cannot be broadcast together", function() return int{1, 2} + int{1, 2, 3} end)
fails("where: shapes", function() return nn.where(truth, int{1, 2, 3}, int{1, 2, 3}) end)
typed(nn.zeros({0, 2}, {dtype = "int32"}) + int{1, 2}, "int32", {})

-- large ones go other ways, to the same results
local n = 300000
local large = nn.arange(n, {dtype = "int32"})
local floats = large:astype "float32"
fails("sum: 89999700000 does not fit int32", function() return (large + large):sum() end)
equal((floats + floats)[n], 2.0 * (n - 1)) equal((large % 7):max():item(), 6) equal((floats / 2)[n], (n - 1) / 2)
equal((floats:gt(n - 3)):sum():item(), 2) equal(large:eq(floats):all():item(), true)
equal(floats:exp():slice(1, 2)[1], 1.0) equal(large:sqrt()[n], floats:sqrt()[n])
