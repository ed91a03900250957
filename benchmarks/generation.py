"""Windows a second and memory of streaming ever more windows: does the rate fall, does the memory grow?

    python benchmarks/generation.py

Each number of windows is a process of its own, since memory is measured as the largest so far; the ratio is the rate
for the largest number over the rate for the smallest.
"""

import json
import pathlib
import sys
import tempfile

import measure
import numpy as np

SIZES = {"demo": (1_000, 10_000, 100_000), "quick": (65, 130)}


def generate(count):
    """In a child process: streams windows of an untrained generator of the demo's size to a file."""
    import keras
    import tensorflow as tf

    from calciumgan_tf.config import Config
    from calciumgan_tf.dataset.scaling import Scaling
    from calciumgan_tf.sampling import sampler, samples
    from calciumgan_tf.training.builders import Builder

    config, neurons = Config.of(), 16
    keras.utils.set_random_seed(0)
    scaling = Scaling(np.zeros(neurons, np.float32), np.ones(neurons, np.float32))
    model, frames = Builder(config, neurons).exported_generator(scaling), config.data.window_frames
    tf.constant(0)
    before = measure.peak_mib()
    attributes = {"model": config.model, "frame_rate": 24.0, "tau_decay": 0.8, "seed": 0, "run": "benchmark", "step": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "samples.h5"
        for _ in sampler.windows(model, 1, 0):  # traces the graph before the clock starts
            pass
        parts = ({"traces": part} for part in sampler.windows(model, count, 0))
        taken = measure.seconds(lambda: samples.write(path, parts, (count, frames, neurons), attributes))
        megabytes = path.stat().st_size / 1e6
    print(json.dumps({"rate": count / taken, "added_mib": measure.peak_mib() - before, "file_mb": megabytes}))


def main():
    asked = measure.arguments(__doc__, SIZES, rounds=3)
    if asked.child:
        return generate(int(asked.child))
    counts, found = SIZES[asked.size], {}

    def cost(count):
        found.setdefault(count, []).append(measure.child(__file__, f"--child={count}"))
        return 1 / found[count][-1]["rate"]

    ratio = measure.in_turn(lambda: cost(counts[0]), lambda: cost(counts[-1]), asked.rounds)
    for count in counts[1:-1]:
        cost(count)
    figures = {}
    for count in counts:
        figures[f"{count} windows, windows a second"] = max(run["rate"] for run in found[count])
        figures[f"{count} windows, MiB added"] = max(run["added_mib"] for run in found[count])
    measure.report("generation", asked.size, **ratio, **figures)


if __name__ == "__main__":
    sys.exit(main())
