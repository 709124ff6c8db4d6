"""Loads what write.lua wrote in a real Keras, compares predictions, and goes on training.

    python keras_reads.py FOLDER keras|tf_keras

Exact continuation is asked for where the library restores its optimizer's state and has our numbers (random layers apart).
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if sys.argv[2] == "tf_keras":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np

if sys.argv[2] == "tf_keras":
    import tf_keras as keras
else:
    import keras

folder, library = sys.argv[1], sys.argv[2]
passed = failed = 0


def check(name, error, limit):
    global passed, failed
    good = error <= limit
    passed, failed = passed + good, failed + (not good)
    print("%-6s %-52s %.2g" % ("ok" if good else "FAILED", name, error))


def attempt(name, body):
    global failed
    try:
        return body()
    except Exception as error:  # what a user would see
        failed += 1
        print("FAILED %-52s %s: %s" % (name, type(error).__name__, str(error).split("\n")[0][:300]))


def table(base, what, shape):
    return np.loadtxt("%s.%s.csv" % (base, what), dtype="float32").reshape(shape)


for entry in sorted(os.listdir(folder)):
    if not entry.endswith(".shape"):
        continue
    # Keras 2's optimizers of the time that .h5 files are from do not include these.
    if library == "tf_keras" and entry.startswith(("optimizer_adamw", "optimizer_lion")):
        continue
    name = entry[: -len(".shape")]
    base = os.path.join(folder, name)
    shape = [-1] + [int(n) for n in open(base + ".shape").read().split()]
    x = table(base, "x", shape)
    if os.path.exists(base + ".x2.csv"):
        x = [x, table(base, "x2", shape)]
    y = table(base, "y", [-1] if name not in ("regularized", "functional") else [-1, 1])
    rows = len(x[0]) if isinstance(x, list) else len(x)
    expected = table(base, "predict", [rows, -1])
    later = table(base, "later", [rows, -1])
    files = [".h5"] + ([".keras"] if library == "keras" else [])
    for suffix in files:
        label = "%s%s" % (name, suffix)
        # Keras 3 counts the calls of Sequential models in other models from 0, Keras 2 from 1: Keras 3 (3.15) fails on tf_keras's own .h5 file of
        # such a model, too ("nodes failed to be resolved"). For Keras 3 such models are .keras files.
        if library == "keras" and suffix == ".h5" and name == "functional":
            print("other  %s: Keras 2's only" % label)
            continue
        model = attempt(label, lambda: keras.models.load_model(base + suffix))
        if model is None:
            continue
        check(label + " predicts", np.abs(model.predict(x, verbose=0) - expected).max(), 1e-5)

        def train():
            if library == "keras" and suffix == ".h5":
                # Keras 3 builds the optimizer of any .h5 file, also of its own, without variables; then fit fails. Compiled anew it works.
                model.compile(optimizer=type(model.optimizer).from_config(model.optimizer.get_config()), loss=model.loss)
            model.fit(x, y, epochs=2, batch_size=8, shuffle=False, verbose=0)
            return np.abs(model.predict(x, verbose=0) - later).max()

        # Keras 3 does not take optimizers' state from .h5 files; dropout has other random numbers everywhere.
        exact = (suffix == ".keras" or library == "tf_keras") and name not in ("dense_bn", "regularized")
        # tf_keras's Nadam forgets its decay when it is loaded, and takes 0.004.
        if library == "tf_keras" and name == "optimizer_nadam":
            exact = False
        # Keras 3's rules where they are not Keras 2's, which are ours: epsilon inside or outside of the root.
        if library == "keras" and name in ("flatten",):
            exact = False  # a momentum that grows more slowly
        error = attempt(label + " trains on", train)
        if error is not None:
            check(label + " trains on", error, 2e-4 if exact else np.inf)
        for weights in [".weights.h5", ".legacy_weights.h5"]:
            if library == "keras" and weights == ".legacy_weights.h5":
                continue  # Keras 3 reads .weights.h5 only

            def load():
                # Not compiled: tf_keras asks a file for the values of its metrics, too.
                fresh = keras.models.load_model(base + suffix, compile=False)
                for variable in fresh.weights:
                    variable.assign(np.zeros(variable.shape))
                fresh.load_weights(base + weights)
                return np.abs(fresh.predict(x, verbose=0) - expected).max()

            error = attempt(name + weights, load)
            if error is not None:
                check("%s%s into %s" % (name, weights, suffix), error, 1e-5)
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
