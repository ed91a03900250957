"""Judges what was measured of one or more runs of one recording: several seeds, or the folds of a cross-fit."""

import dataclasses
import typing

import numpy as np

from calciumgan_tf.evaluation.diagnostics.copying import KINDS, Copying
from calciumgan_tf.evaluation.diagnostics.distance import Comparison, farther
from calciumgan_tf.evaluation.diagnostics.findings import agreed, conclude


@dataclasses.dataclass(frozen=True)
class Result:
    """What is found in generated windows.

    Attributes:
      findings: {row: findings.Finding}, in the order of the table.
      copying: Copying, or PooledCopying of several runs.
      repeated: share of the generated windows that are repetitions of each other, 0..1.
      curves: {figure: {set: (x, values (x, neuron))}} of held-out part, training part and generated windows; empty for
        several runs.
      by_run: {row: Distance} of each run alone, where there are several.
    """

    findings: dict
    copying: typing.Any
    repeated: float
    curves: dict
    by_run: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class PooledKind:
    """The test for one kind of copies, over several runs: `share`, the mean, and `p_value`, the smallest times runs."""

    share: float
    p_value: float


@dataclasses.dataclass(frozen=True)
class PooledCopying:
    """The test for copies over several runs; `p_value` is the smallest of the runs times their number (Bonferroni)."""

    whole: PooledKind
    half: PooledKind
    neuron: PooledKind
    p_value: float


@dataclasses.dataclass(frozen=True, eq=False)
class RecordedSide:
    """What is kept of a split of the recording.

    Attributes:
      training, faults: {factor of the decay time: {row: Comparison or Separation}} of the training part, and of windows
        with the fault that the row has to detect; only rows of events have other factors than 1.
      heldout_starts: first frames of held-out windows that share no frame, int (window,).
      window_frames: frames of a window.
    """

    training: dict
    faults: dict
    heldout_starts: np.ndarray
    window_frames: int


@dataclasses.dataclass(frozen=True)
class Measured:
    """What is measured of the windows of a run, before anything is said about it.

    Attributes:
      recorded: RecordedSide; runs with the same split have the same.
      compared: {factor of the decay time: {row: Comparison or Separation}}, 1 first; only rows of events have others.
      copying, repeated, curves: as in Result.
    """

    recorded: RecordedSide
    compared: dict
    copying: Copying
    repeated: float
    curves: dict


def pool(rows, runs: list[Measured]) -> Result:
    """Judges the windows of one or more runs of one recording together.

    The distance of a row is the root of the mean squared distance over runs, each from its own held-out part. Runs with
    the same split share the draws of the held-out part; those of other splits belong to them, see `sample.Draw`.

    Args:
      rows: all Rows, in the order of the table.
      runs: Measured; those of different splits by Diagnoses of equal seeds and different shifts.
    """
    sides = list(dict.fromkeys(run.recorded for run in runs))
    windows, usual, by_decay = heldout_windows(sides), None, {}
    for factor in runs[0].compared:
        found = [
            _pooled([run.compared[factor] for run in runs]),
            _pooled([side.training[factor] for side in sides]),
            _pooled([side.faults[factor] for side in sides]),
            _farther([run.compared[factor] for run in runs], [run.recorded.training[factor] for run in runs]),
        ]
        usual = usual or found  # rows without events are the same with all decay times
        distances, training, faults, beyond = (known | one for known, one in zip(usual, found))
        by_decay[factor] = conclude(rows, distances, training, faults, windows, beyond)
    findings, first = agreed(by_decay), runs[0]
    if len(runs) == 1:
        return Result(findings, first.copying, first.repeated, first.curves)
    by_run = [_pooled([run.compared[1.0]]) for run in runs]
    return Result(findings, _pooled_copying([run.copying for run in runs]), _mean(runs, "repeated"), {}, by_run)


def heldout_windows(sides) -> int:
    """Number of held-out windows that share no frame, of several RecordedSides together."""
    number, free = 0, -1
    for start in np.sort(np.concatenate([side.heldout_starts for side in sides])):
        if start >= free:
            number, free = number + 1, start + sides[0].window_frames
    return number


def _pooled(compared):
    """{row: Distance} of {row: Comparison or Separation} of each run."""
    return {row: type(one).pooled([run[row] for run in compared]) for row, one in compared[0].items()}


def _farther(compared, training):
    """{row: p value of being farther from the held-out part than the training part is} of rows of a statistic."""
    return {
        row: farther([run[row] for run in compared], [one[row] for one in training])
        for row, first in compared[0].items()
        if isinstance(first, Comparison)
    }


def _mean(many, name):
    return float(np.mean([getattr(one, name) for one in many]))


def _pooled_copying(tests):
    def smallest(many):
        return min(1.0, len(many) * min(one.p_value for one in many))

    kinds = {kind: [getattr(test, kind) for test in tests] for kind in KINDS}
    pooled = {kind: PooledKind(_mean(many, "share"), smallest(many)) for kind, many in kinds.items()}
    return PooledCopying(**pooled, p_value=smallest(tests))
