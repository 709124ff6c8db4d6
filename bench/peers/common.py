"""What the peers share: arguments, data, the timing loop, the line that tells the result."""

import argparse
import gzip
import json
import os
import time
from pathlib import Path

STEPS = {"W1": 300, "W2": 300, "W3": 300, "W4": 40, "W5": 8, "W8": 20}
BATCH = {"W1": 32, "W2": 32, "W3": 32, "W4": 512, "W5": 256, "W8": 64}
PASSES_TIMED = 5  # of Monte Carlo dropout; the result is scaled to 100
PREDICT_ROWS = 12_000


def product_size(workload):
    """Rows, depth and columns of "32x784x300"; None for other workloads."""
    sizes = workload.split("x")
    return [int(size) for size in sizes] if len(sizes) == 3 else None


def product_count(rows, depth, columns):
    """How many products make a block that takes some tens of milliseconds."""
    return max(3, 10**9 // (rows * depth * columns))


def arguments(modes):
    parser = argparse.ArgumentParser()
    parser.add_argument("--workloads", default="W1")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    options.workloads = options.workloads.split(",")
    return options


def training_data():
    """Images as float32 rows of 784 in 0…1, labels as int32."""
    import numpy as np

    folder = Path(os.environ.get("NN_DATASETS", "/usr/share/datasets")) / "fashion-mnist"

    def idx(name, header):
        with gzip.open(folder / name) as file:
            return np.frombuffer(file.read(), np.uint8)[header:]

    images = idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32) / 255
    return images, idx("train-labels-idx1-ubyte.gz", 8).astype(np.int32)


class Timer:
    """Times blocks. A block is a function of n that does n units of work and returns when they are done."""

    def __init__(self, peer, options):
        self.peer = peer
        self.options = options

    def time(self, workload, block, count, key="us_step", scale=1e6):
        block(2)  # compiles
        block(max(2, count // 6))  # warms up
        values = []
        for _ in range(self.options.repetitions):
            start = time.perf_counter()
            block(count)
            values.append((time.perf_counter() - start) / count * scale)
        result = {"peer": self.peer, "mode": self.options.mode, "threads": self.options.threads, "w": workload, key: values}
        print(json.dumps(result), flush=True)
