"""Cross-validated classification of windows as recorded or candidate."""

import dataclasses

import numpy as np
import threadpoolctl
from sklearn.ensemble import HistGradientBoostingClassifier

from calciumgan_tf.evaluation.judges.ridge import Ridge

FOLDS = 5
TRAINING_POINTS = 20_000  # in a fold, half of either class
FARTHEST = 30.0  # SD, to which standardised features are limited
SMALLEST, LEAST_SD = 1e-6, 1e-9  # of an SD, relative to the mean and absolute, for features that are constant
CHUNK_POINTS = 100_000  # points that are scored at a time


def gradient_boosting(points, seed):
    """Gradient boosted trees, for features of any scale: Ke et al. 2017, NeurIPS, in scikit-learn's version.

    Classes are not weighted: the areas are the same to .01, and binning weighted points takes four times as long.

    Args:
      points: number of training points, which limits the size of the leaves.
      seed: whole number.
    """
    return HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.06,
        max_leaf_nodes=15,
        max_bins=63,
        min_samples_leaf=int(np.clip(points // 40, 2, 40)),
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def ridge(points, seed):
    """Ridge regression on the label, for many features that vary together.

    Args:
      points: number of training points; not used.
      seed: not used.
    """
    return Ridge()


@dataclasses.dataclass(frozen=True)
class Scores:
    """Scores of windows, higher for those that look like candidates, each by a model that has not seen its fold.

    Attributes:
      recorded, candidate: float64 (window,) or (window, neuron).
      recorded_folds, candidate_folds: int (window,); scores are comparable within a fold.
    """

    recorded: np.ndarray
    candidate: np.ndarray
    recorded_folds: np.ndarray
    candidate_folds: np.ndarray


def folds(recorded_blocks, candidate_blocks, seed):
    """Fold of each window: whole blocks, dealt at random so that the folds have as many of them as possible of a set.

    Args:
      recorded_blocks, candidate_blocks: int (window,), block of each window.
      seed: whole number.

    Returns:
      int (window,) for either set, from 0 to 4, or to the smaller number of blocks less one.

    Raises:
      ValueError: fewer than two blocks in a set.
    """
    generator = np.random.default_rng(seed)
    sides = [np.unique(blocks, return_inverse=True) for blocks in (recorded_blocks, candidate_blocks)]
    number = min(FOLDS, *(len(names) for names, _ in sides))
    if number < 2:
        raise ValueError(f"cross-validation needs two blocks or more, not {[len(names) for names, _ in sides]}")
    return tuple((generator.permutation(len(names)) % number)[block] for names, block in sides)


def scores(recorded, candidate, recorded_blocks, candidate_blocks, classifier, seed, raw=False) -> Scores:
    """Scores every window by a classifier of recorded and candidate windows that has seen no window of its fold.

    With a neuron axis, the windows of all neurons are points for one classifier. Each feature is then given as a number
    of SDs from its mean over the recorded windows of that neuron: neurons differ more from each other than a neuron's
    windows from generated ones. A training point is standardised without its own fold, so that a recorded point is not
    nearer to the mean than a candidate merely because it is part of the mean. `raw` gives each feature in its own unit
    as well, from which trees recognise neurons: without it, faults of opposite sign in two neurons are hardly seen.

    At most TRAINING_POINTS points, drawn at random, train a classifier. The
    classifiers run in a single thread, since several are slower than one where other processes use the processor.

    Args:
      recorded, candidate: features, (window, feature) or (window, neuron, feature), finite.
      recorded_blocks, candidate_blocks: int (window,); windows of a block stay in one fold. Blocks of recorded windows
        are stretches of time longer than the activity's correlation. Candidates made from recorded windows, such as
        surrogates, must come from windows that are not among `recorded`.
      classifier: function of a number of points and a seed that returns a classifier with the `fit` and
        `decision_function` of scikit-learn, such as gradient_boosting or ridge.
      seed: whole number.
      raw: with a neuron axis, whether features are also given as they are; for gradient_boosting.

    Raises:
      ValueError: fewer than two blocks in a set, or features of unequal shapes.
    """
    if np.shape(recorded)[1:] != np.shape(candidate)[1:]:
        raise ValueError(f"features of recorded windows {np.shape(recorded)}, of candidates {np.shape(candidate)}")
    where = folds(recorded_blocks, candidate_blocks, seed)
    sets = [np.asarray(features, np.float32) for features in (recorded, candidate)]
    whole = sets[0].ndim == 2
    with threadpoolctl.threadpool_limits(1):
        found = _scores(_Whole(sets) if whole else _ByNeuron(sets, where[0], raw), where, classifier, seed)
    return Scores(*(each[:, 0] if whole else each for each in found), *where)


def _scores(source, where, classifier, seed):
    """Scores of recorded and of candidate windows, float64 (window, neuron)."""
    found = [np.empty((len(side), source.neurons)) for side in where]
    for fold in range(where[0].max() + 1):
        generator = np.random.default_rng([seed, fold])
        drawn = [_training(side, fold, source.neurons, generator) for side in where]
        points = [source.points(label, *drawn[label], where[label], fold) for label in range(2)]
        labels = np.repeat([0, 1], [len(side) for side in points])
        model = classifier(len(labels), seed).fit(np.concatenate(points), labels)
        for label, side in enumerate(where):
            for part in _parts(np.flatnonzero(side == fold), source.neurons):
                tested = source.points(label, *_grid(part, source.neurons), side, fold)
                found[label][part] = model.decision_function(tested).reshape(len(part), -1)
    return found


def _training(side, fold, neurons, generator):
    """Windows and neurons of the training points of a set, int (point,) each."""
    windows = np.flatnonzero(side != fold)
    count, most = len(windows) * neurons, TRAINING_POINTS // 2
    drawn = np.sort(generator.choice(count, most, replace=False)) if count > most else np.arange(count)
    return windows[drawn // neurons], drawn % neurons


def _parts(windows, neurons):
    return np.array_split(windows, -(-len(windows) * neurons // CHUNK_POINTS))


def _grid(windows, neurons):
    return np.repeat(windows, neurons), np.tile(np.arange(neurons), len(windows))


class _Whole:
    """Features of whole windows, which are given as they are."""

    neurons = 1

    def __init__(self, sets):
        self._sets = sets

    def points(self, label, windows, neurons, side, fold):
        return self._sets[label][windows]


class _ByNeuron:
    """Features of neurons, standardised by the recorded windows of the same neuron in other folds."""

    def __init__(self, sets, recorded_folds, raw):
        self._sets, self._raw, self.neurons = sets, raw, sets[0].shape[1]
        parts = [sets[0][recorded_folds == fold] for fold in range(recorded_folds.max() + 1)]
        counts = np.array([len(part) for part in parts], np.float64)[:, None, None]
        sums = np.stack([part.sum(axis=0, dtype=np.float64) for part in parts])  # (fold, neuron, feature)
        squares = np.stack([np.einsum("wnf,wnf->nf", part, part, dtype=np.float64) for part in parts])
        self._moments = counts, sums, squares

    def points(self, label, windows, neurons, side, fold):
        mean, sd = self._statistics(fold)
        place = side[windows], neurons
        found = self._sets[label][windows, neurons]
        standardised = np.clip((found - mean[place]) / sd[place], -FARTHEST, FARTHEST)
        return np.concatenate([standardised, found], axis=1) if self._raw else standardised

    def _statistics(self, fold):
        """Mean and SD, float32 (fold, neuron, feature), row k over the recorded windows outside of `fold` and of k."""
        rest = [each.sum(axis=0) - each[fold] for each in self._moments]
        without = [total - each for total, each in zip(rest, self._moments)]
        for total, each in zip(rest, without):
            each[fold] = total
            if len(each) == 2:  # nothing is outside of both folds
                each[:] = total
        mean = without[1] / without[0]
        variance = np.maximum(without[2] / without[0] - mean**2, 0)
        least = SMALLEST * np.abs(mean) + LEAST_SD
        return mean.astype(np.float32), np.maximum(np.sqrt(variance), least).astype(np.float32)
