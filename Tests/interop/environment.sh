#!/usr/bin/env bash
# environment.sh FOLDER: a Python environment there with what onnx_reads.py needs, made once. Where it cannot be made, says why in one line and fails.
set -uo pipefail
requirements=$(dirname "$0")/requirements.txt folder=$1
cmp -s "$requirements" "$folder/installed" && exit 0
rm -rf "$folder"
log=$(python3 -m venv "$folder" 2>&1) || { printf 'python3 -m venv failed: %s\n' "$(tail -n 1 <<<"$log")"; exit 1; }
# Wheels only: nothing is compiled for a test.
log=$(timeout 600 "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$requirements" 2>&1) ||
  { printf 'pip cannot install %s: %s\n' "$(paste -sd' ' "$requirements")" "$(tail -n 1 <<<"$log")"; exit 1; }
cp "$requirements" "$folder/installed"
