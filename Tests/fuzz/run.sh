#!/usr/bin/env bash
# Mutates model files until the library crashes, hangs or takes too much memory: "make fuzz". Needs a clang with libFuzzer, and build/libnn.so.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${CLANG:=clang}" "${SECONDS_EACH:=60}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! "$CLANG" -g -O1 -fsanitize=fuzzer -Iinclude Tests/fuzz/model_file.c -Lbuild -lnn -Wl,-rpath,"$PWD/build" -o "$scratch/fuzz"; then
  echo "fuzz: $CLANG has no libFuzzer here; nothing was tried" >&2
  exit 1
fi
mkdir -p "$scratch/corpus" build/fuzz
cat >"$scratch/seeds.lua" <<'LUA'
local L = nn.layers
local model = nn.Sequential{L.Dense{3, input_shape = {4}}, L.BatchNormalization()}
model:compile{loss = "mse", optimizer = "adam"}
model:fit(nn.zeros{8, 4}, nn.zeros{8, 3}, {verbose = 0})
for _, name in ipairs{"m.h5", "m.keras", "m.safetensors", "m.npz"} do model:save(arg[1] .. "/" .. name) end
model:save_weights(arg[1] .. "/m.weights.h5")
LUA
build/nnrepl "$scratch/seeds.lua" "$scratch/corpus"
"$scratch/fuzz" -max_total_time="$SECONDS_EACH" -max_len=65536 -timeout=10 -rss_limit_mb=1024 -artifact_prefix=build/fuzz/ "$scratch/corpus"
echo "fuzz: nothing found in $SECONDS_EACH s"
