-- Models as ONNX. What the files compute is compared in Tests/interop and by the Swift tests.
local check = require "check"
local equal, fails = check.equal, check.fails
local L = nn.layers

local file <close> = check.folder()

local m = nn.Sequential{
  L.Dense{6, activation = "elu", input_shape = {4}, name = "hidden"}, L.BatchNormalization{name = "norm"}, L.Dropout{0.25},
  L.Dense{3, activation = "softmax", name = "output"}, name = "net"}

-- A file, a string: the same, and the same again.
m:export_onnx(file "net.onnx")
local f <close> = assert(io.open(file "net.onnx", "rb"))
local bytes = f:read "a"
equal(m:export_onnx(), bytes)
equal(m:export_onnx{}, bytes)
m:export_onnx{file "again.onnx"}
-- The file's version and producer; names of layers; normalization is in the kernel behind it.
equal(bytes:sub(1, 9), "\x08\x08\x12\x05libnn")
for _, name in ipairs{"hidden/kernel", "hidden/Elu", "output/bias", "output/Softmax", "norm, output", "batch"} do
  assert(bytes:find(name, 1, true), name)
end
assert(not bytes:find "gamma" and not bytes:find "Dropout")
-- A number of samples instead of any.
assert(not m:export_onnx{batch = 2}:find("batch", 1, true))

-- Users' code is in it, and what depends on the batch size needs one.
assert(nn.Sequential{L.Lambda{function(x) return x:sin() * 3 end, input_shape = {2}}}:export_onnx():find("Sin", 1, true))
local centred = nn.Sequential{
  L.Lambda{function(x) return x - x:mean{axis = 1, keepdims = true} end, input_shape = {2}, name = "centre"}, name = "mixed"}
fails("mixed: export_onnx: the layer 'centre': a constant depends on the batch size; 'batch' asks for a file for one size",
  function() centred:export_onnx() end)
assert(#centred:export_onnx{batch = 4} > 100)

-- What is wrong is said, and leaves no file.
os.remove(file "net.onnx")
os.remove(file "again.onnx")
fails("export_onnx: the file's name must end in .onnx", m.export_onnx, m, file "net.h5")
fails("its folder does not exist", m.export_onnx, m, file "nowhere/net.onnx")
fails("'batch' must be a positive integer, got 0", m.export_onnx, m, file "net.onnx", {batch = 0})
fails("'batch'", m.export_onnx, m, file "net.onnx", {batch = "many"})
fails("did you mean", m.export_onnx, m, file "net.onnx", {bach = 1})
fails("not built yet", function() nn.Sequential{L.Dense(3)}:export_onnx(file "net.onnx") end)
fails("ONNX is written by export_onnx", m.save, m, file "net.onnx")
fails("draws random numbers also in inference", function()
  local Always = L.Dropout:subclass "AlwaysInOnnx"
  function Always:call(x) return Always.super.call(self, x, true) end
  nn.Sequential{L.Dense{3, input_shape = {4}}, Always(0.5)}:export_onnx(file "net.onnx")
end)
assert(not io.open(file "net.onnx"))
m:export_onnx(file "net.onnx")
fails("exists already", m.export_onnx, m, file "net.onnx", {overwrite = false})
