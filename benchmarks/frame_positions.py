"""Whether a generator treats all frames alike: its activity at each of the frames that a row of features becomes.

    python benchmarks/frame_positions.py checkpoints/ready/physiological checkpoints/ready/calciumgan

A recorded window begins anywhere, so a recording has as much activity at one frame of a window as at another. Activity
is the mean event of `physiological`, and the mean square of what a trace rises by from a frame to the next otherwise.
Prints, for each run, the activity at each frame of a row over the mean, and the range.
"""

import argparse
import pathlib
import sys

import measure  # noqa: F401, makes the package known


def activity(run, row, count):
    """Activity in `count` windows at each frame of a row, over its mean: float64 (row,)."""
    import numpy as np

    from calciumgan_tf.sampling import sampler

    model = sampler.load_generator(run)
    own = sampler.with_events(model)
    total = 0.0
    for made in sampler.windows(own or model, count, 0):
        values = made[1] if own else np.diff(made, axis=1, prepend=made[:, :1]).clip(0) ** 2
        total = total + values.sum(axis=(0, 2), dtype=np.float64)
    inside = total[row : len(total) // row * row].reshape(-1, row).mean(axis=0)  # without the first, which has no rise
    return inside / inside.mean()


def main():
    import numpy as np

    from calciumgan_tf.sampling.sessions import frames_of_a_row
    from calciumgan_tf.training.run import Run

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="+", type=pathlib.Path)
    parser.add_argument("--windows", type=int, default=3000)
    asked = parser.parse_args()
    for path in asked.run:
        run = Run.open(path)
        found = activity(run, frames_of_a_row(run.config()), asked.windows)
        print(f"{path}: {run.config().model}, from {found.min():.2f} to {found.max():.2f} of the mean")
        print("  " + " ".join(f"{value:.2f}" for value in np.round(found, 2)))


if __name__ == "__main__":
    sys.exit(main())
