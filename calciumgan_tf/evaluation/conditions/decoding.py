"""Decoders of a condition from the population: linear discriminants of its levels, or ridge regression on its values.

Penalties are chosen once, on the training part, so that all decoders that are compared are alike; where the floor
leaves one repetition out, on the whole recording.
"""

import numpy as np
from sklearn.linear_model import RidgeCV

from calciumgan_tf.evaluation.conditions.observations import Sample
from calciumgan_tf.evaluation.discriminants import FOLDS, LevelDecoder, balanced_accuracy, level_penalty

PENALTIES = np.logspace(-1, 5, 13)  # of the regression
LEAST_SD = 1e-9


def penalty(sample: Sample) -> float:
    """The penalty with which the decoder of a sample does best on observations that are left out.

    Values are left out one by one; of levels, every fifth presentation of each.
    """
    points, targets, _ = _used(sample)
    points = _Scale(points)(points)
    if sample.observations.traces is None:
        return float(RidgeCV(PENALTIES).fit(points, targets).alpha_)
    place = np.zeros(len(targets), int)  # among the presentations of a level
    for level in np.unique(targets):
        place[targets == level] = np.arange(np.sum(targets == level))
    folds = [place % FOLDS == fold for fold in range(FOLDS)]
    return level_penalty(
        [(points[~out], targets[~out]) for out in folds], [(points[out], targets[out]) for out in folds]
    )


def accuracy(fitted: Sample, tested: Sample, alpha: float) -> float:
    """Balanced accuracy of a decoder of the level: the share of correct presentations, mean over levels.

    Args:
      fitted: the presentations that the decoder is fitted to.
      tested: the presentations that it is tested on.
      alpha: penalty.

    Returns:
      NaN with fewer than two levels.
    """
    points, levels, weights = _used(fitted)
    if len(np.unique(levels)) < 2:
        return float("nan")
    scale = _Scale(points)
    decoder = LevelDecoder.fit(scale(points), levels, alpha, weights)
    points, levels, weights = _used(tested)
    return balanced_accuracy(decoder.predict(scale(points)), levels, weights)


def correlation(fitted: Sample, tested: Sample, alpha: float) -> float:
    """Correlation of a continuous condition with what a ridge regression on the population makes of it.

    Args:
      fitted, tested: bins that it is fitted to and tested on.
      alpha: penalty.

    Returns:
      NaN where the condition does not vary.
    """
    points, values, weights = _used(fitted)
    decoder = _Ridge(points, values[:, None], weights, alpha)
    points, values, weights = _used(tested)
    predicted = decoder(points)[:, 0]
    values, predicted = (one - np.average(one, weights=weights) for one in (values, predicted))
    power = (weights @ values**2) * (weights @ predicted**2)
    if not weights @ values**2 > 0:
        return float("nan")
    return float(weights @ (values * predicted) / np.sqrt(power)) if power > 0 else 0.0


class _Scale:
    """Subtracts the mean of each neuron and divides by its SD, both of the points that a decoder is fitted to."""

    def __init__(self, points):
        self._mean, sd = points.mean(axis=0), points.std(axis=0)
        self._sd = np.where(sd > LEAST_SD, sd, 1)

    def __call__(self, points):
        return (points - self._mean) / self._sd


class _Ridge:
    """Ridge regression on standardised points: scikit-learn's numbers without its checks, which take ten times as long.

    Args:
      points: (point, neuron).
      targets: (point, target).
      weights: (point,).
      alpha: penalty.
    """

    def __init__(self, points, targets, weights, alpha):
        self._scale = _Scale(points)
        x, root = self._scale(points), np.sqrt(weights)[:, None]
        self._offset, self._mean = (np.average(one, axis=0, weights=weights) for one in (targets, x))
        x, y = (x - self._mean) * root, (targets - self._offset) * root
        if len(x) > x.shape[1]:
            self._slopes = np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ y)
        else:
            self._slopes = x.T @ np.linalg.solve(x @ x.T + alpha * np.eye(len(x)), y)

    def __call__(self, points):
        """Estimates of the targets, (point, target)."""
        return (self._scale(points) - self._mean) @ self._slopes + self._offset


def _used(sample):
    """Points (observation, neuron), targets and weights of the observations that occur."""
    observations, used = sample.observations, np.flatnonzero(sample.weights)
    targets = observations.values if observations.traces is None else observations.levels
    return observations.means[used].astype(np.float64), targets[used], sample.weights[used]
