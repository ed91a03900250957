"""Distances between the distributions of two sets of windows, each with a permutation test.

Windows are points of a few numbers for each neuron (`features`), and share no frame with each other: a permutation of
windows that overlap would make every p value small. A distance is made of the points of both sets and called with a
weight of each point on either side, so that a permutation and a bootstrap are both a change of weights.
"""

import numpy as np
import sklearn
from scipy.spatial import distance
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

PROJECTIONS, FOLDS, COMPONENTS = 64, 5, 50
RIDGE = 0.1  # of the classifier, a share of the number of points: features have SDs near 1
FEWEST = 5  # points on a side, below which no classifier and no p value is given
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
    """All sets in SDs that each feature has in the reference, from its mean there."""
    scaler = StandardScaler().fit(reference)
    return [scaler.transform(one).astype(np.float64) for one in (reference, *others)]


class SlicedWasserstein:
    """Mean over 64 random directions of the Wasserstein-1 distance of the projections; SDs of a feature.

    Integral of |F - G|, F and G the two distribution functions of a projection. Above 0 by chance, the more so the
    fewer windows. Source: Bonneel et al. 2015, Journal of Mathematical Imaging and Vision 51.
    """

    def __init__(self, points, seed):
        directions = np.random.default_rng(seed).normal(size=(points.shape[1], PROJECTIONS))
        projected = points @ (directions / np.linalg.norm(directions, axis=0))
        self._order = projected.argsort(axis=0)
        self._gaps = np.diff(np.take_along_axis(projected, self._order, axis=0), axis=0)

    def __call__(self, first, second):
        """Between points weighted by `first` and by `second`, (point,)."""
        difference = first / first.sum() - second / second.sum()
        return float((np.abs(difference[self._order].cumsum(axis=0)[:-1]) * self._gaps).sum(axis=0).mean())


class MaximumMeanDiscrepancy:
    """Unbiased estimate of the squared maximum mean discrepancy, Gaussian kernel with the median heuristic; no unit.

    k(x, y) = exp(-|x - y|^2 / (2 m^2)), m the median distance of all points; the mean of k within either set, a point
    with itself left out, less twice the mean between them. Below 0 by chance. Source: Gretton et al. 2012, JMLR 13,
    equation 3.
    """

    def __init__(self, points, seed):
        apart = distance.pdist(points, "sqeuclidean")
        median = np.median(apart)
        self._kernel = distance.squareform(np.exp(-apart / (2 * median if median > 0 else 1)))

    def __call__(self, first, second):
        """Between points weighted by `first` and by `second`, (point,)."""
        sides = np.stack([first, second])
        sums, number = sides @ self._kernel @ sides.T, sides.sum(axis=1)
        within = np.diag(sums) / (number**2 - (sides**2).sum(axis=1))
        return float(within.sum() - 2 * sums[0, 1] / number.prod())


class Classifier:
    """How well a linear classifier tells the sets apart: area under its ROC curve less .5, five-fold; no unit.

    0 where it can't tell, .5 where it always can, below 0 by chance. Ridge regression on the label, the covariance of
    the points shrunk by about a tenth; of more than 50 features, the 50 first principal components of all points
    together. Source of the idea: Lopez-Paz and Oquab 2017, ICLR.
    """

    def __init__(self, points, seed):
        few = min(COMPONENTS, len(points) - 1)
        reduced = points.shape[1] > few and few >= FEWEST
        self._points = PCA(few, random_state=0).fit_transform(points) if reduced else points

    def __call__(self, first, second):
        """Between points weighted by `first` and by `second`, (point,), of which each has one."""
        drawn = first + second > 0
        points, label, weights = self._points[drawn], second[drawn] > 0, (first + second)[drawn]
        if np.bincount(label, minlength=2).min() < FEWEST:
            return float("nan")
        scores = np.empty(len(points))
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # most of the time
            for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(points, label):
                model = Ridge(RIDGE * weights[train].sum(), solver="cholesky")
                scores[test] = model.fit(points[train], label[train], weights[train]).predict(points[test])
            return float(roc_auc_score(label, scores, sample_weight=weights) - 0.5)


METRICS = {  # metric: (distance, unit)
    "sliced_wasserstein": (SlicedWasserstein, "SD"),
    "mmd": (MaximumMeanDiscrepancy, ""),
    "classifier": (Classifier, ""),
}


class Comparison:
    """All distances of a set of points from another."""

    def __init__(self, reference, candidate, seed):
        """Args: reference, candidate: (window, feature), standardised alike; seed: of projections and permutations."""
        points = np.concatenate([reference, candidate])
        self._second = np.arange(len(points)) >= len(reference)
        self._seed = seed
        self._distances = {name: distance(points, seed) for name, (distance, _) in METRICS.items()}

    def __call__(self, first=None, second=None) -> dict:
        """{distance: value}, NaN where undefined. Args: first, second: weights of the windows, None for all 1."""
        sides = np.zeros((2, len(self._second)))
        sides[0, ~self._second] = 1 if first is None else first
        sides[1, self._second] = 1 if second is None else second
        with np.errstate(divide="ignore", invalid="ignore"):  # a side without windows, or with one, has some undefined
            return {name: measure(*sides) for name, measure in self._distances.items()}

    def p_values(self) -> dict:
        """{distance: share of permutations of the windows, as they are among them, with a value at least as large}.

        None for too few windows, or where the distance is undefined.
        """
        found, values = {}, self()
        for name, measure in self._distances.items():
            found[name], value = None, values[name]
            if min(np.bincount(self._second)) >= FEWEST and np.isfinite(value):
                generator = np.random.default_rng([self._seed, 1])
                drawn = [measure(*self._sides(generator.permutation(self._second))) for _ in range(PERMUTATIONS[name])]
                found[name] = float((1 + np.count_nonzero(np.array(drawn) >= value)) / (1 + len(drawn)))
        return found

    @staticmethod
    def _sides(second):
        return np.stack([~second, second]).astype(np.float64)
