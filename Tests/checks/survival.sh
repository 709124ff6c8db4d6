#!/usr/bin/env bash
# A training that is killed (SIGKILL) at random moments, fifty times, and each time goes on from its backup, ends with the same weights, bit
# for bit, as one that nobody disturbs. Usage: survival.sh NNREPL [KILLS] [SEED]
set -uo pipefail
cd "$(dirname "$0")/../.."
nnrepl=$1 kills=${2:-50} RANDOM=${3:-1}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
script=Tests/checks/survival.lua
fail() { echo "error: $1" >&2; echo "0 passed, 1 failed"; exit 1; }

start=$(date +%s%N)
"$nnrepl" "$script" none "$scratch/whole.npz" || fail 'the undisturbed training failed'
whole=$((($(date +%s%N) - start) / 1000))  # microseconds

killed=0 finished=0 restored=0 runs=0
while [ "$killed" -lt "$kills" ]; do
  runs=$((runs + 1))
  [ "$runs" -le $((kills * 6)) ] || fail "only $killed of $runs runs could be killed"
  [ -e "$scratch/backup/training.safetensors" ] && restored=$((restored + 1))
  "$nnrepl" "$script" "$scratch/backup" "$scratch/result.npz" &
  process=$!
  # At a random moment of the time that an undisturbed training takes.
  sleep "$(awk -v t="$whole" -v r="$RANDOM" 'BEGIN { printf "%.6f", t * r / 32768 / 1e6 }')"
  if kill -KILL "$process" 2>/dev/null && ! wait "$process" 2>/dev/null; then
    killed=$((killed + 1))
  else
    wait "$process" 2>/dev/null
    # It came to its end: compare, and begin anew.
    cmp -s "$scratch/whole.npz" "$scratch/result.npz" || fail "after $killed kills the weights are others"
    finished=$((finished + 1))
    rm -rf "$scratch/backup" "$scratch/result.npz"
  fi
done 2>/dev/null
"$nnrepl" "$script" "$scratch/backup" "$scratch/result.npz" || fail 'the last training failed'
cmp "$scratch/whole.npz" "$scratch/result.npz" || fail 'the weights are others'
[ "$restored" -gt $((kills / 3)) ] || fail "only $restored of $runs runs found a backup"
echo "survival: $killed kills, $restored runs that went on from a backup, $((finished + 1)) trainings to the same weights"
echo '1 passed, 0 failed'
