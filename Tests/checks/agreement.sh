# One seed, one training run: Lua and C, with one thread and with two, must give the same history to the last bit.
losses_agree() {
  compile_c Tests/agreement/losses.c "$scratch/losses" || return 1
  local threads
  for threads in 1 2; do
    build/nnrepl Tests/agreement/losses.lua "$threads" >"$scratch/lua.$threads" || return 1
    "$scratch/losses" "$threads" >"$scratch/c.$threads" || return 1
  done
  [ "$(wc -l <"$scratch/lua.1")" -eq 8 ] || { echo 'expected 4 quantities in 2 epochs:'; cat "$scratch/lua.1"; return 1; }
  local other
  for other in lua.2 c.1 c.2; do
    diff "$scratch/lua.1" "$scratch/$other" || { echo "lua.1 and $other differ (number: threads)"; return 1; }
  done
}

check 'Lua and C agree bit for bit, with 1 thread and with 2' losses_agree
