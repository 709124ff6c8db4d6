#!/usr/bin/env bash
# Saving and loading a model with 100 MB of weights, beside writing and reading 100 MB by dd (fsync included; reads from the disk, not from
# the cache), in turns: seconds (medians of five), the ratio, and the peak of memory in multiples of the weights. model_files.sh NNREPL [FOLDER]
set -euo pipefail
nnrepl=$1
folder=$(mktemp -d "${2:-.}/bench-files-XXXXXX")
trap 'rm -rf "$folder"' EXIT
here=$(dirname "$0")
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
forget() { dd if="$1" iflag=nocache count=0 2>/dev/null; }  # tells the kernel that it need not keep the file
seconds() { local start=$EPOCHREALTIME; "$@" 2>/dev/null; awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
peak() { # of a program: seconds, and kilobytes of memory
  python3 - "$@" <<'PY'
import resource, subprocess, sys
out = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
print(out, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
}
base=$(peak "$nnrepl" -e 'print(0)' | awk '{ print $2 }')
printf '%-14s %8s %8s %6s %8s   %8s %8s %6s %8s\n' format save dd ratio memory load dd ratio memory
for name in m.h5 m.keras m.safetensors m.npz; do
  : >"$folder/save" >"$folder/dd" >"$folder/load" >"$folder/read"
  for _ in 1 2 3 4 5; do
    seconds dd if=/dev/zero of="$folder/raw" bs=1M count=95 conv=fsync >>"$folder/dd"
    peak "$nnrepl" "$here/model_files.lua" "$folder" save "$name" >>"$folder/save"
    sync
    forget "$folder/raw"
    seconds dd if="$folder/raw" of=/dev/null bs=1M >>"$folder/read"
    forget "$folder/$name"
    peak "$nnrepl" "$here/model_files.lua" "$folder" load "$name" >>"$folder/load"
  done
  awk -v name="$name" -v base="$base" \
    -v s="$(cut -d' ' -f1 "$folder/save" | median)" -v w="$(median <"$folder/dd")" -v sm="$(cut -d' ' -f2 "$folder/save" | median)" \
    -v l="$(cut -d' ' -f1 "$folder/load" | median)" -v r="$(median <"$folder/read")" -v lm="$(cut -d' ' -f2 "$folder/load" | median)" \
    'BEGIN { k = 1024 / 1e8; printf "%-14s %8.3f %8.3f %6.2f %8.2f   %8.3f %8.3f %6.2f %8.2f\n",
      name, s, w, w / s, (sm - base) * k, l, r, r / l, (lm - base) * k }'
  rm -f "$folder/$name"
done
