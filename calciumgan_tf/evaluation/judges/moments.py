"""Moments along the last axis that stay finite for a constant signal."""

import numpy as np


def ratio(numerator, denominator):
    """The quotient, or 0 where the denominator is 0 or less."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    return np.divide(numerator, denominator, out=np.zeros(numerator.shape), where=denominator > 0)


def centred(signals):
    """Signals (..., sample) less their mean, float64."""
    return signals - signals.mean(axis=-1, keepdims=True, dtype=np.float64)


def mean_product(*signals):
    """Mean over samples of the product of signals (..., sample)."""
    return np.einsum(",".join(["...t"] * len(signals)) + "->...", *signals) / signals[0].shape[-1]


def shape(deviations):
    """Standard deviation, skewness and excess kurtosis, which divide by the number of samples.

    Skewness and kurtosis of a constant signal are 0.

    Args:
      deviations: (..., sample), each signal less its mean.

    Returns:
      three arrays, float64 (...,).
    """
    square = deviations**2
    variance = mean_product(deviations, deviations)
    skewness = ratio(mean_product(square, deviations), variance**1.5)
    kurtosis = ratio(mean_product(square, square), variance**2)
    return np.sqrt(variance), skewness, np.where(variance > 0, kurtosis - 3, 0)
