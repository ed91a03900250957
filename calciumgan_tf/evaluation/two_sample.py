"""Distances between the distributions of two sets of windows, each with a permutation test.

Each window is a point with a few features for each neuron (`features`). The windows share no frame with each other,
since permuting windows that overlap would make every p value small. A distance is prepared from the points of both sets
and called with weights of the points on either side, so that a permutation and a bootstrap are both a change of
weights.
"""

import numpy as np
from scipy.spatial import distance
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from calciumgan_tf.evaluation.classifier import FEWEST, Classifier
from calciumgan_tf.evaluation.metric import Metric

GROUP = "distributions"
PROJECTIONS, COMPONENTS = 64, 50
PERMUTATIONS = {"sliced_wasserstein": 1000, "mmd": 1000, "classifier": 200}


def features(dynamics) -> dict:
    """Each window as a point.

    Args:
      dynamics: Dynamics.

    Returns:
      {'traces': (window, 3 x neuron), mean, SD and root mean squared step of each trace, dF/F;
      'spikes': (window, neuron + 1), spikes of each neuron, and SD over half-second bins of the population's count}.
    """
    mean, square = dynamics.moments[:, 0], dynamics.moments[:, 1]
    sd = np.sqrt(np.maximum(square - mean**2, 0))
    return {
        "traces": np.concatenate([mean, sd, np.sqrt(dynamics.steps[:, 0])], axis=1),
        "spikes": np.concatenate([dynamics.events, dynamics.together.std(axis=1)[:, None]], axis=1),
    }


def standardised(reference, *others) -> list:
    """All sets with each feature centred on its mean in the reference and divided by its SD there."""
    scaler = StandardScaler().fit(reference)
    return [scaler.transform(points).astype(np.float64) for points in (reference, *others)]


class SlicedWasserstein:
    """Wasserstein-1 distance, the mean over random directions onto which the points are projected."""

    def __init__(self, points, seed):
        """Projects the points (point, feature) of both sets."""
        directions = np.random.default_rng(seed).normal(size=(points.shape[1], PROJECTIONS))
        projected = points @ (directions / np.linalg.norm(directions, axis=0))
        self._order = projected.argsort(axis=0)
        self._gaps = np.diff(np.take_along_axis(projected, self._order, axis=0), axis=0)

    def __call__(self, first, second):
        """Integral of |F - G|, F and G the distribution functions of points with weights (resample, point) each."""
        difference = _shares(first) - _shares(second)
        total = np.zeros(len(difference))
        for order, gaps in zip(self._order.T, self._gaps.T):
            total += np.abs(difference[:, order].cumsum(axis=1)[:, :-1]) @ gaps
        return total / PROJECTIONS


class MaximumMeanDiscrepancy:
    """Unbiased estimate of the squared maximum mean discrepancy: Gretton et al. 2012, JMLR 13, equation 3."""

    def __init__(self, points, seed):
        """Computes the kernel exp(-|x - y|^2 / (2 m^2)), m the median distance of all points (point, feature)."""
        apart = distance.pdist(points, "sqeuclidean")
        median = np.median(apart)
        self._kernel = distance.squareform(np.exp(-apart / (2 * median if median > 0 else 1)))

    def __call__(self, first, second):
        """The mean kernel within either set, without a point and itself, less twice that between the sets.

        Args:
          first, second: weights of the points, (resample, point).

        Returns:
          float64 (resample,); NaN where a set has fewer than two points.
        """
        pull = first @ self._kernel
        between = (pull * second).sum(axis=1) / (first.sum(axis=1) * second.sum(axis=1))
        within = (pull * first).sum(axis=1) / _ordered_pairs(first)
        within += ((second @ self._kernel) * second).sum(axis=1) / _ordered_pairs(second)
        return within - 2 * between


def _shares(weights):
    return weights / weights.sum(axis=1, keepdims=True)


def _ordered_pairs(weights):
    """Number of ordered pairs of different points that are drawn, (resample,)."""
    return weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)


