-- What the other scripts assert with.
local check = {}

local function show(value) return type(value) == "string" and string.format("%q", value) or tostring(value) end

local function same(a, b)
  if rawequal(a, b) then return true end  -- also ends circles
  if type(a) == "table" and type(b) == "table" then
    for key, value in pairs(a) do if not same(value, b[key]) then return false end end
    for key in pairs(b) do if a[key] == nil then return false end end
    return true
  end
  return a == b
end

local function list(value)
  if type(value) ~= "userdata" then return value end
  local isTensor, elements = pcall(function() return value:tolist() end)
  if isTensor then return elements end  -- false is one, too
  return value
end

--- Equal values, tables and tensors by their elements.
function check.equal(actual, expected)
  if not same(list(actual), list(expected)) then
    error("expected " .. show(expected) .. ", got " .. show(actual), 2)
  end
end

--- Numbers (in tensors) that differ by no more than 1e-5.
function check.near(actual, expected)
  local function near(a, b)
    if type(a) ~= "table" then return math.abs(a - b) <= 1e-5 * math.max(1, math.abs(b)) end
    for i = 1, math.max(#a, #b) do if not near(a[i], b[i]) then return false end end
    return true
  end
  if not near(list(actual), list(expected)) then error("expected " .. show(expected) .. ", got " .. show(actual), 2) end
end

--- The function fails, with one line that contains the text.
function check.fails(text, body, ...)
  local good, message = pcall(body, ...)
  if good then error("expected a failure: " .. text, 2) end
  if type(message) ~= "string" or not message:find(text, 1, true) then
    error("expected " .. show(text) .. " in " .. show(message), 2)
  end
  if message:find("\n") then error("more than one line: " .. message, 2) end
end

--- A new folder, removed when the variable that holds it goes: local file <close> = check.folder(); file "net.c" is a path in it.
function check.folder()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkdir '" .. path .. "'"))
  return setmetatable({}, {
    __call = function(_, name) return path .. "/" .. name end,
    __close = function() assert(os.execute("rm -r '" .. path .. "'")) end,
  })
end

return check
