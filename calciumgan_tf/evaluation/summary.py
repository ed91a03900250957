"""Spike statistics of each window of a set, and of all its windows together."""

import dataclasses
import functools

import numpy as np

from calciumgan_tf.dataset.windows import evenly
from calciumgan_tf.spikes import statistics
from calciumgan_tf.spikes.distances import weighted_mean

BIN_SECONDS = 0.5  # of spike counts, as in the paper
VAN_ROSSUM_TAU = 1.0  # s, as in the paper
PAIRED_NEURONS = 200  # of statistics of pairs; a larger population is represented by so many of its neurons


@dataclasses.dataclass(frozen=True)
class Summary:
    """Spike statistics of each window of a set.

    The `pooled` ones are of all windows together. They take weights of the windows, (window,) or (resample, window), so
    that a bootstrap is a change of weights; None counts each window once.

    Attributes:
      rates: (window, neuron), Hz.
      bin_sums: (window, paired neuron), spikes in whole bins; pairs are those of PAIRED_NEURONS neurons at most.
      covariance: (window, paired neuron, paired neuron), of spike counts in bins.
      bins: bins a window.
      van_rossum: (window, pair).
      population: (window, neurons + 1), frames with so many spikes.
      intervals: (3, window, neuron), number, sum and sum of squares of inter-spike intervals, s.
    """

    rates: np.ndarray
    bin_sums: np.ndarray
    covariance: np.ndarray
    bins: int
    van_rossum: np.ndarray
    population: np.ndarray
    intervals: np.ndarray

    @property
    def windows(self):
        """Number of windows."""
        return len(self.rates)

    @functools.cached_property
    def correlation_pairs(self):
        """Pearson correlation of spike counts within each window, (window, pair); NaN where undefined."""
        return statistics.pairs(statistics.correlations(self.covariance))

    @functools.cached_property
    def covariance_pairs(self):
        """Upper triangle of the covariance within each window, the diagonal included: (window, pair and neuron)."""
        rows, columns = np.triu_indices(self.covariance.shape[-1])
        return self.covariance[:, rows, columns]

    def _weights(self, weights):
        return np.ones(self.windows) if weights is None else weights

    def pooled_rates(self, weights=None):
        """Mean firing rate over all windows, (..., neuron), Hz."""
        return weighted_mean(self.rates, weights)

    def pooled_covariance(self, weights=None):
        """Covariance of spike counts over the bins of all windows together, divided by their number.

        Returns:
          float64 (..., neuron, neuron), counts squared.
        """
        weights = self._weights(weights)
        total = weights.sum(axis=-1)[..., None, None] * self.bins
        within = weights @ self.covariance.reshape(self.windows, -1) * (self.bins - 1)
        squares = within.reshape(weights.shape[:-1] + self.covariance.shape[1:]) + self._products(weights) / self.bins
        mean = weights @ self.bin_sums / total[..., 0]
        return squares / total - mean[..., :, None] * mean[..., None, :]

    def _products(self, weights):
        """Sum over windows of the products of two neurons' spikes, (..., neuron, neuron)."""
        if weights.ndim == 1:
            return (self.bin_sums * weights[:, None]).T @ self.bin_sums
        return np.stack([self._products(one) for one in weights])

    def pooled_correlations(self, weights=None):
        """Pearson correlation over the bins of all windows together, (..., pair); NaN where undefined."""
        covariance = self.pooled_covariance(weights)
        silent = np.diagonal(covariance, axis1=-2, axis2=-1) < 1e-12  # a variance this small is rounding
        covariance = np.where(silent[..., None] | silent[..., None, :], 0, covariance)
        return statistics.pairs(statistics.correlations(covariance))

    def pooled_population(self, weights=None):
        """Frames with 0, 1, ..., n spikes, (..., neurons + 1)."""
        return self._weights(weights) @ self.population

    def pooled_intervals(self, weights=None):
        """Mean and SD (dividing by the number) of the inter-spike intervals, two (..., neuron), s.

        NaN for neurons without any.
        """
        number, total, squares = (self._weights(weights) @ one for one in self.intervals)
        number = np.where(number > 0, number, np.nan)
        mean = total / number
        return mean, np.sqrt(np.maximum(squares / number - mean**2, 0))


def summarise(spikes, frame_rate) -> Summary:
    """The Summary of spikes (window, frame, neuron) at `frame_rate` Hz."""
    frames_a_bin = statistics.bin_frames(frame_rate, BIN_SECONDS, spikes.shape[1] // 2)
    neurons = spikes.shape[2]
    paired = spikes if neurons <= PAIRED_NEURONS else spikes[:, :, evenly(neurons, PAIRED_NEURONS)]
    counts = statistics.spike_counts(paired, frames_a_bin)
    return Summary(
        rates=statistics.firing_rates(spikes, frame_rate),
        bin_sums=counts.sum(axis=1, dtype=np.float64),
        covariance=statistics.covariances(counts),
        bins=counts.shape[1],
        van_rossum=statistics.van_rossum_distances(paired, frame_rate, VAN_ROSSUM_TAU),
        population=statistics.population_counts(spikes),
        intervals=statistics.interval_sums(spikes, frame_rate),
    )
