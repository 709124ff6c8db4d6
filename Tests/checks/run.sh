#!/usr/bin/env bash
# What is checked from outside Swift: the header, the library file, C programs, Lua scripts, an installation.
# "check NAME COMMAND…" counts one check and shows the command's output only when it fails.
set -uo pipefail
cd "$(dirname "$0")/../.."
: "${CC:=cc}" "${CXX:=c++}" "${RELEASE:=.build-release}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

check() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$scratch/output" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok    %s (%d s)\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    printf 'FAIL  %s\n' "$name"
    sed 's/^/      /' "$scratch/output"
  fi
}

for part in header library programs files export interop hardening agreement install terminal; do
  # shellcheck source=/dev/null
  source "Tests/checks/$part.sh"
done

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
