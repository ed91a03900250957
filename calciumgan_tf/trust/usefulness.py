"""Train on synthetic, test on real: a decoder learned from one set of windows, tried on another.

The decoder tells each neuron's trace in a half-second bin from those of all other neurons in the same bin, linearly.
Source of the idea: Esteban, Hyland and Rätsch 2017, arXiv 1706.02633.
"""

import numpy as np
from sklearn.covariance import LedoitWolf


def decoding_error(test, training) -> float:
    """Mean squared error of the decoder over the variance of what it decodes, mean over neurons.

    0 for a perfect decoder, 1 for one that tells each neuron's mean, above 1 for one that is misled. The decoder of
    neuron i is the regression on the others, -P_ij / P_ii with P the inverse of Ledoit and Wolf's covariance.

    Args:
      test, training: mean traces of half-second bins, (window, bin, neuron), dF/F.
    """
    neurons = test.shape[-1]
    test, training = (one.reshape(-1, neurons).astype(np.float64) for one in (test, training))
    scale = training.std(axis=0)
    scale[scale == 0] = 1
    fitted = LedoitWolf().fit(training / scale)
    residual = (test / scale - fitted.location_) @ (fitted.precision_ / np.diag(fitted.precision_))
    variance = (test / scale).var(axis=0)
    active = variance > 0
    return float(np.mean((residual**2).mean(axis=0)[active] / variance[active])) if active.any() else float("nan")
