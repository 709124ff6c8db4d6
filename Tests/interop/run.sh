#!/usr/bin/env bash
# Our files in other programs: run.sh NNREPL PYTHON. What PYTHON has is tried:
#   models as .h5 and .keras in real Kerases, with tensorflow-cpu (2.21), tf_keras, and so keras 3:
#     python3 -m venv VENV && VENV/bin/pip install tensorflow-cpu==2.21.0 tf_keras==2.21.0
#   models as ONNX in onnxruntime, with what environment.sh installs:
#     Tests/interop/environment.sh VENV
set -uo pipefail
here=$(dirname "$0")
nnrepl=$1 python=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
if "$python" -c 'import tensorflow' 2>/dev/null; then
  mkdir "$scratch/keras"
  "$nnrepl" "$here/write.lua" "$scratch/keras" || exit 1
  for library in tf_keras keras; do
    echo "== $library"
    "$python" "$here/keras_reads.py" "$scratch/keras" "$library" || failed=1
  done
else
  echo 'interop: no TensorFlow there; nothing was compared with Keras'
fi
if "$python" -c 'import onnx, onnxruntime' 2>/dev/null; then
  echo '== onnxruntime'
  mkdir "$scratch/onnx"
  "$nnrepl" "$here/write_onnx.lua" "$scratch/onnx" || exit 1
  "$python" "$here/onnx_reads.py" "$scratch/onnx" || failed=1
else
  echo 'interop: no onnxruntime there; nothing was compared with ONNX'
fi
exit "$failed"
