"""What every benchmark shares: two things measured in turn, and a report for people and programs."""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PACKAGES = ("tensorflow", "keras", "numpy", "scipy")


def arguments(description, sizes, rounds=5, data=False):
    """The command line of a benchmark.

    Args:
      description: the benchmark's docstring.
      sizes: {name: anything}; the first is the default, and 'quick' has to be one of them.
      rounds: default number of rounds.
      data: whether there is a --data.

    Returns:
      namespace with size (the name) and rounds.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=sizes, default=next(iter(sizes)))
    parser.add_argument("--quick", action="store_true", help="a tiny size and one round: for correctness, not for time")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    if data:
        parser.add_argument("--data", help="folder for the data, which are kept; default: a temporary one")
    asked = parser.parse_args()
    if asked.quick:
        asked.size, asked.rounds = "quick", 1
    return asked


def paper_config(**changes):
    """The Config of configs/paper.flags with other values of some options."""
    from calciumgan_tf import flagfile
    from calciumgan_tf.config import Config

    return Config.of(**flagfile.read(flagfile.PAPER) | changes)


def seconds(action) -> float:
    """How long `action()` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turn(slow, fast, rounds):
    """Measures `slow` and `fast` in turn, the order changing each round.

    Args:
      slow, fast: functions that return seconds, or any cost.
      rounds: how many.

    Returns:
      {'ratio': median of slow / fast, 'spread': [smallest, largest], 'rounds'}.
    """
    ratios = []
    for number in range(rounds):
        costs = {}
        for which in (slow, fast) if number % 2 == 0 else (fast, slow):
            costs[which] = which()
        ratios.append(costs[slow] / costs[fast])
    return {"ratio": statistics.median(ratios), "spread": [min(ratios), max(ratios)], "rounds": rounds}


def peak_mib() -> float:
    """Largest resident memory of this process so far, MiB."""
    from calciumgan_tf.memory import peak_memory

    return peak_memory() / 2**20


def child(script, *flags, **environment) -> dict:
    """Runs a script in a process of its own; returns the JSON object of its last line."""
    environment = os.environ | environment
    finished = subprocess.run([sys.executable, str(script), *flags], capture_output=True, text=True, env=environment)
    if finished.returncode:
        raise RuntimeError(finished.stderr)
    return json.loads(finished.stdout.splitlines()[-1])


def report(benchmark, size, **figures) -> None:
    """Prints the figures for people, machine and versions; as the last line, the same as one JSON object."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    machine = {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version(), **versions}
    figures = {name: _rounded(value) for name, value in figures.items()}
    print(f"{benchmark}, {size}")
    for name, value in figures.items():
        print(f"  {name}: {' .. '.join(map(str, value)) if isinstance(value, list) else value}")
    print("  machine: " + ", ".join(f"{name} {value}" for name, value in machine.items()))
    print(json.dumps({"benchmark": benchmark, "size": size, **figures, "machine": machine}))


def _rounded(value):
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
