"""Train on synthetic, test on real: a decoder is learned from generated windows and tried on recorded ones.

The decoder predicts each neuron's mean trace in a half-second bin from those of all other neurons in the same bin,
linearly.
"""

import numpy as np
from sklearn.covariance import shrunk_covariance

from calciumgan_tf.evaluation.metric import Metric

SHRINKAGE = 0.1  # of the covariance that the decoder is learned from, so that many neurons and few frames do no harm


def decoding_error(test, training):
    """Mean squared error of the decoder over the variance of what it decodes, mean over neurons, (resample,).

    The decoder of neuron i is the ridge regression on the other neurons. Its weights are -P_ij / P_ii, where P is the
    inverse of the training set's covariance of traces, in SDs of the test set and shrunk by a tenth towards a multiple
    of the identity.

    Args:
      test, training: dynamics.Pooled of as many resamples.
    """
    scale = np.sqrt(np.diagonal(test.covariances[0], axis1=1, axis2=2))
    scale = np.where(scale > 1e-9, scale, 1)
    learned, tried = (pooled.covariances[0] / (scale[:, :, None] * scale[:, None, :]) for pooled in (training, test))
    precision = np.linalg.inv(shrunk_covariance(learned + 1e-9 * np.eye(scale.shape[1]), SHRINKAGE))
    residual = precision / np.diagonal(precision, axis1=1, axis2=2)[:, None]  # column i: true less decoded neuron i
    offset = (((test.level - training.level) / scale)[:, None] @ residual)[:, 0]
    missed = (residual * (tried @ residual)).sum(axis=1) + offset**2
    variance = np.diagonal(tried, axis1=1, axis2=2)
    active = variance > 1e-9
    shares = np.divide(missed, variance, out=np.zeros_like(missed), where=active)
    number = active.sum(axis=1)
    return shares.sum(axis=1) / np.where(number > 0, number, np.nan)


METRICS = (
    Metric(
        "decoding_error", "share of variance", "usefulness",
        "Mean squared error of a linear decoder that predicts each neuron's half-second mean trace from those of all "
        "other neurons, learned from the candidate and tried on the reference, over the variance of that neuron; mean "
        "over neurons. It is 0 for a perfect decoder, 1 for one that predicts each neuron's mean, and above 1 for one "
        "that misleads. It is not 0 for equal sets. The decoder is a ridge regression: the covariance that it is "
        "learned from is shrunk by a tenth.",
        "idea: Esteban, Hyland and Rätsch 2017, arXiv 1706.02633",
        lambda resampled: decoding_error(*resampled.dynamics), joint=True,
    ),
)  # fmt: skip
