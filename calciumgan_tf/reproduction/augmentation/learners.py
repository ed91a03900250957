"""Ridge regression of each neuron on the others; its penalty is chosen on recorded folds.

The penalty is a multiple of the identity added to the covariance, so that it means the same for any number of rows, and
copies of all rows change nothing. A neuron's weights on all others follow for every neuron at once from the inverse of
the penalised covariance A of all: -(A^-1)_mn / (A^-1)_nn, since the penalty is on the diagonal alone.
"""

import functools
import operator

import numpy as np

from calciumgan_tf.evaluation.discriminants import PENALTIES
from calciumgan_tf.reproduction.augmentation.moments import Moments


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
