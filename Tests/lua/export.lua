-- Models as C. What the files compute is compared in Tests/checks/export.sh, where there is a compiler.
local check = require "check"
local equal, fails = check.equal, check.fails
local L = nn.layers

local file <close> = check.folder()
local function read(name)
  local f <close> = assert(io.open(file(name)))
  return f:read "a"
end

local m = nn.Sequential{
  L.Dense{6, activation = "elu", input_shape = {4}, name = "hidden"}, L.BatchNormalization{name = "norm"}, L.Dropout{0.25},
  L.Dense{3, activation = "softmax", name = "output"}, name = "My net"}

-- A file, a string: the same, and the same again.
m:export_c(file "net.c")
local text = read "net.c"
equal(m:export_c(), text)
equal(m:export_c{}, text)
assert(text:find("int my_net_predict(const float *x, size_t n, float *y);", 1, true))
assert(text:find("#define MY_NET_X_SIZE 4\n", 1, true) and text:find("#define MY_NET_Y_SIZE 3\n", 1, true))
assert(text:find("static const float my_net_hidden_kernel[24]", 1, true))
-- Normalization is inside the kernel behind it, under whose step its name stands.
assert(text:find("norm, output: ", 1, true) and not text:find "gamma")
-- Nothing but the C library's headers.
for header in text:gmatch "#include <(.-)>" do assert(({["stddef.h"] = 1, ["math.h"] = 1, ["stdlib.h"] = 1, ["stdio.h"] = 1})[header]) end

-- Options, by name and in Lua's other way of calling.
text = m:export_c{name = "digits", weights = "int8"}
assert(text:find("void digits_run(const float *x, float *y, float *workspace);", 1, true))
assert(text:find("static const signed char digits_hidden_kernel[24]", 1, true))
assert(text:find("static const float digits_hidden_kernel_scale[6]", 1, true))
m:export_c{file "again.c", name = "digits", weights = "int8"}
equal(read "again.c", text)
text = m:export_c{samples = nn.ones{2, 4}}
assert(text:find("my_net_test_x[8] = {\n  1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f\n", 1, true))
local expected = text:match "my_net_expected_y%[6%] = {%s*(.-)}"
local i = 0
local y = m:predict(nn.ones{2, 4}):reshape{6}:tolist()
for number in expected:gmatch "([^,%s]+)f" do
  i = i + 1
  assert(math.abs(tonumber(number) - y[i]) < 1e-6)
end
equal(i, 6)

-- Models with several inputs take a list of samples.
local a, b = nn.Input{shape = {2}, name = "a"}, nn.Input{shape = {2}, name = "b"}
local sum = nn.Model{inputs = {a, b}, outputs = {L.Add()({a, b}), L.Maximum{name = "most"}({a, b})}}
text = sum:export_c{name = "sum", samples = {nn.ones{1, 2}, nn.zeros{1, 2}}}
assert(text:find("int sum_predict(const float *a, const float *b, size_t n, float *add", 1, true))
assert(text:find "sum_expected_most%[2%] = {\n  1%.0f, 1%.0f\n}")

-- Users' code is in it.
local user = nn.Sequential{L.Lambda{function(x) return x:sin() * 3 end, input_shape = {2}}}
assert(user:export_c{name = "user"}:find "sinf%(")

-- What is wrong is said, and leaves no file.
os.remove(file "net.c")
os.remove(file "again.c")
fails("export_c: the file's name must end in .c", m.export_c, m, file "net.h5")
fails("its folder does not exist", m.export_c, m, file "nowhere/net.c")
fails("export_c: 'weights' must be one of 'float32', 'int8', got 'int4'", m.export_c, m, file "net.c", {weights = "int4"})
fails("'name' must be an identifier of C", m.export_c, m, file "net.c", {name = "my net"})
fails("takes samples of shape (None, 4), got x of shape (2, 5)", m.export_c, m, file "net.c", {samples = nn.ones{2, 5}})
fails("the model takes 1 inputs", m.export_c, m, file "net.c", {samples = {nn.ones{2, 4}, nn.ones{2, 4}}})
fails("did you mean", m.export_c, m, file "net.c", {wieghts = "int8"})
fails("not built yet", function() nn.Sequential{L.Dense(3)}:export_c(file "net.c") end)
fails("draws random numbers also in inference", function()
  local Always = L.Dropout:subclass "Always"
  function Always:call(x) return Always.super.call(self, x, true) end
  nn.Sequential{L.Dense{3, input_shape = {4}}, Always(0.5)}:export_c(file "net.c")
end)
fails("depend on the other samples of its batch", function()
  nn.Sequential{L.Lambda{function(x) return x - x:mean{axis = 1, keepdims = true} end, input_shape = {2}}}:export_c(file "net.c")
end)
assert(not io.open(file "net.c"))
m:export_c(file "net.c")
fails("exists already", m.export_c, m, file "net.c", {overwrite = false})
