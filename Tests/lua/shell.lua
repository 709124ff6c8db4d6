-- What a script may expect of nnrepl itself.

assert(_VERSION == "Lua 5.4")
assert(arg[0]:match("shell%.lua$") and #arg == 0 and select("#", ...) == 0)
assert(_ == nil and _PROMPT == nil)

-- errors of Swift functions are ordinary Lua errors: one line, place and name first
local good, message = pcall(help, "no such thing")
assert(not good and message:match("help: no help for 'no such thing'"), message)
assert(not message:find("\n"))
local ok, err = pcall(help, 42)
assert(not ok and err:match("nothing is known about this number"), err)

-- they can be called from coroutines
local co = coroutine.wrap(function() return select(2, pcall(help, "nowhere")) end)
assert(co():match("no help for 'nowhere'"))
