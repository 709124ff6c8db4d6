-- The seeds that a script was asked for (--seeds 1,2,3), or its own.
return function(usual)
  if not arg or not arg[1] then return usual end
  if arg[1] ~= "--seeds" or not arg[2] then error("unknown argument '" .. arg[1] .. "'; there is --seeds 1,2,3", 0) end
  local seeds = {}
  for word in arg[2]:gmatch("[^,]+") do
    seeds[#seeds + 1] = math.tointeger(tonumber(word)) or error("--seeds must be whole numbers, got '" .. word .. "'", 0)
  end
  return seeds
end
