"""Whether the test for copies finds copies that were planted among generated windows, recording by recording.

    python benchmarks/copies.py checkpoints/results/mouse-physiological-0 checkpoints/results/zebrafish-physiological-0

Every run is tested as it is and with each of the positive controls of `copy_controls`. A table, a row for a run, with
the p value of each; docs/fidelity.md.
"""

import argparse
import pathlib

import measure  # noqa: F401  makes the package importable
import numpy as np

from calciumgan_tf.dataset.windows import ChosenWindows
from calciumgan_tf.evaluation.diagnostics import copy_controls
from calciumgan_tf.evaluation.diagnostics.copying import CopyTest
from calciumgan_tf.evaluation.diagnostics.sample import Tiles
from calciumgan_tf.evaluation.tables import COPIED
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.run import Run

WINDOWS = 400


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="run folders with samples")
    for number, folder in enumerate(parser.parse_args().runs):
        run = Run.open(folder, "runs")
        found = p_values(run.training_data(), samples.load(run.newest_samples()).traces[:WINDOWS])
        if not number:
            print("| run | " + " | ".join(found) + " |")
            print("|---" * (len(found) + 1) + "|")
        cells = [f"{p:.2g}{' found' if p < COPIED else ''}" for p in found.values()]
        print(f"| {pathlib.Path(folder).name} | " + " | ".join(cells) + " |", flush=True)


def p_values(data, generated):
    """{name: p value of the test} of generated windows, and of each control that is made of them."""
    tiles = Tiles(data.split, data.recording.frame_rate)
    windows, training = tiles.windows(data.recording.traces), ~tiles.heldout[tiles.unit]
    heldout = ChosenWindows(windows, np.flatnonzero(~training))
    test = CopyTest(data.recording.traces, data.split.training, heldout)
    planted = copy_controls.controls(windows[training], generated)
    return {name: test.test(one).p_value for name, one in {"generated": generated, **planted}.items()}


if __name__ == "__main__":
    main()
