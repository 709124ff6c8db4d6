# The C programs again, on harder ground: under valgrind, which sees what they leave behind and touch wrongly, and on a
# processor that the library refuses.

# The Swift runtime sets up its metadata with words that valgrind thinks undefined; wrong accesses and leaks are what counts.
without_leaks() {
  local source=$1
  shift
  compile_c "$source" "$scratch/program" &&
    valgrind -q --undef-value-errors=no --leak-check=full --show-leak-kinds=definite,indirect \
      --errors-for-leak-kinds=definite,indirect --error-exitcode=9 "$scratch/program" "$@"
}
for name in tensors handles models training; do
  check "Tests/c/$name.c under valgrind" without_leaks "Tests/c/$name.c"
done
check 'Tests/c/hostile.c under valgrind' without_leaks Tests/c/hostile.c 2 3000

# Emulated, to the instruction: what runs into AVX before the check ends here with SIGILL.
if [ "$(uname -m)" = x86_64 ]; then
  on_processor() { compile_c Tests/c/processor.c "$scratch/program" && qemu-x86_64 -cpu "$1" "$scratch/program"; }
  for cpu in qemu64 Nehalem Haswell; do check "Tests/c/processor.c on $cpu" on_processor "$cpu"; done
fi
