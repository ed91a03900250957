"""Distances between the distributions of two sets of windows, each with a permutation test.

Windows are points of a few numbers for each neuron (`features`). Windows of one recording overlap in time; so blocks of
neighbouring windows, not windows, change sides in a permutation and in a cross-validation.
"""

import math

import numpy as np
from scipy.spatial import distance
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

PROJECTIONS, FOLDS, COMPONENTS = 64, 5, 50
FEWEST_ARRANGEMENTS = 1000  # of blocks on two sides, below which no p value is given
PERMUTATIONS = {"sliced_wasserstein": 200, "mmd": 1000, "classifier": 100}


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
    together = dynamics.counts.sum(axis=2).std(axis=1)[:, None]
    return {
        "traces": np.concatenate([mean, sd, np.sqrt(dynamics.steps[:, 0])], axis=1),
        "spikes": np.concatenate([dynamics.sizes[:, 0], together], axis=1),
    }


def standardised(reference, *others) -> list:
    """All sets in SDs that each feature has in the reference, from its mean there."""
    scaler = StandardScaler().fit(reference)
    return [scaler.transform(one).astype(np.float64) for one in (reference, *others)]


class SlicedWasserstein:
    """Mean over random directions of the Wasserstein-1 distance of the projections, in SDs of a feature.

    Source: Bonneel et al. 2015, Journal of Mathematical Imaging and Vision 51.
    """

    def __init__(self, points, groups, seed):
        self._groups = groups
        directions = np.random.default_rng(seed).normal(size=(points.shape[1], PROJECTIONS))
        self._projected = points @ (directions / np.linalg.norm(directions, axis=0))

    def __call__(self, second):
        """The distance of the groups where `second` is true, bool (group,), from the others."""
        second = second[self._groups]
        one, other = self._projected[~second], self._projected[second]
        shares = (np.arange(max(len(one), len(other))) + 0.5) / max(len(one), len(other))
        quantiles = (np.sort(side, axis=0)[(shares * len(side)).astype(int)] for side in (one, other))
        return float(np.abs(np.subtract(*quantiles)).mean())


class MaximumMeanDiscrepancy:
    """Unbiased estimate of the squared maximum mean discrepancy, Gaussian kernel with the median heuristic. No unit.

    k(x, y) = exp(-|x - y|^2 / (2 m^2)), m the median distance of all points; the mean of k within either set, without
    the diagonal, less twice the mean between them. Below 0 by chance. Source: Gretton et al. 2012, JMLR 13, equation 3.
    """

    def __init__(self, points, groups):
        apart = distance.squareform(distance.pdist(points, "sqeuclidean"))
        kernel = np.exp(-apart / (2 * np.median(apart[np.triu_indices(len(points), 1)])))
        np.fill_diagonal(kernel, 0)
        first = np.flatnonzero(np.diff(groups, prepend=-1))  # a group is a run of points
        self._sums = np.add.reduceat(np.add.reduceat(kernel, first, axis=0), first, axis=1)  # (group, group)
        self._sizes = np.bincount(groups)

    def __call__(self, second):
        """The estimate between the groups where `second` is true, bool (group,), and the others."""
        sides = np.stack([~second, second]).astype(np.float64)
        sums = sides @ self._sums @ sides.T
        n, m = sides @ self._sizes
        return float(sums[0, 0] / (n * (n - 1)) + sums[1, 1] / (m * (m - 1)) - 2 * sums[0, 1] / (n * m))


class Classifier:
    """How well a linear classifier tells the sets apart: area under its ROC curve less .5, cross-validated. No unit.

    0 where it can't tell, .5 where it always can. Linear discriminants with shrunk covariance; a fold holds whole
    blocks; of more than COMPONENTS features, that many principal components of all points together. Source of the
    idea: Lopez-Paz and Oquab 2017, ICLR.
    """

    def __init__(self, points, groups):
        if points.shape[1] > COMPONENTS and len(points) > COMPONENTS:
            points = PCA(COMPONENTS, random_state=0).fit_transform(points)
        self._points, self._groups = points, groups

    def __call__(self, second):
        """For the groups where `second` is true, bool (group,), against the others."""
        second = second[self._groups]
        scores = np.empty(len(self._points))
        folds = min(FOLDS, len(np.unique(self._groups)))
        for train, test in GroupKFold(folds).split(self._points, second, self._groups):
            if len(np.unique(second[train])) < 2:
                return float("nan")
            model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(self._points[train], second[train])
            scores[test] = model.decision_function(self._points[test])
        return float(roc_auc_score(second, scores) - 0.5)


def compare(reference, candidate, length, seed, tests=()) -> dict:
    """All distances of a set of points from another.

    Args:
      reference, candidate: (window, feature), standardised alike.
      length: windows of a block, which belong together.
      seed: of projections and permutations.
      tests: names of the distances that get a permutation test.

    Returns:
      {distance: (value, p or None)}; p is the share of permutations with a value at least as large.
    """
    points = np.concatenate([reference, candidate])
    first = np.arange(len(reference)) // length
    groups = np.concatenate([first, first[-1] + 1 + np.arange(len(candidate)) // length])
    second = np.arange(groups[-1] + 1) > first[-1]
    distances = {
        "sliced_wasserstein": SlicedWasserstein(points, groups, seed),
        "mmd": MaximumMeanDiscrepancy(points, groups),
        "classifier": Classifier(points, groups),
    }
    found = {}
    for name, measure in distances.items():
        value = measure(second)
        found[name] = (value, _p(measure, value, second, PERMUTATIONS[name], seed) if name in tests else None)
    return found


def _p(measure, value, second, permutations, seed):
    if math.comb(len(second), int(second.sum())) < FEWEST_ARRANGEMENTS:
        return None
    generator = np.random.default_rng([seed, 1])
    drawn = np.array([measure(generator.permutation(second)) for _ in range(permutations)])
    drawn = drawn[np.isfinite(drawn)]
    return float((1 + np.count_nonzero(drawn >= value)) / (1 + len(drawn)))
