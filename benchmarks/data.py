"""What training data cost: bytes beside the recording's own, and windows a second against stored windows.

    python benchmarks/data.py
    python benchmarks/data.py --size=large

Stored windows (every second offset, as the original keeps them) are counted, not written, where they would not fit;
their speed is measured on as many as take a quarter of a gigabyte.
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


def prepared(frames, neurons, window):
    """Recording, split, scaling and configuration, as train.py makes them."""
    from calciumgan_tf.config import Config
    from calciumgan_tf.dataset import scaling, split
    from calciumgan_tf.recordings.recording import Recording

    traces = np.random.default_rng(0).standard_normal((frames, neurons), np.float32)
    data = Recording(traces, 24.0, source="benchmark")
    parts = split.split_frames(frames, window)
    config = Config(window_frames=window, batch_size=BATCH, phase_shuffle=2)
    return data, parts, config, lambda: scaling.fit(data, parts.training, config.scaling, config.scaling_quantile)


def memory(size):
    """In a child process: MiB that all of training's data add to those of the recording, a batch buffer included."""
    from calciumgan_tf.dataset import batches
    from calciumgan_tf.training import trainer

    data, parts, config, fit = prepared(*SIZES["quick"])  # first a tiny one, for what TensorFlow itself needs
    trainer.known_beforehand(config, data, parts, fit())
    next(iter(batches.training_batches(data.traces, parts, fit(), config)))
    data, parts, config, fit = prepared(*SIZES[size])
    before = measure.peak_mib()
    scale = fit()
    trainer.known_beforehand(config, data, parts, scale)
    batches = iter(batches.training_batches(data.traces, parts, scale, config))
    for _ in range(8):  # as in the training loop, where no batch outlives its update
        shape = next(batches).shape
    added = measure.peak_mib() - before
    held = 3 * np.prod(shape) * 4 / 2**20  # one in use, two prefetched
    print(json.dumps({"added_mib": added, "batches_mib": float(held), "recording_mib": data.traces.nbytes / 2**20}))


def main():
    asked = measure.arguments(__doc__, SIZES, rounds=5)
    if asked.child:
        return memory(asked.child)
    import tensorflow as tf

    from calciumgan_tf.dataset import batches

    frames, neurons, window = SIZES[asked.size]
    data, parts, config, fit = prepared(frames, neurons, window)
    scale = fit()
    offsets = range(0, frames - window, STRIDE)
    some = np.random.default_rng(0).permutation(offsets)[: max(BATCH, int(STORED_BYTES / (window * neurons * 4)))]
    stored = np.stack([scale.scaled(data.traces[start : start + window]) for start in some])
    pipelines = {
        "stored": tf.data.Dataset.from_tensor_slices(stored).shuffle(len(stored)).repeat().batch(BATCH).prefetch(2),
        "ours": batches.training_batches(data.traces, parts, scale, config),
    }
    rates = {}

    def draw(name):
        iterator = iter(pipelines[name])
        next(iterator)
        taken = measure.seconds(lambda: [next(iterator) for _ in range(BATCHES)])
        rates.setdefault(name, []).append(BATCH * BATCHES / taken)
        return taken

    ratio = measure.in_turn(lambda: draw("stored"), lambda: draw("ours"), asked.rounds)
    used = measure.child(__file__, f"--child={asked.size}")
    recording = data.traces.nbytes
    measure.report(
        "data",
        asked.size,
        **ratio,
        windows_a_second=float(np.median(rates["ours"])),
        stored_windows_over_recording=len(offsets) * window * neurons * 4 / recording,
        disk_over_recording=1.0,
        memory_added_over_recording=(used["added_mib"] - used["batches_mib"]) / used["recording_mib"],
        batches_mib=used["batches_mib"],
        recording_mib=used["recording_mib"],
    )


if __name__ == "__main__":
    sys.exit(main())
