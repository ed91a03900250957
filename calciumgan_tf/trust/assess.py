"""All trust metrics of an evaluation: one table beside the spike statistics', with the same columns."""

import dataclasses
import math

import numpy as np

from calciumgan_tf.evaluation import baselines, memorisation
from calciumgan_tf.evaluation.evaluate import COLUMNS
from calciumgan_tf.split import RecordedWindows
from calciumgan_tf.trust import coverage, dynamics, dynamics_metrics, two_sample, usefulness

RESAMPLES = 50  # of the bootstrap
POINTS = 1000  # windows of a set compared one by one with those of another, at most
NEAREST = 200  # windows of either side whose nearest training window is looked for
TESTED = ("floor", "generated")  # columns with a permutation test
DECODING = "decoding_error"


@dataclasses.dataclass(frozen=True)
class Trust:
    """What `assess` found.

    Attributes:
      rows: {metric: {'section', 'unit', column: value, 'p': {column: p} or None, 'beyond': (low, high) or None}};
        columns as in evaluation.evaluate.COLUMNS. Beyond: 95 % bootstrap interval of generated less floor.
      memorisation: Memorisation.
      sets: {set: Dynamics}.
      grid: Grid.
    """

    rows: dict
    memorisation: memorisation.Memorisation
    sets: dict
    grid: dynamics.Grid


def evenly(count, most):
    """Numbers of up to `most` windows out of `count`, evenly spaced."""
    return np.linspace(0, count - 1, min(most, count)).astype(int)


class Collector:
    """Describes each set of windows as evaluation.evaluate comes to it."""

    def __init__(self, data, split):
        """Args: data, Recording; split, Split, with the windows' length."""
        origin = data.traces[slice(*split.training[0])].mean(axis=0)
        self.grid = dynamics.Grid(data.frame_rate, data.tau, origin, split.window_frames)
        self.sets = {}

    def __call__(self, name, windows, spikes):
        """Describes one set."""
        self.sets[name] = dynamics.describe(windows, spikes, self.grid)


def assess(data, split, generated, collected: Collector, seed=0) -> Trust:
    """Everything but the spike statistics.

    Args:
      data: Recording.
      split: Split of it.
      generated: array-like (window, frame, neuron), dF/F.
      collected: the Collector that has seen all sets.
      seed: the one that was evaluated with.
    """
    sets, grid = dict(collected.sets), collected.grid
    training = sets["training"]
    sets["shuffled"] = training.shuffled(baselines.shuffled_windows(training.windows, training.moments.shape[2], seed))
    compared = {
        column: (sets[reference], sets[candidate])
        for column, (reference, candidate) in COLUMNS.items()
        if reference in sets and candidate in sets
    }
    length = _block_windows(split, "heldout", sets["heldout"].windows)
    rows = {}
    for column, (reference, candidate) in compared.items():
        for section, name, unit, value, p in _values(reference, candidate, grid, length, seed, column in TESTED):
            row = rows.setdefault(name, {"section": section, "unit": unit, **dict.fromkeys(COLUMNS)})
            row[column] = value if value is not None and np.isfinite(value) else None
            if p is not None:
                row.setdefault("p", {})[column] = p
    beyond = _beyond_the_floor(split, sets, grid, seed)
    for name, row in rows.items():
        row.setdefault("p", None)
        row["beyond"] = beyond.get(name)
    heldout = RecordedWindows(data.traces, split, split.heldout, min(NEAREST, sets["heldout"].windows))[:]
    count = collected.sets["generated"].windows
    few = np.stack([generated[int(window)] for window in evenly(count, NEAREST)])
    nearest = memorisation.compare(few, heldout, data.traces, split.training)
    return Trust(rows, nearest, sets, grid)


def _values(reference, candidate, grid, length, seed, tested):
    """Yields (section, metric, unit, value, p)."""
    for name, value in dynamics_metrics.compare(reference, candidate, grid).items():
        yield "dynamics", name, dynamics_metrics.STATISTICS[name][1], value, None
    few = [one.take(evenly(one.windows, POINTS)) for one in (reference, candidate)]
    features = [two_sample.features(one) for one in few]
    for which in features[0]:
        points = two_sample.standardised(*(one[which] for one in features))
        tests = two_sample.PERMUTATIONS if tested else ()
        for name, (value, p) in two_sample.compare(*points, length, seed, tests).items():
            yield "distributions", f"{name}_{which}", "SD" if name == "sliced_wasserstein" else "", value, p
    joined = two_sample.standardised(*(np.concatenate(list(one.values()), axis=1) for one in features))
    spikes = [one.sizes[:, 0].sum(axis=1) for one in few]
    for name, value in coverage.compare(*joined, *spikes, length).items():
        yield "coverage", name, coverage.UNITS[name], value, None
    yield (
        "usefulness",
        DECODING,
        "share of variance",
        usefulness.decoding_error(reference.binned, candidate.binned),
        None,
    )


def _block_windows(split, part, windows):
    """Windows of a block as long as two windows, so that neighbouring blocks share little."""
    return math.ceil(2 * split.window_frames * windows / max(split.frames(part), 2 * split.window_frames))


def _beyond_the_floor(split, sets, grid, seed):
    """{metric: 95 % interval of generated less floor}, from resampled recorded blocks and generated windows."""
    generator = np.random.default_rng([seed, 2])

    def resampled(name):
        count = sets[name].windows
        length = 1 if name == "generated" else min(count, _block_windows(split, name, count))
        starts = generator.integers(0, count - length + 1, -(-count // length))
        return sets[name].take((starts[:, None] + np.arange(length)).ravel()[:count])

    def differences(heldout, training, generated):
        floor, value = (_resampled_values(heldout, one, grid) for one in (training, generated))
        return {name: value[name] - floor[name] for name in value}

    draws = [differences(*map(resampled, ("heldout", "training", "generated"))) for _ in range(RESAMPLES)]
    intervals = {}
    for name, value in differences(*(sets[one] for one in ("heldout", "training", "generated"))).items():
        drawn = np.array([draw[name] for draw in draws])
        drawn = drawn[np.isfinite(drawn)]
        if np.isfinite(value) and drawn.size:  # centred: a resample repeats windows, which alone moves sets apart
            intervals[name] = tuple(np.quantile(value + drawn - drawn.mean(), [0.025, 0.975]).tolist())
    return intervals


def _resampled_values(reference, candidate, grid):
    values = dynamics_metrics.compare(reference, candidate, grid)
    return values | {DECODING: usefulness.decoding_error(reference.binned, candidate.binned)}
