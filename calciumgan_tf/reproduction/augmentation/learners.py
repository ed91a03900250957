"""Ridge regression of each neuron on the others, and a decoder of levels; penalties are chosen on recorded folds.

The penalty is a multiple of the identity added to the covariance, so that it means the same for any number of rows, and
copies of all rows change nothing. A neuron's weights on all others follow for every neuron at once from the inverse of
the penalised covariance A of all: -(A^-1)_mn / (A^-1)_nn, since the penalty is on the diagonal alone.

Levels are decoded by linear discriminants of equal priors, with the same penalty on the covariance within levels
(Friedman 1989, Journal of the American Statistical Association 84, 165). Ridge regression on indicators of the levels
would be masked: neighbouring directions hide those between them.
"""

import dataclasses
import functools
import operator

import numpy as np
from scipy import special

from calciumgan_tf.reproduction.augmentation.moments import Moments

PENALTIES = np.logspace(2, -4, 13)  # in variances of a neuron, tried from the largest on
FOLDS = 5


def neuron_weights(covariance, penalty):
    """Weights of the ridge regression of each neuron on the others.

    Args:
      covariance: (neuron, neuron).
      penalty: positive number.

    Returns:
      float64 (neuron, neuron): a column for each predicted neuron, 0 on the diagonal.
    """
    inverse = np.linalg.inv(covariance + penalty * np.eye(len(covariance)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def squared_errors(weights, mean, tested: Moments):
    """Sum of the squared errors of the prediction of each neuron, (neuron,).

    Args:
      weights: of `neuron_weights`.
      mean: (neuron,), of the rows that the weights were learned from.
      tested: moments of the rows whose neurons are predicted.
    """
    left = np.eye(len(weights)) - weights
    return np.einsum("mn,mk,kn->n", left, tested.about(mean), left, optimize=True)


def neurons_penalty(training, validation) -> float:
    """The penalty with the least squared error over all folds.

    Args:
      training: Moments of what is learned from while each fold is left out.
      validation: Moments of each recorded fold.
    """
    errors = [
        sum(
            squared_errors(neuron_weights(learned.covariance, penalty), learned.mean, tested).sum()
            for learned, tested in zip(training, validation)
        )
        for penalty in PENALTIES
    ]
    return float(PENALTIES[np.argmin(errors)])


def total(moments) -> Moments:
    """The sum of several Moments."""
    return functools.reduce(operator.add, moments)


@dataclasses.dataclass(frozen=True)
class LevelDecoder:
    """A decoder of the level of a presentation.

    Attributes:
      levels: int (level,), those that it was shown.
      weights: float64 (neuron, level).
      offsets: float64 (level,).
    """

    levels: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray

    @classmethod
    def fit(cls, responses, levels, penalty) -> "LevelDecoder":
        """Learns from responses (presentation, neuron) and their levels (presentation,)."""
        known, which = np.unique(levels, return_inverse=True)
        means = np.stack([responses[which == number].mean(axis=0) for number in range(len(known))])
        within = responses - means[which]
        covariance = within.T @ within / len(within)
        weights = np.linalg.solve(covariance + penalty * np.eye(len(covariance)), means.T)
        return cls(known, weights, -np.sum(means.T * weights, axis=0) / 2)

    def predict(self, responses):
        """The levels of responses (presentation, neuron): int (presentation,)."""
        return self.levels[np.argmax(responses @ self.weights + self.offsets, axis=1)]

    def surprise(self, responses, levels) -> float:
        """Sum of -log of the probability of the right level, nats; presentations of levels never shown do not count.

        Args:
          responses: (presentation, neuron).
          levels: the right ones, (presentation,).
        """
        shown = np.isin(levels, self.levels)
        logits = responses[shown] @ self.weights + self.offsets
        right = np.searchsorted(self.levels, levels[shown])
        return float(np.sum(special.logsumexp(logits, axis=1) - logits[np.arange(len(right)), right]))


def level_penalty(training, validation) -> float:
    """The penalty with the least surprise over all folds, the largest where there is no fold.

    Args:
      training: (responses, levels) of what is learned from while each fold is left out.
      validation: (responses, levels) of each recorded fold.
    """
    folds = [fold for fold in zip(training, validation) if len(fold[0][1]) and len(fold[1][1])]
    surprises = [
        sum(LevelDecoder.fit(known, shown, penalty).surprise(*tested) for (known, shown), tested in folds)
        for penalty in PENALTIES
    ]
    return float(PENALTIES[np.argmin(surprises)])


def balanced_accuracy(predicted, true, weights=None) -> float:
    """Mean over the true levels of the share of their presentations that are predicted right; NaN without any.

    Args:
      predicted, true: int (presentation,).
      weights: how often each presentation counts, (presentation,); None for once.
    """
    weights = np.ones(len(true)) if weights is None else weights
    known, which = np.unique(true, return_inverse=True)
    counts = np.bincount(which, weights, len(known))
    right = np.bincount(which, weights * (predicted == true), len(known))
    return float(np.mean(right[counts > 0] / counts[counts > 0])) if counts.any() else np.nan
