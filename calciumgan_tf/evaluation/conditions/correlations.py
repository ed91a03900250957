"""Signal and noise correlations between neurons: of what a condition does to them, and of what is left.

Source: Averbeck, Latham and Pouget 2006, Nature Reviews Neuroscience 7(5).
"""

import numpy as np

from calciumgan_tf.dataset.windows import evenly
from calciumgan_tf.evaluation.conditions import tuning
from calciumgan_tf.evaluation.conditions.observations import Sample, level_means
from calciumgan_tf.spikes import statistics

MOST_NEURONS = 200  # a larger population is represented by so many of its neurons
LEAST = 1e-9  # variance, relative to the mean square, below which a neuron does not vary


def signal(sample: Sample) -> np.ndarray:
    """Correlation of the tuning curves of each pair over levels, float64 (pair,); 0 where one is flat."""
    curves = tuning.curves(sample)
    curves = curves[np.isfinite(curves).all(axis=1)]
    curves = curves[:, evenly(curves.shape[1], MOST_NEURONS)]
    return _pairs(curves, np.ones(len(curves)), curves.mean(axis=0) if len(curves) else 0.0)


def noise(sample: Sample) -> np.ndarray:
    """Correlation of each pair over observations, after subtraction of the mean of the level.

    What is correlated is the mean dF/F of single presentations or bins.

    Returns:
      float64 (pair,); 0 where a neuron does not vary.
    """
    observations = sample.observations
    means = observations.means[:, evenly(observations.means.shape[1], MOST_NEURONS)].astype(np.float64)
    centre = sample.weights if sample.centre is None else sample.centre
    of_level = level_means(means, observations, centre)[observations.levels]
    return _pairs(means, sample.weights, of_level)


def _pairs(values, weights, centre):
    """Correlations over rows (row, neuron) with weights (row,), around a centre."""
    used = weights > 0
    deviations = (values - centre)[used] * np.sqrt(weights[used])[:, None]
    covariance = deviations.T @ deviations
    square = weights[used] @ values[used] ** 2
    flat = np.diagonal(covariance) <= LEAST * square
    covariance[flat] = 0
    covariance[:, flat] = 0
    return np.nan_to_num(statistics.pairs(statistics.correlations(covariance)))
