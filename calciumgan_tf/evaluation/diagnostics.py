"""All trust metrics of an evaluation: one table beside the spike statistics', with the same columns."""

import dataclasses
import functools

import numpy as np

from calciumgan_tf.dataset.split import RecordedWindows
from calciumgan_tf.evaluation import (
    baselines,
    bootstrap,
    coverage,
    dynamics,
    dynamics_metrics,
    memorisation,
    two_sample,
    usefulness,
)
from calciumgan_tf.evaluation.comparison import pairs, row_of

POINTS = 1000  # windows of a set compared one by one with those of another, at most
NEAREST = 200  # windows of either side whose nearest training window is looked for
TESTED = ("floor", "generated")  # columns with a permutation test
FEATURES = ("traces", "spikes")  # what a window is to the distances, two_sample.features
METRICS = {  # {section: {metric: (what has the docstring, unit)}}
    "dynamics": dynamics_metrics.STATISTICS,
    "distributions": {f"{name}_{which}": two_sample.METRICS[name] for which in FEATURES for name in two_sample.METRICS},
    "coverage": coverage.METRICS,
    "usefulness": usefulness.METRICS,
}


@dataclasses.dataclass(frozen=True)
class Trust:
    """What `assess` found.

    Attributes:
      rows: {metric: {'section', 'unit', column: value, 'p': {column: p or None}, or None, 'beyond': (low, high) or
        None}}; columns as in evaluation.evaluate.COLUMNS. Beyond: 95 % bootstrap interval of generated less floor.
      memorisation: Memorisation.
      sets: {set: Described}.
    """

    rows: dict
    memorisation: memorisation.Memorisation
    sets: dict


@dataclasses.dataclass(frozen=True)
class Described:
    """A set of windows.

    Attributes:
      dynamics: Dynamics.
      independent: numbers of windows that share no frame with each other, int (window,).
      recorded: whether the others do.
    """

    dynamics: dynamics.Dynamics
    independent: np.ndarray
    recorded: bool

    @functools.cached_property
    def points(self):
        """two_sample.features of the independent windows."""
        return two_sample.features(self.dynamics.take(self.independent))

    @functools.cached_property
    def looked_through(self):
        """Windows that are looked through for repetitions: recorded ones that overlap are alike without being any."""
        return self.independent if self.recorded else evenly(self.dynamics.windows, POINTS)

    @functools.cached_property
    def repeated(self):
        """Which of those are repeated."""
        features = two_sample.features(self.dynamics.take(self.looked_through))
        return coverage.repeated(two_sample.standardised(np.concatenate(list(features.values()), axis=1))[0])


def evenly(count, most):
    """Numbers of up to `most` windows out of `count`, evenly spaced."""
    return np.linspace(0, count - 1, min(most, count)).astype(int)


class Collector:
    """Describes each set of windows as evaluation.evaluate comes to it."""

    def __init__(self, data, split):
        """Args: data, Recording; split, Split, with the windows' length."""
        origin = data.traces[slice(*split.training[0])].mean(axis=0)
        self.grid = dynamics.Grid(data.frame_rate, data.tau_decay, origin, split.window_frames)
        self.sets = {}

    def __call__(self, name, windows, spikes):
        """Describes one set. Generated ones are chosen from as many as the training part has independent ones."""
        recorded = isinstance(windows, RecordedWindows)
        if recorded:
            independent = windows.independent()
            described = dynamics.describe(windows, spikes, self.grid, len(independent))
        else:
            independent = evenly(len(spikes), len(self.sets["training"].independent))
            described = dynamics.describe(windows, spikes, self.grid)
        self.sets[name] = Described(described, independent[evenly(len(independent), POINTS)], recorded)

    def with_shuffled(self, seed) -> dict:
        """All sets, and training windows whose neurons come from different windows."""
        training = self.sets["training"]
        order = baselines.shuffled_windows(*training.dynamics.events.shape, seed)
        return self.sets | {"shuffled": Described(training.dynamics.shuffled(order), training.independent, False)}


class Comparison:
    """All metrics of one set of windows against another."""

    def __init__(self, reference: Described, candidate: Described, seed):
        self._sets = reference, candidate
        features = {which: two_sample.standardised(*(one.points[which] for one in self._sets)) for which in FEATURES}
        self._distances = {which: two_sample.Comparison(*points, seed) for which, points in features.items()}
        self._coverage = coverage.Coverage(*(np.concatenate(side, axis=1) for side in zip(*features.values())))

    def __call__(self, first=None, second=None) -> dict:
        """{metric: value}, NaN where undefined, of windows weighted by `first` and `second`, (window,); None for 1."""
        (reference, candidate), weights = self._sets, (first, second)

        def of(windows):
            """Weights of some windows of each set."""
            return [None if given is None else given[chosen] for given, chosen in zip(weights, windows)]

        pooled = [one.dynamics.pooled(given) for one, given in zip(self._sets, weights)]
        independent = of([one.independent for one in self._sets])
        values = dynamics_metrics.compare(*pooled) | {"decoding_error": usefulness.decoding_error(*pooled)}
        for which, measure in self._distances.items():
            values |= {f"{name}_{which}": value for name, value in measure(*independent).items()}
        values |= self._coverage(*independent)
        values["silent_rmse"] = coverage.silent_rmse(reference.dynamics, candidate.dynamics, *weights)
        looked_through = of([one.looked_through for one in self._sets])
        values["repeated_difference"] = coverage.repeated_difference(
            reference.repeated, candidate.repeated, *looked_through
        )
        return values

    def p_values(self) -> dict:
        """{metric: p value or None} of the distances."""
        return {f"{name}_{which}": p for which, one in self._distances.items() for name, p in one.p_values().items()}


def assess(data, split, generated, evaluation, collected: Collector, seed=0) -> Trust:
    """Everything but the spike statistics.

    Args:
      data: Recording.
      split: Split of it.
      generated: array-like (window, frame, neuron), dF/F.
      evaluation: evaluation.evaluate.Evaluation that `collected` has seen.
      collected: Collector.
      seed: the one that was evaluated with.
    """
    sets = collected.with_shuffled(seed)
    compared = {column: Comparison(*both, seed) for column, both in pairs(sets).items()}
    values = {column: one() for column, one in compared.items()}
    p = {column: compared[column].p_values() for column in TESTED}
    intervals = bootstrap.intervals(compared["generated"], compared["floor"], evaluation.draws)
    rows = {
        name: {
            "section": section,
            "unit": unit,
            **row_of(name, values),
            "p": {column: p[column][name] for column in TESTED} if name in p["generated"] else None,
            "beyond": intervals[name][1],
        }
        for section, metrics in METRICS.items()
        for name, (_, unit) in metrics.items()
    }
    return Trust(rows, _copying(data, split, generated, sets["generated"].dynamics.windows), sets)


def _copying(data, split, generated, count):
    """Memorisation of the generated windows beside that of held-out ones that share no frame."""
    heldout = RecordedWindows(data.traces, split, split.heldout, len(split.starts(split.heldout)))
    independent = heldout.independent()
    few = np.stack([generated[int(window)] for window in evenly(count, NEAREST)])
    return memorisation.compare(
        few, heldout[independent[evenly(len(independent), NEAREST)]], data.traces, split.training
    )
