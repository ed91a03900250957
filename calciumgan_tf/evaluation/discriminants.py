"""A decoder of levels from a population: linear discriminants of equal priors.

    argmax over levels l of  m_l' A^-1 x - m_l' A^-1 m_l / 2        A = C + penalty I

m_l is the mean of a level and C the covariance within levels. The penalty means the same for any number of points, and
copies of all points change nothing; it is chosen by the probability of the right level in points that are left out.
Ridge regression on indicators of the levels would be masked: neighbouring directions hide those between them.

Source: Friedman 1989, Journal of the American Statistical Association 84, 165 (regularised discriminant analysis).
"""

import dataclasses

import numpy as np
from scipy import special

PENALTIES = np.logspace(2, -4, 13)  # in variances of a neuron, tried from the largest on
FOLDS = 5


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
    def fit(cls, responses, levels, penalty, weights=None) -> "LevelDecoder":
        """Learns from presentations.

        Args:
          responses: (presentation, neuron).
          levels: (presentation,).
          penalty: of PENALTIES.
          weights: how often each presentation counts, positive, (presentation,); None for once.
        """
        weights = np.ones(len(levels)) if weights is None else weights
        known, which = np.unique(levels, return_inverse=True)
        shares = weights * (which == np.arange(len(known))[:, None])
        means = shares @ responses / shares.sum(axis=1, keepdims=True)
        within = responses - means[which]
        within *= np.sqrt(weights / weights.sum())[:, None]  # C = within' within
        if len(within) < within.shape[1]:  # the same by the matrix inversion lemma, from a smaller matrix
            inner = within @ within.T + penalty * np.eye(len(within))
            slopes = (means.T - within.T @ np.linalg.solve(inner, within @ means.T)) / penalty
        else:
            slopes = np.linalg.solve(within.T @ within + penalty * np.eye(within.shape[1]), means.T)
        return cls(known, slopes, -np.sum(means.T * slopes, axis=0) / 2)

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
