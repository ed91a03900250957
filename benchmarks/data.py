"""Cost of the training data: memory besides the recording's own, and windows per second against stored windows.

    python benchmarks/data.py
    python benchmarks/data.py --size=large

Stored windows (every second offset, as in the original) are counted, but not written. Their speed is measured on a
quarter of a gigabyte.
"""

import json
import sys

import measure
import numpy as np

SIZES = {  # frames, neurons, frames a window
    "paper": (21_556, 102, 2048),
    "large": (100_000, 2_000, 2048),
    "quick": (2_000, 3, 64),
}
STRIDE, BATCH, BATCHES = 2, 16, 40
STORED_BYTES = 250e6


def recording_and_config(frames, neurons, window):
    """A recording of noise and the configuration of the model that measures most on its training part."""
    from calciumgan_tf.config import Config
    from calciumgan_tf.recordings.recording import Recording

    traces = np.random.default_rng(0).standard_normal((frames, neurons), np.float32)
    config = Config.of(model="physiological", window_frames=window, batch_size=BATCH, phase_shuffle=2)
    return Recording(traces, 24.0, source="benchmark"), config


def memory(size):
    """In a child process: MiB that all of training's data add to those of the recording, a batch buffer included."""
    from calciumgan_tf.dataset import batches
    from calciumgan_tf.dataset.training_data import TrainingData

    def draw(recording, config):
        """Shape of a batch after several, each dropped before the next as in the training loop."""
        windows = iter(batches.training_batches(TrainingData.prepare(recording, config), config.optimization))
        for _ in range(8):
            shape = next(windows).shape
        return shape

    draw(*recording_and_config(*SIZES["quick"]))  # first a tiny recording, for what TensorFlow itself needs
    recording, config = recording_and_config(*SIZES[size])
    before = measure.peak_mib()
    shape = draw(recording, config)
    added = measure.peak_mib() - before
    held = 3 * np.prod(shape) * 4 / 2**20  # one in use, two prefetched
    result = {"added_mib": added, "batches_mib": float(held), "recording_mib": recording.traces.nbytes / 2**20}
    print(json.dumps(result))


def main():
    given = measure.arguments(__doc__, SIZES, rounds=5)
    if given.child:
        return memory(given.child)
    import tensorflow as tf

    from calciumgan_tf.dataset import batches
    from calciumgan_tf.dataset.training_data import TrainingData

    frames, neurons, window = SIZES[given.size]
    recording, config = recording_and_config(frames, neurons, window)
    data = TrainingData.prepare(recording, config)
    offsets = range(0, frames - window, STRIDE)
    some = np.random.default_rng(0).permutation(offsets)[: max(BATCH, int(STORED_BYTES / (window * neurons * 4)))]
    stored = np.stack([data.scaling.scaled(recording.traces[start : start + window]) for start in some])
    pipelines = {
        "stored": tf.data.Dataset.from_tensor_slices(stored).shuffle(len(stored)).repeat().batch(BATCH).prefetch(2),
        "ours": batches.training_batches(data, config.optimization),
    }
    rates = {}

    def draw(name):
        iterator = iter(pipelines[name])
        next(iterator)
        taken = measure.seconds(lambda: [next(iterator) for _ in range(BATCHES)])
        rates.setdefault(name, []).append(BATCH * BATCHES / taken)
        return taken

    ratio = measure.in_turn(lambda: draw("stored"), lambda: draw("ours"), given.rounds)
    used = measure.child(__file__, f"--child={given.size}")
    measure.report(
        "data",
        given.size,
        **ratio,
        windows_a_second=float(np.median(rates["ours"])),
        stored_windows_over_recording=len(offsets) * window * neurons * 4 / recording.traces.nbytes,
        disk_over_recording=1.0,
        memory_added_over_recording=(used["added_mib"] - used["batches_mib"]) / used["recording_mib"],
        batches_mib=used["batches_mib"],
        recording_mib=used["recording_mib"],
    )


if __name__ == "__main__":
    sys.exit(main())
