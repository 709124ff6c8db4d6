-- nnrepl gives coroutine.resume and coroutine.wrap a coat, so that Ctrl-C reaches loops in coroutines. What they do is Lua's own: every
-- expectation here holds for plain lua5.4, too (manual, section 6.2), and `lua5.4 Tests/lua/coroutines.lua` shows it.

local function fails(pattern, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error")
  assert(tostring(message):find(pattern), ("%q does not match %q"):format(tostring(message), pattern))
  return message
end

-- Values go in and out, none and many, with nils among and behind them.
local echo = coroutine.create(function(...)
  local got = table.pack(...)
  while true do got = table.pack(coroutine.yield(table.unpack(got, 1, got.n))) end
end)
for count = 0, 200, 50 do
  local given = {}
  for i = 1, count, 2 do given[i] = i end
  local back = table.pack(coroutine.resume(echo, table.unpack(given, 1, count)))
  assert(back[1] == true and back.n == count + 1)
  for i = 1, count do assert(back[i + 1] == given[i]) end
end
assert(coroutine.status(echo) == "suspended")

local counter = coroutine.wrap(function(a, b)
  local c, d = coroutine.yield(a + b, nil)
  return c, d, nil
end)
assert(select("#", counter(1, 2)) == 2)
assert(select("#", counter(3, 4)) == 3)
fails("cannot resume dead coroutine", counter)

-- Generators, one inside the other.
local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0
for i in coroutine.wrap(function() for i in numbers(10) do for _ in numbers(i) do coroutine.yield(i) end end end) do sum = sum + i end
assert(sum == 385) -- 1² + … + 10²

-- Errors: resume hands any value on; wrap puts a place before text, leaves other values alone, and closes.
local object = setmetatable({}, { __name = "mistake" })
local ok, err = coroutine.resume(coroutine.create(function() error(object) end))
assert(ok == false and err == object)
ok, err = coroutine.resume(coroutine.create(function() error("as it is", 0) end))
assert(ok == false and err == "as it is")
ok, err = pcall(function() coroutine.wrap(function() error(object) end)() end)
assert(ok == false and err == object)
ok, err = pcall(function() return (coroutine.wrap(function() error("deep", 0) end)()) end)
assert(ok == false and err:find("^.*coroutines%.lua:%d+: deep$"), err)
fails("^deep$", coroutine.wrap(function() error("deep", 0) end)) -- called by pcall, which has no place
local closed = false
fails("in vain", coroutine.wrap(function()
  local _ <close> = setmetatable({}, { __close = function() closed = true end })
  error("in vain")
end))
assert(closed, "wrap closes what failed")

-- Yields across pcall and metamethods, and who is running.
local guarded = coroutine.wrap(function()
  local good, message = pcall(function()
    coroutine.yield("inside")
    error("after")
  end)
  assert(not good and message:find("after"))
  return (setmetatable({}, { __add = function(_, n) return coroutine.yield(n) end })) + 7
end)
assert(guarded() == "inside" and guarded() == 7 and guarded("sum") == "sum")
local main, isMain = coroutine.running()
assert(isMain and not coroutine.isyieldable())
local me
me = coroutine.create(function()
  local running, first = coroutine.running()
  assert(running == me and not first and coroutine.isyieldable())
  assert(coroutine.status(main) == "normal" and coroutine.status(me) == "running")
  local again, message = coroutine.resume(me)
  assert(not again and message == "cannot resume non-suspended coroutine")
  again, message = coroutine.resume(main)
  assert(not again and message == "cannot resume non-suspended coroutine")
end)
assert(coroutine.resume(me))
ok, err = coroutine.resume(me)
assert(ok == false and err == "cannot resume dead coroutine")
fails("attempt to yield from outside a coroutine", coroutine.yield)

-- Misuse is named.
fails("bad argument #1 to 'resume' %(thread expected, got number%)", function() coroutine.resume(1) end)
fails("bad argument #1 to 'resume' %(thread expected, got no value%)", function() coroutine.resume() end)
fails("bad argument #1 to 'wrap' %(function expected, got no value%)", function() coroutine.wrap() end)
fails("bad argument #1 to 'wrap' %(.*function expected, got table%)", function() coroutine.wrap({}) end)
fails("bad argument #1 to 'create' %(.*function expected, got nil%)", function() coroutine.create(nil) end)

-- Too deep is an error that passes through all of them, not a crash.
local function deeper(n) return coroutine.wrap(function() return deeper(n + 1) end)() end
fails("C stack overflow", deeper, 1)

-- Dropped in the middle, they are collected.
local kept = setmetatable({}, { __mode = "k" })
for _ = 1, 100 do
  local dropped = coroutine.create(function() coroutine.yield() end)
  coroutine.resume(dropped)
  kept[dropped] = true
end
collectgarbage()
collectgarbage()
local left = 0
for _ in pairs(kept) do left = left + 1 end
assert(left <= 1, left .. " of 100 are left") -- the loop's last may still lie in a register
