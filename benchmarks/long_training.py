"""Memory, log lines and files of a training of 50,000 steps of a tiny model.

    python benchmarks/long_training.py                        # both models at once, some twenty minutes of two cores
    python benchmarks/long_training.py --steps=200 --output=/tmp/short

Trains with train.py, reads the resident memory of its process every second, and writes a table and a figure of it to
docs/reliability/. After the warm-up, a tenth of the steps, memory should not grow by more than a hundredth.
"""

import argparse
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from concurrent import futures

import measure
import numpy as np

from calciumgan_tf.plotting import style

TINY = ["--dataset=synthetic", "--synthetic_neurons=4", "--window_frames=64", "--units=2", "--critic_units=2"]
TINY += ["--kernel_size=8", "--critic_kernel_size=8", "--noise_dim=4", "--phase_shuffle=1", "--batch_size=4"]
MODELS = {"calciumgan": [], "physiological": ["--model=physiological", "--calibration=10"]}
WARM_UP = 0.1  # of the steps
COLOURS = {"calciumgan": style.GENERATED, "physiological": style.RECORDED}


def resident(process):
    """Resident memory of a process, bytes; None once it has ended."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
    except (OSError, TypeError):
        return None


def last_step(metrics):
    """The step of the last log line; 0 before there is one."""
    lines = metrics.read_text().splitlines() if metrics.exists() else []
    return json.loads(lines[-1])["step"] if lines else 0


def train(model, steps, folder):
    """Trains a model; returns rows (step, bytes) and what its run folder holds in the end."""
    run = folder / model
    command = [
        sys.executable,
        str(measure.ROOT / "train.py"),
        *TINY,
        *MODELS[model],
        f"--steps={steps}",
        f"--run={run}",
    ]
    process, rows = subprocess.Popen(command, stdout=subprocess.DEVNULL), []
    while process.poll() is None:
        now = resident(process)
        step = last_step(run / "metrics.jsonl")
        if now and step:
            rows.append((step, now))
        time.sleep(1)
    if process.returncode:
        raise SystemExit(f"train.py ended with status {process.returncode}")
    held = {
        "log lines": len((run / "metrics.jsonl").read_text().splitlines()),
        "previews": len(list((run / "previews").iterdir())),
        "megabytes": sum(file.stat().st_size for file in run.rglob("*") if file.is_file()) / 1e6,
    }
    return rows, held


def growth(rows, steps):
    """Relative change of memory after the warm-up, by a straight line through what was read."""
    step, used = np.array([row for row in rows if row[0] >= WARM_UP * steps], float).T
    slope, start = np.polyfit(step, used, 1)
    return slope * (step[-1] - step[0]) / (start + slope * step[0])


def draw(found, steps, path):
    """Memory of both models over steps."""
    drawing, axes = style.figure(2.6)
    for model, (rows, _) in found.items():
        step, used = np.array(rows, float).T
        axes[0, 0].plot(step, used / 2**20, color=COLOURS[model], label=model, linewidth=1)
    axes[0, 0].axvline(WARM_UP * steps, color="grey", linestyle="--", linewidth=0.8, label="end of the warm-up")
    axes[0, 0].set(xlabel="step", ylabel="resident memory (MiB)", ylim=(0, None))
    axes[0, 0].legend(frameon=False, fontsize=8)
    style.save(drawing, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--output", default=str(measure.ROOT / "docs" / "reliability"))
    asked = parser.parse_args()
    output, found = pathlib.Path(asked.output), {}
    with tempfile.TemporaryDirectory() as folder:
        with futures.ThreadPoolExecutor() as both:
            trained = {model: both.submit(train, model, asked.steps, pathlib.Path(folder)) for model in MODELS}
        for model, future in trained.items():
            found[model] = rows, held = future.result()
            about = ", ".join(f"{value:.3g} {name}" for name, value in held.items())
            print(f"{model}: growth after the warm-up {growth(rows, asked.steps):+.2%}; {about}", flush=True)
    output.mkdir(parents=True, exist_ok=True)
    with open(output / "memory.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["model", "step", "bytes"])
        table.writerows(
            [model, *row] for model, (rows, _) in found.items() for row in rows[:: max(1, len(rows) // 200)]
        )
    draw(found, asked.steps, output / "memory.png")


if __name__ == "__main__":
    main()
