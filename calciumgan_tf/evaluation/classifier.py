"""A linear classifier of two sets of points, cross-validated for many resamples of the points at once."""

import numpy as np

FOLDS = 5
RIDGE = 0.1  # penalty as a share of the number of points: features have SDs near 1
FEWEST = 5  # points on a side, below which there is no classifier and no p value
CHUNK_VALUES = 4_000_000  # values of the regressions' matrices that are worked on at a time


class Classifier:
    """How well ridge regression on the label separates two sets of points."""

    def __init__(self, points):
        """Prepares the products of the features of the points, (point, feature)."""
        self._points = np.concatenate([points, np.ones((len(points), 1))], axis=1)  # the last for the intercept
        self._products = (self._points[:, :, None] * self._points[:, None, :]).reshape(len(points), -1)
        self._order = np.random.default_rng(0).permutation(len(points))

    def __call__(self, first, second):
        """Area under the ROC curve less .5, each point being predicted by a regression that it was no part of.

        Args:
          first, second: weights of the points in either set, (resample, point); a point is in one set at most.

        Returns:
          float64 (resample,); NaN where a side has fewer than FEWEST points.
        """
        chunk = max(1, CHUNK_VALUES // max(FOLDS * self._products.shape[1], self._points.shape[0]))
        parts = [slice(start, start + chunk) for start in range(0, len(first), chunk)]
        return np.concatenate([self._areas(first[part], second[part]) for part in parts])

    def _areas(self, first, second):
        weights, label = first + second, second > 0
        scores = self._scores(weights, label)
        areas = [area_under_roc(*one) - 0.5 for one in zip(scores, label, weights)]
        few = np.minimum((first > 0).sum(axis=1), (second > 0).sum(axis=1)) < FEWEST
        return np.where(few, np.nan, areas)

    def _folds(self, drawn):
        """Fold of each point, int (resample, point): the drawn ones in a fixed random order, in turn."""
        folds = np.empty(drawn.shape, np.int64)
        folds[:, self._order] = np.cumsum(drawn[:, self._order], axis=1) % FOLDS
        return folds

    def _scores(self, weights, label):
        """Prediction for each point by the regression on all folds but its own, (resample, point)."""
        folds = np.where(label, self._folds((weights > 0) & label), self._folds((weights > 0) & ~label))
        size = self._points.shape[1]
        penalty = np.diag(np.append(np.ones(size - 1), 0))
        scores = np.empty(weights.shape)
        for fold in range(FOLDS):
            training = np.where(folds == fold, 0, weights)
            matrix = (training @ self._products).reshape(-1, size, size)
            matrix += np.maximum(RIDGE * training.sum(axis=1), 1e-9)[:, None, None] * penalty
            matrix[:, -1, -1] += 1e-12  # of a fold whose training points are none
            coefficients = np.linalg.solve(matrix, ((training * label) @ self._points)[:, :, None])[:, :, 0]
            scores = np.where(folds == fold, coefficients @ self._points.T, scores)
        return scores


def area_under_roc(scores, label, weights):
    """Probability that a point with the label has a higher score than one without; ties count half.

    Args:
      scores, label, weights: (point,); label is bool.

    Returns:
      a number from 0 to 1; NaN where either label has no weight.
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    below = np.concatenate([[0.0], np.cumsum(np.where(label, 0, weights)[order])])
    sides = [below[np.searchsorted(ordered, scores[label], side)] for side in ("left", "right")]
    positive = weights[label]
    total = positive.sum() * below[-1]
    return (positive @ np.mean(sides, axis=0)) / total if total > 0 else np.nan
