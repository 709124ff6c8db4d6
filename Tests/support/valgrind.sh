# under_valgrind PROGRAM ARGUMENT…: fails where it touches memory wrongly or leaves some behind.
# The Swift runtime sets up its metadata with words that valgrind thinks undefined; wrong accesses and leaks are what counts.
# It runs one thread at a time, and without --fair-sched often the one again that spins while it waits for another.
under_valgrind() {
  valgrind -q --fair-sched=try --undef-value-errors=no --leak-check=full --show-leak-kinds=definite,indirect \
    --errors-for-leak-kinds=definite,indirect --error-exitcode=9 "$@"
}
