#!/usr/bin/env bash
# Our files in real Kerases: run.sh NNREPL PYTHON, where PYTHON has tensorflow-cpu (2.21), tf_keras, and so keras 3:
#   python3 -m venv VENV && VENV/bin/pip install tensorflow-cpu==2.21.0 tf_keras==2.21.0
set -uo pipefail
here=$(dirname "$0")
nnrepl=$1 python=$2
"$python" -c 'import tensorflow' 2>/dev/null || { echo 'interop: no TensorFlow there; nothing was compared'; exit 0; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$nnrepl" "$here/write.lua" "$scratch" || exit 1
failed=0
for library in tf_keras keras; do
  echo "== $library"
  "$python" "$here/keras_reads.py" "$scratch" "$library" || failed=1
done
exit "$failed"
