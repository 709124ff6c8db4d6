"""JAX and optax. Modes: jit (one jitted, donated step a call), scan (a whole block of steps in one lax.scan)."""

import os

from common import (
    BATCH, PASSES_TIMED, PREDICT_ROWS, STEPS, Timer, arguments, product_count, product_size, training_data)

options = arguments(["jit", "scan"])
if options.threads == 1:
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

random = np.random.RandomState(0)
MODEL_A = [784, 300, 200, 100, 50, 50, 50, 10]
SMALL = [784, 300, 100, 10]


def he_normal(shape, fan_in):
    return jnp.asarray((random.randn(*shape) * np.sqrt(2 / fan_in)).astype("f"))


def dense_parameters(widths):
    return [dict(w=he_normal((a, b), a), b=jnp.zeros(b)) for a, b in zip(widths, widths[1:])]


def dense(p, x):
    return x @ p["w"] + p["b"]


def mlp(activation):
    def forward(parameters, state, x, key):
        for p in parameters[:-1]:
            x = activation(dense(p, x))
        return dense(parameters[-1], x), state

    return forward


def dropout(key, x, rate=0.2):
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def dropout_forward(parameters, state, x, key):
    keys = jax.random.split(key, len(parameters))
    for p, k in zip(parameters[:-1], keys):
        x = jax.nn.elu(dense(p, dropout(k, x)))
    return dense(parameters[-1], dropout(keys[-1], x)), state


def batch_norm_forward(parameters, state, x, key):
    moving = []
    for i, p in enumerate(parameters):
        mean, variance = x.mean(0), x.var(0)
        moving.append((state[i][0] * 0.99 + 0.01 * mean, state[i][1] * 0.99 + 0.01 * variance))
        x = dense(p, (x - mean) * lax.rsqrt(variance + 1e-3) * p["gamma"] + p["beta"])
        if i < len(parameters) - 1:
            x = jax.nn.elu(x)
    return x, moving


def conv_forward(parameters, state, x, key):
    x = x.reshape(-1, 28, 28, 1)
    for p in parameters[:2]:
        x = lax.conv_general_dilated(x, p["w"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + p["b"])
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = jax.nn.relu(dense(parameters[2], x.reshape(x.shape[0], -1)))
    return dense(parameters[3], x), state


def model(workload):
    """Forward function, parameters, state, optimizer."""
    if workload == "W1":
        return mlp(jax.nn.elu), dense_parameters(MODEL_A), (), optax.sgd(1e-4)
    if workload == "W2":
        parameters = dense_parameters(SMALL)
        for p, width in zip(parameters, SMALL):
            p.update(gamma=jnp.ones(width), beta=jnp.zeros(width))
        state = [(jnp.zeros(width), jnp.ones(width)) for width in SMALL[:-1]]
        return batch_norm_forward, parameters, state, optax.nadam(1e-3)
    if workload in ("W3", "W4"):
        return dropout_forward, dense_parameters(SMALL), (), optax.adam(1e-3)
    if workload == "W5":
        return mlp(jax.nn.relu), dense_parameters([784, 2048, 2048, 10]), (), optax.adam(1e-3)
    if workload == "W8":
        filters = [dict(w=he_normal((3, 3, i, o), 9 * i), b=jnp.zeros(o)) for i, o in ((1, 32), (32, 64))]
        return conv_forward, filters + dense_parameters([3136, 128, 10]), (), optax.adam(1e-3)
    raise SystemExit(f"unknown workload {workload}")


def training(workload, images, labels):
    """A block of training steps over batches of the shuffled data."""
    forward, parameters, state, optimizer = model(workload)
    batch, rows = BATCH[workload], len(images)
    order = jnp.asarray(random.permutation(rows))

    def step(carry, start, order, images, labels):
        parameters, state, slots, key = carry
        key, dropout_key = jax.random.split(key)
        index = lax.dynamic_slice(order, (start,), (batch,))
        x, y = images[index], labels[index]

        def loss(parameters):
            logits, new_state = forward(parameters, state, x, dropout_key)
            return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean(), new_state

        (value, state), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
        updates, slots = optimizer.update(gradients, slots, parameters)
        return (optax.apply_updates(parameters, updates), state, slots, key), value

    carry = (parameters, state, optimizer.init(parameters), jax.random.key(0))
    if options.mode == "scan":

        def many(carry, starts, order, images, labels):
            return lax.scan(lambda c, start: step(c, start, order, images, labels), carry, starts)

        run = jax.jit(many, donate_argnums=0)
        starts = (jnp.arange(STEPS[workload]) * batch) % (rows - batch)

        def block(count):
            nonlocal carry
            # Always a whole block: another length would be compiled anew.
            carry, losses = run(carry, starts, order, images, labels)
            losses.block_until_ready()

        return block

    run = jax.jit(step, donate_argnums=0)
    position = 0

    def block(count):
        nonlocal carry, position
        for _ in range(count):
            carry, loss = run(carry, position, order, images, labels)
            position = position + batch if position + 2 * batch <= rows else 0
        loss.block_until_ready()

    return block


def monte_carlo(images):
    forward, parameters, _, _ = model("W3")
    key = jax.random.key(0)
    one_pass = jax.jit(lambda p, x, k: jax.nn.softmax(forward(p, (), x, k)[0]))

    def block(count):
        passes = [one_pass(parameters, images, jax.random.fold_in(key, i)) for i in range(count)]
        jnp.stack(passes).mean(0).block_until_ready()

    return block


def prediction(images):
    forward, parameters, _, _ = model("W1")
    predict = jax.jit(lambda p, x: jax.nn.softmax(forward(p, (), x, None)[0]))

    def block(count):
        for _ in range(count):
            np.asarray(predict(parameters, images))

    return block


def product(rows, depth, columns):
    a, b = (jax.random.normal(jax.random.key(i), shape) for i, shape in enumerate([(rows, depth), (depth, columns)]))
    multiply = jax.jit(jnp.dot)

    def block(count):
        for _ in range(count):
            multiply(a, b).block_until_ready()

    return block


def main():
    timer = Timer("jax", options)
    images, labels = map(jnp.asarray, training_data())
    for workload in options.workloads:
        if size := product_size(workload):
            timer.time(workload, product(*size), product_count(*size), "us_call")
        elif workload == "W6":
            timer.time("W6", monte_carlo(images[:PREDICT_ROWS]), PASSES_TIMED, "s_100passes", 100)
        elif workload == "W7":
            timer.time("W7a", prediction(images[:1]), 1000, "us_call")
            timer.time("W7b", prediction(images[:PREDICT_ROWS]), 4, "s_12000", 1)
        else:
            timer.time(workload, training(workload, images, labels), STEPS[workload])


main()
