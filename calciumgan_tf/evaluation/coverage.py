"""Whether generated windows are as diverse as recorded ones: coverage, density, silence, repetition, diversity."""

import numpy as np
from scipy.spatial import distance
from sklearn.neighbors import NearestNeighbors

from calciumgan_tf.evaluation.metric import Metric
from calciumgan_tf.spikes.distances import rmse, weighted_mean

GROUP = "coverage"
NEIGHBOURS = 5
FEWEST = 3  # windows, below which there are no neighbourhoods
SMALLEST_SD = 1e-3  # of a feature, whose SD in the reference is 1
SAME = 1e-3  # windows nearer than this share of their median distance from the middle are repetitions
NAEEM = "Naeem et al. 2020, ICML, with k = 5, or a third of the windows where that is less"
OWN = "defined in this project"


class Coverage:
    """How a candidate covers the windows of a reference, each a point of `two_sample.standardised` features.

    The windows share no frame with each other. Around each reference window lies a ball that reaches to its k-th
    neighbour in the reference; k is 5, or a third of the windows where that is less. Balls, density and coverage are
    those of Naeem et al. 2020, ICML.

    In all methods, `first` and `second` are weights of the windows of reference and candidate, (resample, window), and
    the result is float64 (resample,), NaN where it is undefined.
    """

    def __init__(self, reference, candidate):
        """Finds the balls, and which windows of the candidate lie in them: evenly chosen, as many as the reference has.

        Args:
          reference, candidate: (window, feature).
        """
        count = len(reference)
        self._neighbour = max(1, min(NEIGHBOURS, count // 3))
        self._points = reference, candidate
        self._chosen = np.linspace(0, len(candidate) - 1, min(count, len(candidate))).astype(int)
        if count >= FEWEST:
            radius = np.sort(distance.cdist(reference, reference), axis=1)[:, self._neighbour]
            inside = distance.cdist(reference, candidate[self._chosen]) <= radius[:, None]
            self._inside = inside.astype(np.float64)
        else:
            self._inside = np.full((count, len(self._chosen)), np.nan)

    def uncovered(self, first, second):
        """Share of reference windows in whose ball no candidate lies."""
        drawn = (second[:, self._chosen] > 0).astype(np.float64)
        covered = drawn @ self._inside.T > 0
        return 1 - (covered * first).sum(axis=1) / first.sum(axis=1) + 0 * self._inside[0, 0]

    def density_difference(self, first, second):
        """|1 - density|, density being the number of balls in which a candidate lies over the k expected ones."""
        balls = first @ self._inside * (first.shape[1] / first.sum(axis=1, keepdims=True))
        weights = second[:, self._chosen]
        total = weights.sum(axis=1)
        mean = (balls * weights).sum(axis=1) / np.where(total > 0, total, np.nan)
        return np.abs(1 - mean / self._neighbour)

    def diversity_difference(self, first, second):
        """Logarithm of the ratio of a feature's SDs over the windows, root mean square over features."""
        reference, candidate = (_sd(points, weights) for points, weights in zip(self._points, (first, second)))
        return np.sqrt(np.mean(np.log(candidate / reference) ** 2, axis=1))


def _sd(points, weights):
    """SD over windows of each feature, at least SMALLEST_SD, (resample, feature)."""
    centre = points.mean(axis=0)  # against rounding
    mean, square = (weighted_mean((points - centre) ** power, weights) for power in (1, 2))
    return np.sqrt(np.maximum(square - mean**2, SMALLEST_SD**2))


def silent_rmse(resampled):
    """Difference of a neuron's share of windows without a spike, root mean square over neurons, (resample,)."""
    sides = (resampled.pair.reference, resampled.first), (resampled.pair.candidate, resampled.second)
    return rmse(*(weighted_mean(side.dynamics.events == 0, weights) for side, weights in sides))


def repeated_difference(resampled):
    """Difference of the shares of windows that occur more than once, (resample,)."""
    sides = zip((resampled.pair.reference, resampled.pair.candidate), resampled.searched)
    reference, candidate = (weighted_mean(side.repeated, weights) for side, weights in sides)
    return np.abs(reference - candidate)


def repeated(points):
    """Which windows have a repetition, nearer than a thousandth of the windows' median distance from their middle.

    Args:
      points: (window, feature), standardised.

    Returns:
      bool (window,).
    """
    if len(points) < 2:
        return np.zeros(len(points), bool)
    near = SAME * np.median(np.linalg.norm(points - np.median(points, axis=0), axis=1))
    return NearestNeighbors(n_neighbors=2).fit(points).kneighbors(points)[0][:, 1] <= near


def _of_points(name):
    return lambda resampled: getattr(resampled.pair.coverage, name)(*resampled.independent)


METRICS = (
    Metric(
        "uncovered", "share of windows", GROUP,
        "Share of reference windows that have no candidate window nearer than their own fifth neighbour in the "
        "reference. For two sets of n windows from one distribution, and the k-th neighbour, it is near 2^-k.",
        f"1 - coverage of {NAEEM}", _of_points("uncovered"),
    ),
    Metric(
        "density_difference", "", GROUP,
        "|1 - density|. Density is the number of reference windows whose fifth neighbour is farther from them than a "
        "candidate window is, over the five expected. It is below 1 where candidates lie outside of the reference, and "
        "above 1 where they crowd in its middle.",
        NAEEM, _of_points("density_difference"),
    ),
    Metric(
        "silent_rmse", "share of windows", GROUP,
        "Difference of the share of windows in which a neuron has no spike, root mean square over neurons.",
        OWN, silent_rmse,
    ),
    Metric(
        "repeated_difference", "share of windows", GROUP,
        "Difference of the share of windows of which the set has a repetition: another window that is nearer, in all "
        "features, than a thousandth of the windows' median distance from their middle. Recorded windows that overlap "
        "are not compared with each other.",
        OWN, repeated_difference,
    ),
    Metric(
        "diversity_difference", "", GROUP,
        "Natural logarithm of the ratio of a feature's standard deviations over the windows of the two sets, root mean "
        "square over features. Standard deviations, in units of that of the reference, count as at least 0.001, so "
        "that features which vary in neither set are equal.",
        OWN, _of_points("diversity_difference"),
    ),
)  # fmt: skip
