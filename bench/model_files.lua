-- model_files.lua FOLDER save|load NAME: one save or load of a model with 100 MB of weights; prints its seconds.
local folder, what, name = arg[1], arg[2], arg[3]
local path = folder .. "/" .. name
if what == "save" then
  local model = nn.Sequential{nn.layers.Dense{5000, use_bias = false, kernel_initializer = "zeros", input_shape = {5000}}}
  local start = nn.clock()
  model:save(path)
  print(nn.clock() - start)
else
  local start = nn.clock()
  nn.load_model(path, {compile = false})
  print(nn.clock() - start)
end
