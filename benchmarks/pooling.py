"""False alarms of one run, of three seeds and of five folds: how often a row has p < .05 for perfect windows.

    python benchmarks/pooling.py                                # 15 minutes, windows of 256 frames
    python benchmarks/pooling.py --frames=64                    # short windows beside a slow drift
    python benchmarks/pooling.py --difference=1.25              # windows with other rates, and how often that is found

Each population (planted_faults.Truth) is a recording with fresh windows of the same truth in place of generated ones.
Only rows of a statistic are computed, before any correction for the number of rows: `chance` is the p value of the
distance, `both` the larger one of this and of being farther than the training part. Prints a table and a line of JSON.
"""

import argparse
import collections
import json

import measure  # noqa: F401  makes the package importable
import numpy as np
import planted_faults

from calciumgan_tf.dataset.split import Fold, split_frames
from calciumgan_tf.evaluation.diagnostics.diagnosis import RESAMPLES, STATISTICS
from calciumgan_tf.evaluation.diagnostics.distance import LEVEL, Comparison, farther
from calciumgan_tf.evaluation.diagnostics.recorded import Recorded
from calciumgan_tf.evaluation.diagnostics.sample import GENERATED_UNITS, Draw, Tiles
from calciumgan_tf.evaluation.diagnostics.statistic import Context
from calciumgan_tf.spikes import deconvolution

WINDOWS, SEEDS, FOLDS = 200, 3, 5


class Side:
    """The recorded side of a split, without classifiers."""

    def __init__(self, recording, split, seed, shift=None):
        tiles, self._seed, self._shift = Tiles(split, recording.frame_rate), seed, shift
        traces = tiles.windows(recording.traces)
        context = Context(recording.frame_rate, traces[~tiles.heldout[tiles.unit]])
        self._settings = deconvolution.fit_recording(recording, split.training)
        events = deconvolution.infer_spikes(traces, self._settings, processes=1).spikes
        statistics = [statistic(context) for statistic in STATISTICS]
        self.recorded = Recorded(statistics, traces, events, tiles, self._draw, seed)

    def _draw(self, purpose, chosen):
        shift = self._shift if purpose < 3 else None
        return Draw(chosen, RESAMPLES, np.random.default_rng([self._seed, 2, purpose]), shift)

    def compare(self, windows, run):
        """{row: Comparison} of generated windows."""
        unit = np.arange(len(windows)) * GENERATED_UNITS // len(windows)
        events = deconvolution.infer_spikes(windows, self._settings, processes=1).spikes
        return self.recorded.compare(windows, events, unit, self._draw(3 + run, np.ones(GENERATED_UNITS, bool)))[0]


def p_values(runs, sides):
    """{row: (p of chance, the larger one of both)} of runs, each with its Side."""
    found = {}
    for row in runs[0]:
        mine, others = [run[row] for run in runs], [side.recorded.training[row] for side in sides]
        chance = Comparison.pooled(mine).p
        found[row] = chance, max(chance, farther(mine, others))
    return found


def judged(seed, minutes, frames, difference):
    """{'one run', 'three seeds', 'five folds': {row: p values}} of a population."""
    truth = planted_faults.Truth(seed=seed, frames=round(minutes * 60 * 24))
    other, recording = planted_faults.Truth(seed=seed, rate=difference), truth.recording()
    every = other.windows(FOLDS * WINDOWS, frames).reshape(FOLDS, WINDOWS, frames, -1)
    usual = Side(recording, split_frames(recording.frames, frames), seed)
    seeds = [usual.compare(windows, run) for run, windows in enumerate(every[:SEEDS])]
    splits = [split_frames(recording.frames, frames, fold=Fold(number, FOLDS)) for number in range(FOLDS)]
    sides = [Side(recording, split, seed, split.heldout[0][0] / recording.frames) for split in splits]
    folds = [side.compare(windows, run) for run, (side, windows) in enumerate(zip(sides, every))]
    return {
        "one run": p_values(seeds[:1], [usual]),
        "three seeds": p_values(seeds, [usual] * SEEDS),
        "five folds": p_values(folds, sides),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--populations", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=planted_faults.MINUTES)
    parser.add_argument("--frames", type=int, default=256, help="of a window")
    parser.add_argument("--difference", type=float, default=1.0, help="factor of the rates of the generated windows")
    parser.add_argument("--quick", action="store_true", help="one short recording, for correctness")
    arguments = parser.parse_args()
    size = (1, 2.0, 64) if arguments.quick else (arguments.populations, arguments.minutes, arguments.frames)
    alarms = collections.defaultdict(lambda: np.zeros(2))
    for seed in range(size[0]):
        for kind, rows in judged(seed, *size[1:], arguments.difference).items():
            for row, p in rows.items():
                alarms[kind, row] += np.array(p) < LEVEL
    kinds = list(dict.fromkeys(kind for kind, _ in alarms))
    print("row".ljust(26), *(f"{kind}: chance  both".rjust(26) for kind in kinds))
    for row in dict.fromkeys(row for _, row in alarms):
        print(
            row.ljust(26), *(f"{a:.0%} {b:.0%}".rjust(26) for a, b in (alarms[kind, row] / size[0] for kind in kinds))
        )
    shares = {
        kind: [float(np.mean([alarms[kind, row][i] for k, row in alarms if k == kind])) / size[0] for i in (0, 1)]
        for kind in kinds
    }
    print(
        json.dumps(
            {"benchmark": "pooling", "populations": size[0], "minutes": size[1], "frames": size[2], "mean": shares}
        )
    )


if __name__ == "__main__":
    main()
