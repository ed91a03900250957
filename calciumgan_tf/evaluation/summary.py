"""Spike statistics of each window of a set, and of all its windows together."""

import dataclasses

import numpy as np

from calciumgan_tf import threads
from calciumgan_tf.dataset.windows import evenly
from calciumgan_tf.spikes import statistics
from calciumgan_tf.spikes.distances import weighted_mean

BIN_SECONDS = 0.5  # of spike counts, as in the paper
VAN_ROSSUM_TAU = 1.0  # s, as in the paper
PAIRED_NEURONS = 200  # of statistics of pairs; a larger population is represented by so many of its neurons
ROUNDING = 1e-12  # a variance of counts as small as this is rounding
CHUNK_VALUES = 4_000_000  # spikes, or values of pairs, that are worked on at a time


@dataclasses.dataclass(frozen=True)
class Summary:
    """Spike statistics of each window of a set.

    The `pooled` ones are of all windows together. They take weights of the windows, (window,) or (resample, window), so
    that a bootstrap is a change of weights; None counts each window once.

    Attributes:
      rates: (window, neuron), Hz.
      bin_sums: (window, paired neuron), spikes in whole bins; pairs are those of PAIRED_NEURONS neurons at most.
      covariance_pairs: (window, pair and neuron), of spike counts in bins: the upper triangle with the diagonal.
      bins: bins a window.
      van_rossum: (window, pair).
      population: (window, neurons + 1), frames with so many spikes.
      intervals: (3, window, neuron), number, sum and sum of squares of inter-spike intervals, s.
    """

    rates: np.ndarray
    bin_sums: np.ndarray
    covariance_pairs: np.ndarray
    bins: int
    van_rossum: np.ndarray
    population: np.ndarray
    intervals: np.ndarray

    @property
    def windows(self):
        """Number of windows."""
        return len(self.rates)

    @property
    def paired_neurons(self):
        """Number of neurons that make pairs."""
        return self.bin_sums.shape[1]

    def correlation_pairs(self, part=slice(None)):
        """Pearson correlation of spike counts within each of some windows, (window, pair); NaN where undefined."""
        return self._correlations(self.covariance_pairs[part], 0.0)

    def _correlations(self, covariance, least):
        """Correlations (..., pair) of covariances (..., pair and neuron); NaN where a variance is not above `least`."""
        rows, columns = np.triu_indices(self.paired_neurons)
        variance, upper = covariance[..., rows == columns], rows < columns
        sd = np.sqrt(np.where(variance > least, variance, 0))
        scale = sd[..., rows[upper]] * sd[..., columns[upper]]
        return np.divide(covariance[..., upper], scale, out=np.full(scale.shape, np.nan), where=scale > 0)

    def undefined_pairs(self) -> float:
        """Share of the correlations within a window that are undefined, 0..1; 0 without pairs."""
        rows, columns = np.triu_indices(self.paired_neurons)
        varying = np.count_nonzero(self.covariance_pairs[:, rows == columns] > 0, axis=1)
        pairs, defined = (n * (n - 1) // 2 for n in (self.paired_neurons, varying))
        return float(1 - defined.mean() / pairs) if pairs else 0.0

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
        rows, columns = np.triu_indices(self.paired_neurons)
        pairs = self._pooled_pairs(weights)
        matrices = np.empty((*pairs.shape[:-1], self.paired_neurons, self.paired_neurons))
        matrices[..., rows, columns] = matrices[..., columns, rows] = pairs
        return matrices

    def _pooled_pairs(self, weights):
        """The upper triangle of `pooled_covariance`, (..., pair and neuron)."""
        weights = self._weights(weights)
        rows, columns = np.triu_indices(self.paired_neurons)
        squares = np.zeros((*weights.shape[:-1], len(rows)))
        chunk = max(1, CHUNK_VALUES // len(rows))
        for part in (slice(start, start + chunk) for start in range(0, self.windows, chunk)):
            sums = self.bin_sums[part]
            of_windows = self.covariance_pairs[part] * (self.bins - 1) + sums[:, rows] * (sums[:, columns] / self.bins)
            squares += weights[..., part] @ of_windows
        total = weights.sum(axis=-1)[..., None] * self.bins
        mean = weights @ self.bin_sums / total
        return squares / total - mean[..., rows] * mean[..., columns]

    def pooled_correlations(self, weights=None):
        """Pearson correlation over the bins of all windows together, (..., pair); NaN where undefined."""
        return self._correlations(self._pooled_pairs(weights), ROUNDING)

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
    """The Summary of spikes at `frame_rate` Hz, (window, frame, neuron), an array or sliced like one."""
    count, frames, neurons = spikes.shape
    frames_a_bin = statistics.bin_frames(frame_rate, BIN_SECONDS, frames // 2)
    paired = evenly(neurons, PAIRED_NEURONS)
    chunk = max(1, CHUNK_VALUES // max(frames * neurons, len(paired) ** 2))

    def of_part(start):
        return _statistics(spikes[start : start + chunk], paired, frame_rate, frames_a_bin)

    parts = list(threads.in_order(of_part, range(0, count, chunk)))
    # One field at a time, and its parts are forgotten at once, so that no two fields are held twice.
    found = {
        name: np.concatenate([part.pop(name) for part in parts], axis=int(name == "intervals")) for name in [*parts[0]]
    }
    return Summary(bins=frames // frames_a_bin, **found)


def _statistics(spikes, paired, frame_rate, frames_a_bin) -> dict:
    """The fields of Summary, of a few windows."""
    chosen = spikes if len(paired) == spikes.shape[2] else spikes[:, :, paired]
    counts = statistics.spike_counts(chosen, frames_a_bin)
    rows, columns = np.triu_indices(len(paired))
    return {
        "rates": statistics.firing_rates(spikes, frame_rate),
        "bin_sums": counts.sum(axis=1, dtype=np.float64),
        "covariance_pairs": statistics.covariances(counts)[:, rows, columns],
        "van_rossum": statistics.van_rossum_distances(chosen, frame_rate, VAN_ROSSUM_TAU),
        "population": statistics.population_counts(spikes),
        "intervals": statistics.interval_sums(spikes, frame_rate),
    }
