"""Writes models/newer_hdf5.v108.h5 and .v110.h5: a model in Keras's layout, but in HDF5's structures since 1.8 (superblock 2) and 1.10 (superblock 3),
as h5py writes them when it is given `libver`. Ten layers make a group that is stored as a heap and a tree; the second file has an object with
many attributes and a dataset in packed pieces, too.

    python newer_hdf5.py FOLDER          (h5py 3.14, HDF5 1.14)

Layer n (from 0): kernel[i, j] = n + (2 i + j) / 16, bias[j] = -n - j / 16.
"""
import json
import sys

import h5py
import numpy as np

names = ["layer_%d" % n for n in range(10)]
config = {"class_name": "Sequential", "config": {"name": "newer", "layers": [
    {"class_name": "Dense", "config": dict({"name": name, "units": 2}, **({"batch_input_shape": [None, 2]} if n == 0 else {}))}
    for n, name in enumerate(names)]}}

for version in ["v108", "v110"]:
    with h5py.File("%s/newer_hdf5.%s.h5" % (sys.argv[1], version), "w", libver=(version, version)) as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.2.4-tf", "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array(names, dtype="S")
        if version == "v110":
            for n in range(20):
                weights.attrs["remark_%d" % n] = "attribute %d" % n
        for n, name in enumerate(names):
            group = weights.create_group(name)
            group.attrs["weight_names"] = np.array(["%s/kernel:0" % name, "%s/bias:0" % name], dtype="S")
            kernel = (n + np.arange(4).reshape(2, 2) / 16).astype("float32")
            packed = {"chunks": (1, 2), "compression": "gzip"} if version == "v110" and n == 0 else {}
            group.create_dataset("%s/kernel:0" % name, data=kernel, **packed)
            group.create_dataset("%s/bias:0" % name, data=(-n - np.arange(2) / 16).astype("float32"))
