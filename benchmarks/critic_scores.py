"""What a trained critic has learned: its mean score of windows that it was trained on, and of others.

Figures: docs/training_calciumgan.md.

    python benchmarks/critic_scores.py checkpoints/synthetic-calciumgan

A critic that scores held-out windows like generated ones, and training windows far above both, has learned the training
windows by heart, and its gradient no longer says what is wrong with the generated ones.
"""

import sys

import measure  # noqa: F401  makes the package importable
import numpy as np

from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.sampling import sampler
from calciumgan_tf.studies.importance import restored_critic
from calciumgan_tf.training.run import Run

WINDOWS, BATCH = 256, 32


def scores(critic, scaling, windows):
    """The critic's scores of windows (window, frame, neuron) in dF/F, without phase shuffle."""
    import tensorflow as tf

    found = []
    for start in range(0, len(windows), BATCH):
        x = tf.constant(scaling.scaled(windows[start : start + BATCH]).astype(np.float32))
        found.append(critic.keras([x, *critic.without_effect(len(x))], training=False).numpy())
    return np.concatenate(found)


def main():
    for folder in sys.argv[1:]:
        run = Run.open(folder)
        data = run.training_data()
        critic = restored_critic(run, data)
        traces, split = data.recording.traces, data.split
        sides = {
            "training": RecordedWindows(traces, split, split.training, WINDOWS)[:],
            "held out": RecordedWindows(traces, split, split.heldout, WINDOWS)[:],
            "generated": np.concatenate(list(sampler.windows(sampler.load_generator(run), WINDOWS, 0))),
        }
        means = {name: float(scores(critic, data.scaling, windows).mean()) for name, windows in sides.items()}
        print(f"{folder}, {run.saved_step()} steps: " + ", ".join(f"{name} {mean:.1f}" for name, mean in means.items()))


if __name__ == "__main__":
    main()
