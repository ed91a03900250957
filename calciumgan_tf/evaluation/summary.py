"""All that the metrics need to know of a set of windows, computed once."""

import dataclasses
import functools

import numpy as np

from calciumgan_tf.spikes import statistics

BIN_SECONDS = 0.5  # of spike counts, as in the paper
VAN_ROSSUM_TAU = 1.0  # s, as in the paper


@dataclasses.dataclass(frozen=True)
class Summary:
    """Statistics of each window; `pooled` ones take weights, so that a bootstrap over windows is a change of weights.

    Attributes:
      rates: (window, neuron), Hz.
      bin_sums: (window, neuron), spikes in whole bins.
      covariance: (window, neuron, neuron), of spike counts in bins.
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

    def pooled_rates(self, weights=None):
        """Mean firing rate over all windows, (neuron,), Hz."""
        return np.average(self.rates, axis=0, weights=weights)

    def pooled_covariance(self, weights=None):
        """Covariance of spike counts over the bins of all windows together, divided by their number.

        Returns:
          float64 (neuron, neuron), counts squared.
        """
        weights = np.ones(self.windows) if weights is None else weights
        total = weights.sum() * self.bins
        within = np.tensordot(weights, self.covariance, 1) * (self.bins - 1)
        squares = within + (self.bin_sums * weights[:, None]).T @ self.bin_sums / self.bins
        mean = weights @ self.bin_sums / total
        return squares / total - np.outer(mean, mean)

    def pooled_correlations(self, weights=None):
        """Pearson correlation over the bins of all windows together, (pair,); NaN where undefined."""
        covariance = self.pooled_covariance(weights)
        variance = np.diag(covariance)
        silent = variance < 1e-12  # a variance this small is rounding
        return statistics.pairs(statistics.correlations(np.where(silent | silent[:, None], 0, covariance)))

    def pooled_population(self, weights=None):
        """Frames with 0, 1, ..., n spikes, (neurons + 1,)."""
        return self.population.sum(axis=0) if weights is None else weights @ self.population

    def pooled_intervals(self, weights=None):
        """Mean and SD (dividing by the number) of the inter-spike intervals, 2 x (neuron,), s.

        NaN for neurons without any.
        """
        weights = np.ones(self.windows) if weights is None else weights
        number, total, squares = np.tensordot(self.intervals, weights, axes=([1], [0]))
        number = np.where(number > 0, number, np.nan)
        mean = total / number
        return mean, np.sqrt(np.maximum(squares / number - mean**2, 0))


def summarise(spikes, frame_rate) -> Summary:
    """The Summary of spikes (window, frame, neuron) at `frame_rate` Hz."""
    frames_a_bin = statistics.bin_frames(frame_rate, BIN_SECONDS, spikes.shape[1] // 2)
    counts = statistics.spike_counts(spikes, frames_a_bin)
    return Summary(
        rates=statistics.firing_rates(spikes, frame_rate),
        bin_sums=counts.sum(axis=1, dtype=np.float64),
        covariance=statistics.covariances(counts),
        bins=counts.shape[1],
        van_rossum=statistics.van_rossum_distances(spikes, frame_rate, VAN_ROSSUM_TAU),
        population=statistics.population_counts(spikes),
        intervals=statistics.interval_sums(spikes, frame_rate),
    )
