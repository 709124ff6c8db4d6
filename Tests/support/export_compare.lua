-- Compares FILE.out with FILE.expected (argument 1 is FILE): output by output, one a line, within argument 2 times the largest expected
-- number.
local function read(name)
  local lines = {}
  for line in io.lines(name) do
    local numbers = {}
    for word in line:gmatch "%S+" do numbers[#numbers + 1] = assert(tonumber(word)) end
    if #numbers > 0 then lines[#lines + 1] = numbers end
  end
  return lines
end
local got, expected, bound = read(arg[1] .. ".out"), read(arg[1] .. ".expected"), tonumber(arg[2])
assert(#got == #expected and #got > 0, "the number of outputs differs")
for i, line in ipairs(expected) do
  assert(#line == #got[i], "an output's number of elements differs")
  local scale, worst = 0, 0
  for j, value in ipairs(line) do
    assert(value == value)
    scale, worst = math.max(scale, math.abs(value)), math.max(worst, math.abs(value - got[i][j]))
  end
  print(("output %d: largest difference %.3g, allowed %.3g"):format(i, worst, bound * scale))
  assert(worst <= bound * scale)
end
