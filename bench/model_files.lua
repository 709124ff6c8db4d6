-- model_files.lua FOLDER WHAT FORMAT: saves or loads a model with 100 MB of weights, as a file or as a string; prints the seconds, and the kilobytes
-- of memory that it took at most: the model, the string, and what came and went.
local folder, what, format = arg[1], arg[2], arg[3]
local path = folder .. "/model." .. format

local function memory(field) return tonumber(io.open("/proc/self/status"):read("a"):match(field .. ":%s*(%d+)")) end

local function model()
  local model = nn.Sequential{nn.layers.Dense{5000, use_bias = false, input_shape = {5000}}}
  model:get_weights()  -- which are made when somebody looks
  return model
end

local function contents()
  local file <close> = assert(io.open(path, "rb"))
  local size = file:seek("end")
  file:seek("set")
  return file:read(size)
end

local save = format == "weights.h5" and "save_weights" or "save"
local before = memory("VmRSS")
-- What is there before the clock starts, and what is timed.
local works = {
  save = {model, function(model) model[save](model, path) end},
  load = {function() return path end, nn.load_model},
  load_weights = {model, function(model) model:load_weights(path) end},
  save_buffer = {model, function(model) return model[save](model, {format = format}) end},
  load_buffer = {contents, function(bytes) return nn.load_model{bytes = bytes} end},
  load_weights_buffer = {
    function() return {model = model(), bytes = contents()} end,
    function(given) given.model:load_weights{bytes = given.bytes} end,
  },
}
local prepare, work = table.unpack(works[what])
local given = prepare()
collectgarbage()
-- The peak so far, of making the string, does not count.
io.open("/proc/self/clear_refs", "w"):write("5"):close()
local start = nn.clock()
local result = work(given)
print(nn.clock() - start, memory("VmHWM") - before)
