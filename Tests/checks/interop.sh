# Our files in other programs, where pip can install these; the environment is kept for the next time.
if reason=$(bash Tests/interop/environment.sh build/interop); then
  check 'onnxruntime computes what predict does, every layer' bash Tests/interop/run.sh build/nnrepl build/interop/bin/python
else
  printf 'skip  onnxruntime: %s\n' "$reason"
fi
