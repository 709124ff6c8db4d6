#!/usr/bin/env python3
"""Times our workloads, and other libraries' beside them, and prints a Markdown table. See README.md."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
PEERS = HERE / "peers"
VENV_PYTHON = PEERS / "venv/bin/python"
MODES = {"nn": [""], "limit": [""], "jax": ["jit"], "torch": ["eager"], "keras": ["fit"]}
OURS = {"nn": "workloads.lua", "limit": "limits.lua"}
GROUPS = {
    "all": "W1,W2,W3,W4,W5,W6,W7,W8",
    # What the workloads multiply, forward: W1 and W3, one sample, W4, W5, W7b.
    "products": "32x784x300,32x300x200,32x300x100,32x100x10,1x784x300,512x784x300,512x300x100,256x784x2048,256x2048x2048,"
    "12000x784x300,12000x200x100,12000x50x10",
}
UNITS = {"us_step": "µs/step", "us_call": "µs/call", "s_100passes": "s/100 passes", "s_12000": "s"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", default="W1", help="W1,W2,…, ROWSxDEPTHxCOLUMNS (a product), all, or products")
    parser.add_argument("--peers", default="", help="jax,torch,keras; a mode may follow: jax:scan")
    parser.add_argument("--threads", default="1,2", help="thread counts, each measured by itself")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.workloads = ",".join(GROUPS.get(name, name) for name in options.workloads.split(","))
    options.threads = [int(text) for text in options.threads.split(",")]
    options.programs = [("nn", ""), ("limit", "")]
    for text in filter(None, options.peers.split(",")):
        peer, _, mode = text.partition(":")
        if peer not in MODES:
            parser.error(f"unknown peer {peer}; there are jax, torch, keras")
        options.programs.append((peer, mode or MODES[peer][0]))
    return options


def install(peers):
    """Makes the virtual environment, and puts into it what the peers need."""
    if not VENV_PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "venv"], check=True)
    for peer in peers:
        requirements = PEERS / f"requirements-{peer}.txt"
        subprocess.run([VENV_PYTHON, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)


def command(peer, mode, threads, workloads):
    if peer in OURS:
        line = [PROJECT / "build/nnrepl", HERE / OURS[peer], *workloads.split(",")]
    else:
        line = [VENV_PYTHON, PEERS / f"{peer}_peer.py", "--workloads", workloads, "--threads", str(threads), "--mode", mode]
    # One thread means one core for everyone: some libraries keep helper threads whatever they are told.
    return (["taskset", "-c", "0"] if threads == 1 else []) + line


def environment(threads):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "OMP_", "MKL_"))}
    return clean | {"NN_NUM_THREADS": str(threads)}


def busy_seconds():
    """CPU seconds that the whole machine has worked, and those of our finished children."""
    user, nice, system, _, _, irq, softirq, steal = map(int, open("/proc/stat").readline().split()[1:9])
    times = os.times()
    ticks = os.sysconf("SC_CLK_TCK")
    everything = (user + nice + system + irq + softirq + steal) / ticks
    return everything, times.children_user + times.children_system


def run(peer, mode, threads, workloads):
    """The result lines of one program, and how many cores other processes used meanwhile."""
    start, (all_before, ours_before) = time.perf_counter(), busy_seconds()
    process = subprocess.run(
        command(peer, mode, threads, workloads), env=environment(threads), capture_output=True, text=True)
    seconds, (all_after, ours_after) = time.perf_counter() - start, busy_seconds()
    others = max(0.0, (all_after - all_before) - (ours_after - ours_before)) / seconds
    if process.returncode != 0 or peer in OURS:
        print(process.stderr[-2000:], end="", file=sys.stderr)
    if process.returncode != 0:
        print(f"{peer} {mode} ended with status {process.returncode}", file=sys.stderr)
    return [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")], others


def table(samples, busy):
    """One row for each workload, thread count and program; the ratio is its median to ours."""
    print("| workload | threads | program | median | fastest | unit | to nn | others |")
    print("|---|---|---|---|---|---|---|---|")
    for (workload, threads, peer, mode, key), values in sorted(samples.items()):
        median = statistics.median(values)
        ours = samples.get((workload, threads, "nn", "", key))
        ratio = f"{median / statistics.median(ours):.2f}" if ours else "–"
        digits = 1 if key.startswith("us") else 4
        print(
            f"| {workload} | {threads} | {f'{peer} {mode}'.strip()} | {median:.{digits}f} | {min(values):.{digits}f} "
            f"| {UNITS[key]} | {ratio} | {statistics.median(busy[peer, mode, threads]):.2f} |")


def start_up():
    """The time from a shell's point of view until nnrepl has printed something and is gone."""
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        subprocess.run([PROJECT / "build/nnrepl", "-e", "print(1)"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    print(f"\nnnrepl -e 'print(1)': median {statistics.median(seconds) * 1000:.1f} ms, fastest {min(seconds) * 1000:.1f} ms")


def main():
    options = arguments()
    peers = [peer for peer, _ in options.programs if peer not in OURS]
    if peers:
        install(peers)
    samples, busy = defaultdict(list), defaultdict(list)
    for number in range(options.rounds):
        for threads in options.threads:
            for peer, mode in options.programs:
                name = f"{peer} {mode}".strip()
                print(f"round {number + 1}/{options.rounds}: {name}, threads: {threads}", file=sys.stderr)
                lines, others = run(peer, mode, threads, options.workloads)
                busy[peer, mode, threads].append(others)
                for line in lines:
                    key = next(key for key in UNITS if key in line)
                    samples[line["w"], threads, peer, mode, key] += line[key]
    table(samples, busy)
    start_up()
    return 0 if any(key[2] == "nn" for key in samples) else 1


sys.exit(main())
