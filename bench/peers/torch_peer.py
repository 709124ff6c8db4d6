"""PyTorch. Modes: eager, compile."""

from common import (
    BATCH, PASSES_TIMED, PREDICT_ROWS, STEPS, Timer, arguments, product_count, product_size, training_data)

options = arguments(["eager", "compile"])

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(options.threads)
torch.set_num_interop_threads(1)


def maybe_compiled(function):
    return torch.compile(function) if options.mode == "compile" else function


def mlp(widths, activation, before=None):
    """Dense layers with the activation after all but the last; `before(width)` stands in front of each Dense."""
    layers = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        if before:
            layers.append(before(inputs))
        layers.append(nn.Linear(inputs, outputs))
        if index < len(widths) - 2:
            layers.append(activation())
    return nn.Sequential(*layers)


def model(workload):
    """Network, and optimizer of its parameters."""
    if workload == "W1":
        network = mlp([784, 300, 200, 100, 50, 50, 50, 10], nn.ELU)
        return network, torch.optim.SGD(network.parameters(), 1e-4, fused=True)
    if workload == "W2":
        network = mlp([784, 300, 100, 10], nn.ELU, before=lambda n: nn.BatchNorm1d(n, eps=1e-3, momentum=0.01))
        return network, torch.optim.NAdam(network.parameters(), 1e-3, foreach=True)
    if workload in ("W3", "W4"):
        network = mlp([784, 300, 100, 10], nn.ELU, before=lambda n: nn.Dropout(0.2))
    elif workload == "W5":
        network = mlp([784, 2048, 2048, 10], nn.ReLU)
    elif workload == "W8":
        network = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10),
        ).to(memory_format=torch.channels_last)  # fmt: skip
    else:
        raise SystemExit(f"unknown workload {workload}")
    return network, torch.optim.Adam(network.parameters(), 1e-3, eps=1e-7, fused=True)


def training(workload, images, labels):
    network, optimizer = model(workload)
    network.train()
    loss_of = maybe_compiled(lambda x, y: F.cross_entropy(network(x), y))
    batch, rows = BATCH[workload], len(images)
    order = torch.randperm(rows)
    position = 0

    def block(count):
        nonlocal position
        for _ in range(count):
            index = order[position : position + batch]
            position = position + batch if position + 2 * batch <= rows else 0
            loss = loss_of(images[index], labels[index])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        loss.item()

    return block


def monte_carlo(images):
    network, _ = model("W3")
    network.train()
    one_pass = maybe_compiled(lambda x: torch.softmax(network(x), 1))

    def block(count):
        with torch.no_grad():
            torch.stack([one_pass(images) for _ in range(count)]).mean(0)

    return block


def prediction(images):
    network, _ = model("W1")
    network.eval()
    predict = maybe_compiled(lambda x: torch.softmax(network(x), 1))

    def block(count):
        with torch.inference_mode():
            for _ in range(count):
                predict(images)

    return block


def product(rows, depth, columns):
    a, b = torch.randn(rows, depth), torch.randn(depth, columns)

    def block(count):
        with torch.inference_mode():
            for _ in range(count):
                torch.mm(a, b)

    return block


def main():
    timer = Timer("torch", options)
    images, labels = map(torch.from_numpy, training_data())
    labels = labels.long()
    for workload in options.workloads:
        torch.manual_seed(0)
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
