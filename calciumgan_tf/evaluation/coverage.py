"""Whether generated windows are as many-sided as recorded ones: coverage, density, silence, repetition, diversity."""

import numpy as np
from scipy.spatial import distance
from sklearn.neighbors import NearestNeighbors

from calciumgan_tf.spikes.distances import rmse, weighted_mean

NEIGHBOURS = 5
FEWEST = 3  # windows, below which there are no neighbourhoods
SMALLEST_SD = 1e-3  # of a feature, whose SD in the reference is 1
SAME = 1e-3  # windows nearer than this share of their median distance from the middle are one and the same


class Coverage:
    """How a candidate covers the windows of a reference, each a point of `standardised` features.

    Windows share no frame with each other. Around each reference window lies a ball that reaches to its fifth neighbour
    in the reference, or, of fewer than 15 windows, to the one a third of them away. Source of balls, density and
    coverage: Naeem et al. 2020, ICML.
    """

    def __init__(self, reference, candidate):
        """As many windows of the candidate, evenly chosen, as the reference has are looked at for its balls."""
        count = len(reference)
        self._number = max(1, min(NEIGHBOURS, count // 3))
        self._points = reference, candidate
        chosen = np.linspace(0, len(candidate) - 1, min(count, len(candidate))).astype(int)
        self._chosen = chosen
        if count >= FEWEST:
            radius = np.sort(distance.cdist(reference, reference), axis=1)[:, self._number]
            self._inside = distance.cdist(reference, candidate[chosen]) <= radius[:, None]
        else:
            self._inside = np.full((count, len(chosen)), np.nan)

    def uncovered(self, first, second):
        """Share of reference windows in whose ball there is no candidate; share of windows.

        Of n windows on each side and the k-th neighbour it is near 2^-k where both are of one distribution. Source: 1 -
        coverage, Naeem et al. 2020, ICML, with k = 5, or n / 3 where that is less.
        """
        covered = (self._inside[:, second[self._chosen] > 0] > 0).any(axis=1)
        return 1 - weighted_mean(covered, first) + 0 * self._inside[0, 0]

    def density_difference(self, first, second):
        """|1 - density|, density the number of balls that a candidate lies in, over the k expected; no unit.

        Density below 1: candidates lie outside of the reference; above 1: they crowd in its middle. Source: Naeem et
        al. 2020, ICML, with k as for coverage.
        """
        balls = weighted_mean(self._inside, first) * len(first)
        return abs(1 - weighted_mean(balls, second[self._chosen]) / self._number)

    def diversity_difference(self, first, second):
        """ln of the ratio of a feature's SDs over the windows of the sets, root mean square over features; no unit.

        Both SDs are taken to be at least a thousandth, so that neurons without any spike on both sides are equal.
        Features: two_sample.features, in SDs of the reference; SDs divide by the number of windows. Defined here.
        """
        sds = []
        for points, weights in zip(self._points, (first, second)):
            mean = weighted_mean(points, weights)
            sds.append(np.sqrt(weighted_mean((points - mean) ** 2, weights)))
        one, other = np.maximum(sds, SMALLEST_SD)
        return float(np.sqrt(np.mean(np.log(other / one) ** 2)))

    def __call__(self, first=None, second=None) -> dict:
        """{metric: value}, of windows weighted by `first` and `second`, (window,) of either set; None for all 1."""
        first, second = (
            np.ones(len(points)) if given is None else given for points, given in zip(self._points, (first, second))
        )
        return {name: float(getattr(self, name)(first, second)) for name in OF_POINTS}


OF_POINTS = ("uncovered", "density_difference", "diversity_difference")


def silent_rmse(reference, candidate, first=None, second=None):
    """Difference of the share of windows without a spike of a neuron, root mean square over neurons; share of windows.

    Defined here.

    Args:
      reference, candidate: Dynamics.
      first, second: weights of their windows, (window,); None for all 1.
    """
    sides = ((reference, first), (candidate, second))
    return rmse(*(weighted_mean(one.events == 0, weights) for one, weights in sides))


def repeated_difference(reference, candidate, first=None, second=None):
    """Difference of the shares of windows that have another one which is all but equal; share of windows.

    Nearer in all features than a thousandth of a window's median distance from the middle of its set. Recorded windows
    that overlap are not compared with each other. Defined here.

    Args:
      reference, candidate: of `repeated`, (window,).
      first, second: weights of the windows, (window,); None for all 1.
    """
    return float(abs(weighted_mean(reference, first) - weighted_mean(candidate, second)))


def repeated(points):
    """Which windows have another one that is all but equal, bool (window,).

    Nearer than a thousandth of the median distance from the middle of all windows.

    Args:
      points: (window, feature), standardised.
    """
    if len(points) < 2:
        return np.zeros(len(points), bool)
    near = SAME * np.median(np.linalg.norm(points - np.median(points, axis=0), axis=1))
    return NearestNeighbors(n_neighbors=2).fit(points).kneighbors(points)[0][:, 1] <= near


METRICS = {
    "uncovered": (Coverage.uncovered, "share of windows"),
    "density_difference": (Coverage.density_difference, ""),
    "silent_rmse": (silent_rmse, "share of windows"),
    "repeated_difference": (repeated_difference, "share of windows"),
    "diversity_difference": (Coverage.diversity_difference, ""),
}
