"""Compares the memory that a training is estimated to take with what it takes; docs/performance.md.

    python benchmarks/footprint.py

Every size is two steps of train.py's trainer in a process of its own, saved and looked at as at a checkpoint. What is
compared is the peak of its resident memory less what it held when the estimate was made. Prints a table.
"""

import json
import statistics
import tempfile

import measure
import numpy as np

DEMO = {"window_frames": 256, "batch_size": 32}
SIZES = {
    "all": (
        {**DEMO, "neurons": 16},
        {**DEMO, "neurons": 16, "batch_size": 128},
        {**DEMO, "neurons": 16, "window_frames": 2048},
        {**DEMO, "neurons": 512},
        {**DEMO, "neurons": 512, "batch_size": 128},
        {**DEMO, "neurons": 16, "window_frames": 512, "units": 64, "critic_units": 64},
        {**DEMO, "neurons": 100, "window_frames": 1024, "units": 32, "critic_units": 32, "batch_size": 64},
        {**DEMO, "neurons": 100, "window_frames": 1024, "batch_size": 128, "model": "wavegan"},
        {**DEMO, "neurons": 100, "batch_size": 128, "model": "mlp"},
        {**DEMO, "neurons": 64, "model": "calciumgan2d"},
        {**DEMO, "neurons": 16, "batch_size": 64, "model": "physiological"},
        {**DEMO, "neurons": 16, "batch_size": 256, "model": "physiological"},
        {**DEMO, "neurons": 16, "window_frames": 1024, "model": "physiological"},
        {**DEMO, "neurons": 300, "batch_size": 64, "model": "physiological"},
    ),
    "quick": ({**DEMO, "neurons": 4, "batch_size": 2, "units": 2, "critic_units": 2},),
}


def alone(neurons, **options):
    """In a child process: bytes that were estimated, and taken."""
    from calciumgan_tf import memory
    from calciumgan_tf.config import Config
    from calciumgan_tf.dataset.training_data import TrainingData
    from calciumgan_tf.recordings.recording import Recording
    from calciumgan_tf.training.distribution import make_strategy
    from calciumgan_tf.training.run import Run
    from calciumgan_tf.training.trainer import Trainer

    config, random = Config.of(steps=2, **options), np.random.default_rng(0)
    shape = max(24 * config.data.window_frames, neurons + 1), neurons
    traces = random.normal(0, 0.3, shape) + 2.0 * (random.random(shape) < 0.02)
    recording = Recording(traces.astype(np.float32), 24.0, source="noise")
    trainer = Trainer(config, TrainingData.prepare(recording, config), make_strategy())
    before = memory.resident_memory()
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(Run(folder), resume=False)
    taken = memory.peak_memory() - before
    print(json.dumps({"estimated": trainer.footprint.of(config.optimization.batch_size), "taken": taken}))


def main():
    asked = measure.arguments(__doc__, SIZES)
    if asked.child:
        return alone(**json.loads(asked.child))
    from calciumgan_tf.memory import text

    ratios = []
    print("| model | frames | neurons | U | windows a batch | taken | estimated | estimated / taken |")
    print("|---|---|---|---|---|---|---|---|")
    for size in SIZES[asked.size]:
        found = measure.child(__file__, f"--child={json.dumps(size)}")
        shown = [size.get("model", "calciumgan"), size["window_frames"], size["neurons"], size.get("units", "default")]
        shown += [size["batch_size"], text(found["taken"]), text(found["estimated"])]
        ratios.append(found["estimated"] / found["taken"])
        print("|", *(f"{one} |" for one in shown), f"{ratios[-1]:.2f} |", flush=True)
    spread = [min(ratios), max(ratios)]
    measure.report("footprint", asked.size, ratio=statistics.median(ratios), spread=spread, rounds=1)


if __name__ == "__main__":
    main()