def _classifier(points, seed):
    """A Classifier of the points' first principal components, where there are more features than COMPONENTS."""
    few = min(COMPONENTS, len(points) - 1)
    reduced = points.shape[1] > few and few >= FEWEST
    return Classifier(PCA(few, random_state=0).fit_transform(points) if reduced else points)


DISTANCES = {"sliced_wasserstein": SlicedWasserstein, "mmd": MaximumMeanDiscrepancy, "classifier": _classifier}


class TwoSample:
    """All distances between two sets of points."""

    def __init__(self, reference, candidate, seed):
        """Prepares the distances.

        Args:
          reference, candidate: (window, feature), standardised alike.
          seed: of projections and permutations.
        """
        points = np.concatenate([reference, candidate])
        self._second = np.arange(len(points)) >= len(reference)
        self._seed = seed
        self._distances = {name: prepare(points, seed) for name, prepare in DISTANCES.items()}

    def distance(self, name, first=None, second=None):
        """A distance, float64 (resample,), NaN where it is undefined.

        Args:
          name: of DISTANCES.
          first, second: weights of the windows of either set, (resample, window); None for one resample of all.
        """
        counts = np.bincount(self._second, minlength=2)
        first, second = (np.ones((1, n)) if given is None else given for given, n in zip((first, second), counts))
        return self._measure(name, np.pad(first, ((0, 0), (0, counts[1]))), np.pad(second, ((0, 0), (counts[0], 0))))

    def _measure(self, name, first, second):
        with np.errstate(divide="ignore", invalid="ignore"):  # some are undefined for a set of no windows, or of one
            return self._distances[name](first, second)

    def p_values(self) -> dict:
        """{distance: share of permutations of the windows, the true one included, with a value at least as large}.

        None for fewer than FEWEST windows on a side, or where the distance is undefined.
        """
        found: dict[str, float | None] = {}
        for name, number in PERMUTATIONS.items():
            found[name], value = None, self.distance(name)[0]
            if min(np.bincount(self._second, minlength=2)) >= FEWEST and np.isfinite(value):
                generator = np.random.default_rng([self._seed, 1])
                second = np.stack([generator.permutation(self._second) for _ in range(number)]).astype(np.float64)
                drawn = self._measure(name, 1 - second, second)
                found[name] = float((1 + np.count_nonzero(drawn >= value)) / (1 + number))
        return found


TEXTS = {
    "sliced_wasserstein": (
        "SD",
        "Wasserstein-1 distance between the distributions of the windows, mean over 64 random directions. It is above "
        "0 by chance, and more so with fewer windows.",
        "Bonneel et al. 2015, Journal of Mathematical Imaging and Vision 51",
    ),
    "mmd": (
        "",
        "Unbiased estimate of the squared maximum mean discrepancy between the windows, with a Gaussian kernel as wide "
        "as the median distance of all windows. It can be below 0 by chance.",
        "Gretton et al. 2012, JMLR 13, equation 3",
    ),
    "classifier": (
        "",
        "Area under the ROC curve, less 0.5, of a linear classifier that tells the sets apart, in a five-fold "
        "cross-validation. It is near 0, or below by chance, where the classifier cannot tell them apart, and 0.5 "
        "where it always can. The classifier is a ridge regression on the label, of the first 50 principal components "
        "where there are more features.",
        "idea: Lopez-Paz and Oquab 2017, ICLR",
    ),
}
OF_FEATURES = {
    "traces": "Features of a window: mean, SD and root mean squared step of each trace.",
    "spikes": "Features of a window: the spikes of each neuron, and the SD of the population's half-second count.",
}


def _distance(name, which):
    return lambda resampled: resampled.distance(name, which)


METRICS = tuple(
    Metric(f"{name}_{which}", unit, GROUP, f"{definition} {of}", source, _distance(name, which), tested=True)
    for which, of in OF_FEATURES.items()
    for name, (unit, definition, source) in TEXTS.items()
)
