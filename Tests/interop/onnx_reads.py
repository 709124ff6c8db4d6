"""Loads what write_onnx.lua wrote in onnxruntime and compares with what predict computed.

    python onnx_reads.py FOLDER

Each file is checked by onnx (its full check, with the shapes of all values), run on all samples and, where its batch size is free, on the first alone.
"""
import glob
import os
import sys

import numpy as np
import onnx
import onnxruntime

# Largest difference, relative to an output's largest number where that is more than 1.
LIMIT = 1e-5
folder = sys.argv[1]
passed = failed = 0
worst = 0.0


def table(path):
    with open(path) as f:
        shape = [int(n) for n in f.readline().split()]
        return np.array([float(line) for line in f], dtype="float32").reshape(shape)


def tables(base, what):
    return [table("%s.%s%d.txt" % (base, what, i + 1)) for i in range(len(glob.glob(base + ".%s*.txt" % what)))]


def difference(values, expected):
    assert len(values) == len(expected), "%d outputs, expected %d" % (len(values), len(expected))
    result = 0.0
    for value, right in zip(values, expected):
        assert value.dtype == np.float32 and value.shape == right.shape, "%s, expected %s" % (value.shape, right.shape)
        scale = max(1.0, np.abs(right).max())
        result = max(result, float(np.abs(value - right).max() / scale))
    return result


def compare(base):
    model = onnx.load(base + ".onnx")
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(base + ".onnx", options, providers=["CPUExecutionProvider"])
    xs, ys = tables(base, "x"), tables(base, "y")
    names = [i.name for i in session.get_inputs()]
    assert len(xs) == len(names), "%d inputs, expected %d" % (len(names), len(xs))
    result = difference(session.run(None, dict(zip(names, xs))), ys)
    if session.get_inputs()[0].shape[0] == "batch":
        one = session.run(None, {name: x[:1] for name, x in zip(names, xs)})
        # The mapping's first sample is the first part of each output.
        result = max(result, difference(one, [y[: len(y) // len(xs[0])] for y in ys]))
    return result


for path in sorted(glob.glob(os.path.join(folder, "*.onnx"))):
    name = os.path.basename(path)[: -len(".onnx")]
    try:
        error = compare(path[: -len(".onnx")])
        good = error <= LIMIT
        worst = max(worst, error)
        if not good:
            print("FAILED %-40s %.2g" % (name, error))
    except Exception as error:  # what a user would see
        good = False
        print("FAILED %-40s %s: %s" % (name, type(error).__name__, str(error).split("\n")[0][:300]))
    passed, failed = passed + good, failed + (not good)
print("onnxruntime %s: largest difference %.2g" % (onnxruntime.__version__, worst))
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0 or passed == 0)
