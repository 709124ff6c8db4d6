# under_valgrind PROGRAM ARGUMENT…: fails where it touches memory wrongly or leaves some behind.
# The Swift runtime sets up its metadata with words that valgrind thinks undefined; wrong accesses and leaks are what counts.
under_valgrind() {
  valgrind -q --undef-value-errors=no --leak-check=full --show-leak-kinds=definite,indirect \
    --errors-for-leak-kinds=definite,indirect --error-exitcode=9 "$@"
}
