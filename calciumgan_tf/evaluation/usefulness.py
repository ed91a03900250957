"""Train on synthetic, test on real: a decoder learned from one set of windows, tried on another.

The decoder tells each neuron's trace in a half-second bin from those of all other neurons in the same bin, linearly.
"""

import numpy as np
from sklearn.covariance import shrunk_covariance

SHRINKAGE = 0.1  # of the covariance that the decoder is learned from, so that many neurons and few frames are no harm


def decoding_error(test, training) -> float:
    """Mean squared error of the decoder over the variance of what it decodes, mean over neurons; share of variance.

    0 for a perfect decoder, 1 for one that tells each neuron's mean, above 1 for one that is misled. The decoder of
    neuron i is the ridge regression on the others, weights -P_ij / P_ii with P the inverse of the training set's
    covariance of traces, in SDs of the test set's, shrunk by a tenth towards a multiple of the identity. Not 0 for
    equal sets. Source of the idea: Esteban, Hyland and Rätsch 2017, arXiv 1706.02633.

    Args:
      test, training: dynamics.Pooled.
    """
    scale = np.sqrt(np.diag(test.covariances[0]))
    scale = np.where(scale > 1e-9, scale, 1)
    learned, tried = (one.covariances[0] / np.outer(scale, scale) for one in (training, test))
    precision = np.linalg.inv(shrunk_covariance(learned + 1e-9 * np.eye(len(scale)), SHRINKAGE))
    residual = precision / np.diag(precision)  # a column times a frame, less its mean, is what is missed of a neuron
    offset = ((test.level - training.level) / scale) @ residual
    missed = (residual * (tried @ residual)).sum(axis=0) + offset**2
    variance = np.diag(tried)
    active = variance > 1e-9
    return float(np.mean(missed[active] / variance[active])) if active.any() else float("nan")


METRICS = {"decoding_error": (decoding_error, "share of variance")}
