# The C programs again, on harder ground: under valgrind, which sees what they leave behind and touch wrongly, and on a
# processor that the library refuses.

# shellcheck source=/dev/null
source Tests/support/valgrind.sh

without_leaks() {
  local source=$1
  shift
  compile_c "$source" "$scratch/program" && under_valgrind "$scratch/program" "$@"
}
for name in tensors handles models training resume; do
  check "Tests/c/$name.c under valgrind" without_leaks "Tests/c/$name.c"
done
check 'Tests/c/hostile.c under valgrind' without_leaks Tests/c/hostile.c 2 3000

# The binding layer; "make sanitize" takes all scripts.
lua_under_valgrind() { LUA_PATH='Tests/lua/?.lua' under_valgrind build/nnrepl "$1"; }
for name in callbacks background custom_layers custom_objects models; do
  check "Tests/lua/$name.lua under valgrind" \
    lua_under_valgrind "Tests/lua/$name.lua"
done

# Emulated, to the instruction: what runs into AVX before the check ends here with SIGILL.
if [ "$(uname -m)" = x86_64 ]; then
  on_processor() { compile_c Tests/c/processor.c "$scratch/program" && qemu-x86_64 -cpu "$1" "$scratch/program"; }
  for cpu in qemu64 Nehalem Haswell; do check "Tests/c/processor.c on $cpu" on_processor "$cpu"; done
fi
