#!/usr/bin/env bash
# Every Lua script in Tests/lua under valgrind and with the address sanitizer ("make sanitize"). It takes a quarter of an hour; "make
# test" runs the first part of it for some of the scripts.
set -uo pipefail
cd "$(dirname "$0")/../.."
: "${SWIFT:=swift}"
export LUA_PATH='Tests/lua/?.lua'
# Loops that only measure memory would take hours, and mean nothing here.
skipped=' check leaks complaints '
# Large networks would take valgrind hours; the sanitizer sees them.
too_large=' determinism '
output=$(mktemp)
trap 'rm -f "$output"' EXIT
passed=0
failed=0

# try NAME COMMAND…: counts it, and shows the output only when it fails.
try() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$output" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok    %s (%d s)\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    printf 'FAIL  %s\n' "$name"
    sed 's/^/      /' "$output" | head -n 60
  fi
}

# shellcheck source=/dev/null
source Tests/support/valgrind.sh

# LeakSanitizer cannot see what Swift keeps in tagged pointers; valgrind has looked for leaks. Scripts measure memory, so little of what is
# freed is kept back.
with_address_sanitizer() { ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8 .build-asan/debug/nnrepl "$1"; }

"$SWIFT" build --scratch-path .build-asan --sanitize=address --product nnrepl || exit 1
for script in Tests/lua/*.lua; do
  name=$(basename "$script" .lua)
  [[ $skipped == *" $name "* ]] && continue
  try "$script with the address sanitizer" with_address_sanitizer "$script"
  [[ $too_large == *" $name "* ]] || try "$script under valgrind" under_valgrind build/nnrepl "$script"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
