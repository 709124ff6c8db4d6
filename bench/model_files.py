#!/usr/bin/env python3
"""Saving and loading a model with 100 MB of weights, beside the disk: in each round every format is saved and loaded once, between a plain writing and
a plain reading of as many bytes. Prints medians, ratios to the disk, and peaks of memory in multiples of the weights. See README.md."""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent / "model_files.lua"
FORMATS = ["h5", "weights.h5", "keras", "safetensors", "npz"]
SIZE = 100_000_000
PIECE = 8 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nnrepl")
    parser.add_argument("--folder", default=".", help="on the disk that is to be measured")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--formats", default=",".join(FORMATS))
    return parser.parse_args()


def write(path, data):
    """The disk's own rate: large pieces, each handed over to the disk at once, then fsync. What a model file's bytes go through, and faster here than
    dd with conv=fsync, which hands over nothing before its end."""
    start = time.perf_counter()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    for first in range(0, SIZE, PIECE):
        count = os.write(file, data[first : first + PIECE])
        os.posix_fadvise(file, first, count, os.POSIX_FADV_DONTNEED)
        assert count == min(PIECE, SIZE - first)
    os.fsync(file)
    os.close(file)
    return time.perf_counter() - start


def read(path, buffer):
    """The file's bytes, one piece after another, into memory that is there already."""
    start = time.perf_counter()
    file = os.open(path, os.O_RDONLY)
    count = 0
    while got := os.readv(file, [buffer]):
        count += got
    os.close(file)
    assert count >= SIZE
    return time.perf_counter() - start


def forget(path):
    """Makes the next reading of a file come from the disk."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def main():
    options = arguments()
    formats = options.formats.split(",")
    data = memoryview(os.urandom(SIZE))
    buffer = bytearray(1 << 20)
    found = defaultdict(list)

    def model(folder, what, format):
        line = [options.nnrepl, SCRIPT, folder, what, format]
        seconds, kilobytes = subprocess.run(line, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
        found[what, format].append((float(seconds), float(kilobytes) * 1024 / SIZE))

    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-files-") as folder:
        plain = os.path.join(folder, "plain")
        for round in range(options.rounds + 1):
            for format in formats:
                path = os.path.join(folder, "model." + format)
                loads = ["load_weights"] if format == "weights.h5" else ["load", "load_weights"]
                found["write"].append((write(plain, data), 0))
                model(folder, "save", format)
                for load in loads:
                    forget(plain)
                    found["read"].append((read(plain, buffer), 0))
                    forget(path)
                    model(folder, load, format)
                for what in ["save_buffer"] + [load + "_buffer" for load in loads]:
                    model(folder, what, format)
                os.unlink(plain)
                os.unlink(path)
            if round == 0:  # the libraries come into memory, the file system finds its place
                found.clear()

    medians = {key: [statistics.median(numbers) for numbers in zip(*runs)] for key, runs in found.items()}
    for what in ("write", "read"):
        print(f"The disk's {what}: {SIZE / medians[what][0] / 1e6:.0f} MB/s")
    print("| | save, s | of the disk's rate | memory | load, s | of the disk's rate | memory | load_weights, s | of the disk's rate | memory |"
          " save to a string: memory | load: memory | load_weights: memory |")
    print("|---|" + "---|" * 12)
    for format in formats:
        cells = [format]
        for what, plain in (("save", "write"), ("load", "read"), ("load_weights", "read")):
            seconds, memory = medians.get((what, format), (None, None))
            cells += ["", "", ""] if seconds is None else [f"{seconds:.3f}", f"{medians[plain][0] / seconds:.2f}", f"{memory:.2f}"]
        for what in ("save_buffer", "load_buffer", "load_weights_buffer"):
            cells.append(f"{medians[what, format][1]:.2f}" if (what, format) in medians else "")
        print("| " + " | ".join(cells) + " |")


main()
