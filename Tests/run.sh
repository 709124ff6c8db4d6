#!/usr/bin/env bash
# All tests, part by part; "make test" calls this after building. Every part runs, even when an earlier one failed, and
# the last lines say how each of them ended.
set -uo pipefail
cd "$(dirname "$0")/.."
: "${SWIFT:=swift}" "${CC:=cc}"
export CC
logs=build/test-logs
mkdir -p "$logs"
summary=()
failed=0

# part NAME COMMAND…: runs it, shows its output without the lines that only say "started", keeps its closing line.
part() {
  local name=$1 log="$logs/$1.log" closing
  shift
  printf '\n== %s\n' "$name"
  if "$@" 2>&1 </dev/null | tee "$log" | grep -v '^◇'; then
    closing=$(grep -E 'Test run with|passed, [0-9]+ failed' "$log" | tail -n 1)
    # A run that finds no tests has not passed.
    if [ -z "$closing" ] || [[ $closing == *'with 0 tests'* ]]; then
      closing='no tests ran'
      failed=1
    fi
  else
    closing=$(grep -E 'Test run with|passed, [0-9]+ failed|error:' "$log" | tail -n 1)
    closing="FAILED: ${closing:-no result, see $log}"
    failed=1
  fi
  summary+=("$(printf '%-14s %s' "$name" "$(sed 's/[✔━✘] //' <<<"$closing")")")
}

swift_test() { "$SWIFT" test --disable-xctest "$@"; }
counting_allocations() {
  "$CC" -std=c99 -Wall -Wextra -Werror -pedantic -O2 -fno-builtin -shared -fPIC \
    Tests/support/malloc_counter.c -o build/malloc_counter.so &&
    LD_PRELOAD="$PWD/build/malloc_counter.so" swift_test --skip-build --no-parallel --filter Allocation
}

part swift swift_test
part allocations counting_allocations
if grep -qw avx512f /proc/cpuinfo; then
  NN_CPU=avx2 part swift-avx2 swift_test --skip-build
fi
part outside bash Tests/checks/run.sh

printf '\n'
printf '%s\n' "${summary[@]}"
exit "$failed"
