"""Keras on TensorFlow. Modes: fit (defaults), jit (compiled by XLA), jit50 (and 50 steps a call)."""

import os

from common import BATCH, PASSES_TIMED, PREDICT_ROWS, STEPS, Timer, arguments, training_data

options = arguments(["fit", "jit", "jit50"])
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(options.threads)
tf.config.threading.set_inter_op_parallelism_threads(options.threads)

import keras
from keras import layers, optimizers

compiled = options.mode != "fit"


def hidden(units, activation):
    return layers.Dense(units, activation=activation, kernel_initializer="he_normal")


def softmax():
    return layers.Dense(10, activation="softmax")


def model(workload):
    """Network and optimizer."""
    if workload == "W1":
        stack = [hidden(n, "elu") for n in (300, 200, 100, 50, 50, 50)] + [softmax()]
        optimizer = optimizers.SGD(1e-4)
    elif workload == "W2":
        norm = layers.BatchNormalization
        stack = [norm(), hidden(300, "elu"), norm(), hidden(100, "elu"), norm(), softmax()]
        optimizer = optimizers.Nadam(1e-3)
    elif workload in ("W3", "W4"):
        drop = layers.Dropout
        stack = [drop(0.2), hidden(300, "elu"), drop(0.2), hidden(100, "elu"), drop(0.2), softmax()]
        optimizer = optimizers.Adam(1e-3)
    elif workload == "W5":
        stack = [hidden(2048, "relu"), hidden(2048, "relu"), softmax()]
        optimizer = optimizers.Adam(1e-3)
    elif workload == "W8":
        stack = [layers.Reshape((28, 28, 1))]
        for filters in (32, 64):
            stack += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
        stack += [layers.Flatten(), hidden(128, "relu"), softmax()]
        optimizer = optimizers.Adam(1e-3)
    else:
        raise SystemExit(f"unknown workload {workload}")
    return keras.Sequential([keras.Input((784,))] + stack), optimizer


def training(workload, images, labels):
    network, optimizer = model(workload)
    settings = {"jit_compile": True} if compiled else {}
    if options.mode == "jit50":
        settings["steps_per_execution"] = min(50, STEPS[workload])
    network.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"], **settings)
    batch = BATCH[workload]

    def block(count):
        # Whole executions only: a rest would be compiled anew.
        steps = STEPS[workload] if options.mode == "jit50" else count
        rows = steps * batch
        network.fit(images[:rows], labels[:rows], batch_size=batch, epochs=1, verbose=0)

    return block


def repeated(function, argument):
    def block(count):
        for _ in range(count):
            function(argument)

    return block


def monte_carlo(images):
    network, _ = model("W3")
    one_pass = tf.function(lambda x: network(x, training=True), jit_compile=compiled or None)
    images = tf.constant(images)
    return lambda count: np.stack([one_pass(images).numpy() for _ in range(count)]).mean(0)


def prediction(images):
    network, _ = model("W1")
    predict = tf.function(lambda x: network(x, training=False), jit_compile=compiled or None)
    return repeated(lambda x: predict(x).numpy(), tf.constant(images))


def main():
    timer = Timer("keras", options)
    images, labels = training_data()
    for workload in options.workloads:
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
        if workload == "W6":
            timer.time("W6", monte_carlo(images[:PREDICT_ROWS]), PASSES_TIMED, "s_100passes", 100)
        elif workload == "W7":
            timer.time("W7a", prediction(images[:1]), 300, "us_call")
            timer.time("W7b", prediction(images[:PREDICT_ROWS]), 4, "s_12000", 1)
        else:
            timer.time(workload, training(workload, images, labels), STEPS[workload])


main()
