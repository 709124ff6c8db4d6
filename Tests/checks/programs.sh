# C programs against nn.h and -lnn; Lua scripts with nnrepl. Each tells by its exit status whether it is content. The
# examples are programs like any other: short here (NN_EXAMPLE_EPOCHS), whole when a user runs them.
export NN_EXAMPLE_EPOCHS=${NN_EXAMPLE_EPOCHS:-2}

# compile_c SOURCE PROGRAM
compile_c() {
  "$CC" -std=c99 -Wall -Wextra -Werror -pedantic -O1 -Iinclude "$1" -Lbuild -lnn -lm -Wl,-rpath,"$PWD/build" -o "$2"
}
run_c() { compile_c "$1" "$scratch/program" && "$scratch/program"; }

shopt -s nullglob
for file in Tests/c/*.c examples/c/*.c; do check "$file" run_c "$file"; done
# check.lua is what the other scripts assert with.
for file in Tests/lua/*.lua; do
  [ "$file" = Tests/lua/check.lua ] || check "$file" env LUA_PATH='Tests/lua/?.lua;;' build/nnrepl "$file"
done
for file in examples/lua/*.lua; do check "$file" build/nnrepl "$file"; done
shopt -u nullglob

# The README's programs are the first that anybody tries: they are run as they stand there.
readme_block() { awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next } /^```/ && on { exit } on' README.md; }
readme_lua() {
  readme_block lua >"$scratch/readme.lua"
  [ -s "$scratch/readme.lua" ] && build/nnrepl "$scratch/readme.lua"
}
readme_c() {
  readme_block c >"$scratch/readme.c"
  [ -s "$scratch/readme.c" ] && run_c "$scratch/readme.c"
}
check "README.md's Lua" readme_lua
check "README.md's C" readme_c

# The main job's promise about memory (the peak does not depend on the number of epochs).
stays_below_600_mb() {
  NN_EXAMPLE_EPOCHS=1 build/nnrepl -e '
    dofile("examples/lua/fashion_mnist.lua")
    local peak = tonumber(io.open("/proc/self/status"):read("a"):match("VmHWM:%s*(%d+) kB")) // 1024
    print("peak memory", peak, "MB")
    assert(peak < 600)'
}
check 'the main job needs less than 600 MB' stays_below_600_mb
check 'a Lua hook for each batch costs less than 3 µs' build/nnrepl Tests/support/hook_cost.lua

# Process time, the best of some: what else the machine does is not nnrepl's fault.
starts_in_50_ms() {
  local i best=1000
  for i in 1 2 3 4 5; do
    local spent
    spent=$(bash -c 'TIMEFORMAT="%U %S"; time build/nnrepl -e "x = nn.zeros{2}"' 2>&1 | awk '{ print int(1000 * ($1 + $2)) }')
    [ "$spent" -lt "$best" ] && best=$spent
  done
  echo "$best ms"
  [ "$best" -lt 50 ]
}
check 'nnrepl starts in less than 50 ms' starts_in_50_ms
