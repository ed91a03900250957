"""Two sets of windows that are compared by their spikes, and resamples of them."""

import functools

import numpy as np

from calciumgan_tf.evaluation.summary import CHUNK_VALUES, Summary
from calciumgan_tf.spikes.distances import row_kl

PAIRINGS = 4  # random pairings of windows, over which the divergences within a window are averaged


class Pair:
    """A candidate beside a reference, with whatever does not depend on the weights of their windows."""

    def __init__(self, reference: Summary, candidate: Summary, seed: int = 0):
        """Computes nothing yet; `seed` is that of the pairings."""
        self.reference, self.candidate, self._seed = reference, candidate, seed

    @functools.cached_property
    def correlation_kl(self):
        """Divergence of the correlations within each window, float64 (window,), nats; NaN where undefined."""
        return self._of_windows(lambda side, part: side.correlation_pairs(part))

    @functools.cached_property
    def covariance_kl(self):
        """Divergence of the covariances within each window, float64 (window,), nats."""
        return self._of_windows(lambda side, part: side.covariance_pairs[part])

    @functools.cached_property
    def van_rossum_kl(self):
        """Divergence of the van Rossum distances within each window, float64 (window,), nats."""
        return self._of_windows(lambda side, part: side.van_rossum[part])

    def _of_windows(self, pairs):
        """Mean divergence of each reference window from candidate windows that are paired with it at random.

        Pairing in the order of time would make two parts of a recording look alike where both drift.

        Args:
          pairs: function of a Summary and of indices of windows that returns values, (window, pair).
        """
        generator, windows = np.random.default_rng([self._seed, 4]), self.reference.windows
        chunk = max(1, CHUNK_VALUES // self.reference.paired_neurons**2)

        def divergence(partner):
            parts = [np.arange(start, min(start + chunk, windows)) for start in range(0, windows, chunk)]
            return np.concatenate(
                [row_kl(pairs(self.reference, part), pairs(self.candidate, partner[part])) for part in parts]
            )

        found = [divergence(generator.permutation(self.candidate.windows)) for _ in range(PAIRINGS)]
        number = np.isfinite(found).sum(axis=0)
        return np.divide(np.nansum(found, axis=0), number, out=np.full(len(number), np.nan), where=number > 0)

    def divergences(self) -> dict:
        """The paper's divergences before they are averaged.

        Returns:
          {metric: float64 (neuron,) for the firing rate, (window,) for the others}, nats; NaN where undefined.
        """
        return {
            "firing_rate_kl": row_kl(self.reference.rates.T, self.candidate.rates.T),
            "correlation_kl": self.correlation_kl,
            "covariance_kl": self.covariance_kl,
            "van_rossum_kl": self.van_rossum_kl,
        }

    def values(self, metrics, first=None, second=None) -> dict:
        """Values of metrics for one or many resamples of the windows.

        Args:
          metrics: iterable of Metric.
          first, second: weights of the windows of reference and candidate, (resample, window); None for one resample
            in which each window counts once.

        Returns:
          {metric: float64 (resample,)}, NaN where it is undefined.
        """
        resampled = Resampled(self, first, second)
        return {metric.name: metric.function(resampled) for metric in metrics}


class Resampled:
    """Many resamples of a Pair, each a set of weights of its windows."""

    def __init__(self, pair: Pair, first=None, second=None):
        """Takes weights as Pair.values does."""
        sides = zip((first, second), (pair.reference, pair.candidate))
        self.pair = pair
        self.first, self.second = (
            np.ones((1, summary.windows)) if weights is None else weights for weights, summary in sides
        )

    def summaries(self, statistic: str):
        """A pooled statistic of Summary on both sides, each (..., resample, value)."""
        return getattr(self.pair.reference, statistic)(self.first), getattr(self.pair.candidate, statistic)(self.second)
