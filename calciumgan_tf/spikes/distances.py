"""Distances between distributions and between vectors of statistics.

Where weights are taken, they may have a leading axis of resamples, (resample, value), which the result has as well.
"""

import math

import numpy as np
from scipy import optimize

EMPTY = 1e-10  # probability given to an empty bin, as in the code of the paper's authors
BINS = 30


def discrete_kl(recorded, generated):
    """Kullback-Leibler divergence sum p log(p / q) of two histograms over the same bins, in nats.

    Empty bins count as probability 1e-10 on both sides.

    Args:
      recorded, generated: counts (..., bin); each row has at least one.

    Returns:
      float64 (...).
    """
    p = recorded / recorded.sum(axis=-1, keepdims=True)
    q = generated / generated.sum(axis=-1, keepdims=True)
    p, q = np.maximum(p, EMPTY), np.maximum(q, EMPTY)
    return (p * np.log(p / q)).sum(axis=-1)


def histograms(first, second, first_weights=None, second_weights=None, bins=BINS):
    """Histograms of two samples over equal bins that span both, for many rows at once; NaN is left out.

    Args:
      first, second: (row, value).
      first_weights, second_weights: (..., value), None for all 1.

    Returns:
      two float64 (..., row, bin). A row whose values are all equal has them in one bin.
    """
    with np.errstate(invalid="ignore"):
        low = np.fmin(np.fmin.reduce(first, axis=1), np.fmin.reduce(second, axis=1))
        high = np.fmax(np.fmax.reduce(first, axis=1), np.fmax.reduce(second, axis=1))
    width = np.where(high > low, high - low, 1)

    def counts(values, weights):
        """The histograms of one sample."""
        place = np.nan_to_num((values - low[:, None]) / width[:, None] * bins)
        index = np.clip(place.astype(np.int64), 0, bins - 1)
        if weights is None:
            rows = index + bins * np.arange(len(values))[:, None]
            known = np.isfinite(values).astype(np.float64)
            return np.bincount(rows.ravel(), known.ravel(), bins * len(values)).reshape(-1, bins)
        rows = [np.eye(bins)[one] * np.isfinite(row)[:, None] for one, row in zip(index, values)]
        return np.stack([weights @ row for row in rows], axis=-2)

    return counts(first, first_weights), counts(second, second_weights)


def row_kl(recorded, generated, generated_weights=None, recorded_weights=None):
    """KL(recorded || generated) of each row, from 30 equal bins over the pooled range.

    Args:
      recorded, generated: (row, value); NaN is left out.
      generated_weights, recorded_weights: (..., value) or None.

    Returns:
      float64 (..., row), nats; NaN where a side has no defined value.
    """
    if not recorded.shape[1]:
        return np.full(len(recorded), np.nan)
    p, q = np.broadcast_arrays(*histograms(recorded, generated, recorded_weights, generated_weights))
    defined = (p.sum(axis=-1) > 0) & (q.sum(axis=-1) > 0)
    divergence = np.full(p.shape[:-1], np.nan)
    divergence[defined] = discrete_kl(p[defined], q[defined])
    return divergence


def rmse(recorded, generated):
    """Root mean squared difference over the last axis, where both sides are finite.

    Args:
      recorded, generated: (..., value).

    Returns:
      float64 (...); NaN where no value is defined on both sides.
    """
    squares = (np.asarray(generated, np.float64) - recorded) ** 2
    defined = np.isfinite(squares)
    number = defined.sum(axis=-1)
    return np.sqrt(np.where(defined, squares, 0).sum(axis=-1) / np.where(number > 0, number, np.nan))


def weighted_mean(values, weights=None):
    """Mean over the first axis; NaN where nothing has a weight.

    Args:
      values: (window, ...).
      weights: (window,) or (resample, window), not below 0; None for all 1.

    Returns:
      float64 (...) or (resample, ...).
    """
    values = np.asarray(values, np.float64)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, np.float64)
    total = weights.sum(axis=-1)
    sums = (weights @ values.reshape(len(values), math.prod(values.shape[1:]))).reshape(total.shape + values.shape[1:])
    return sums / np.where(total > 0, total, np.nan).reshape(total.shape + (1,) * (values.ndim - 1))


def closest_pairs(distances):
    """Pairs rows with columns so that the sum of their distances is smallest (the assignment problem).

    Args:
      distances: (row, column).

    Returns:
      rows and columns of the pairs, int64 (min(row, column),) each, the closest pair first.
    """
    rows, columns = optimize.linear_sum_assignment(distances)
    order = np.argsort(distances[rows, columns], kind="stable")
    return rows[order], columns[order]
