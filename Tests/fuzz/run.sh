#!/usr/bin/env bash
# Mutates model files of each format until the library crashes, hangs or takes too much memory: "make fuzz". Needs a clang with libFuzzer (Swift's
# own has it), nnrepl and libnn.so in BUILD. What is found is kept in build/fuzz; the seeds are small files made here, and those that h5py made
# with later versions of HDF5.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${CLANG:=clang}" "${SECONDS_EACH:=60}" "${BUILD:=build}" "${FORMATS:=h5 newer.h5 keras safetensors npz weights.h5}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! "$CLANG" -g -O1 -fsanitize=fuzzer -Iinclude Tests/fuzz/model_file.c -L"$BUILD" -lnn -Wl,-rpath,"$(realpath "$BUILD")" -o "$scratch/fuzz"; then
  echo "fuzz: $CLANG has no libFuzzer here; nothing was tried" >&2
  exit 1
fi
cat >"$scratch/seeds.lua" <<'LUA'
local L = nn.layers
local model = nn.Sequential{L.Dense{3, input_shape = {4}}, L.BatchNormalization()}
model:compile{loss = "mse", optimizer = "adam"}
model:fit(nn.zeros{8, 4}, nn.zeros{8, 3}, {verbose = 0})
local function put(format, bytes) assert(io.open(arg[1] .. "/" .. format .. "/seed", "wb")):write(bytes):close() end
for _, format in ipairs{"h5", "keras", "safetensors", "npz"} do put(format, model:save{format = format}) end
put("weights.h5", model:save_weights{format = "weights.h5"})
LUA
mkdir -p "$scratch"/{h5,newer.h5,keras,safetensors,npz,weights.h5} build/fuzz
"$BUILD/nnrepl" "$scratch/seeds.lua" "$scratch"
cp Tests/NNEngineTests/Fixtures/models/newer_hdf5.*.h5 "$scratch/newer.h5"
failed=0
for format in $FORMATS; do
  if "$scratch/fuzz" -max_total_time="$SECONDS_EACH" -max_len=65536 -timeout=10 -rss_limit_mb=1024 -detect_leaks=0 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/$format-" "$scratch/$format" >"$scratch/log" 2>&1; then
    echo "fuzz: $format: nothing found in $(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/log") files, $SECONDS_EACH s"
  else
    failed=1
    echo "fuzz: $format: FOUND; the file is build/fuzz/$format-*" >&2
    grep -E 'ERROR|SUMMARY|artifact|#[0-9]' "$scratch/log" | head -n 30 >&2
  fi
done
exit "$failed"
