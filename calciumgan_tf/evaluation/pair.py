"""Two sets of windows that are compared, and resamples of them."""

import functools

import numpy as np

from calciumgan_tf.evaluation import coverage, two_sample
from calciumgan_tf.evaluation.two_sample import TwoSample
from calciumgan_tf.evaluation.window_set import WindowSet
from calciumgan_tf.spikes.distances import row_kl

FEATURES = ("traces", "spikes")  # of two_sample.features


class Pair:
    """A candidate beside a reference, with whatever does not depend on the weights of their windows."""

    def __init__(self, reference: WindowSet, candidate: WindowSet, seed: int = 0):
        """Computes nothing yet; `seed` is that of random projections and permutations."""
        self.reference, self.candidate, self._seed = reference, candidate, seed

    @functools.cached_property
    def correlation_kl(self):
        """Divergence of the correlations within each window, float64 (window,), nats; NaN where undefined."""
        return row_kl(self.reference.summary.correlation_pairs, self.candidate.summary.correlation_pairs)

    @functools.cached_property
    def covariance_kl(self):
        """Divergence of the covariances within each window, float64 (window,), nats."""
        return row_kl(self.reference.summary.covariance_pairs, self.candidate.summary.covariance_pairs)

    @functools.cached_property
    def van_rossum_kl(self):
        """Divergence of the van Rossum distances within each window, float64 (window,), nats."""
        return row_kl(self.reference.summary.van_rossum, self.candidate.summary.van_rossum)

    @functools.cached_property
    def _points(self):
        sides = self.reference.points, self.candidate.points
        return {which: two_sample.standardised(*(side[which] for side in sides)) for which in FEATURES}

    @functools.cached_property
    def two_sample(self) -> dict:
        """{features: TwoSample}."""
        return {which: TwoSample(points[0], points[1], self._seed) for which, points in self._points.items()}

    @functools.cached_property
    def coverage(self) -> coverage.Coverage:
        """Coverage by all features together."""
        return coverage.Coverage(*(np.concatenate(side, axis=1) for side in zip(*self._points.values())))

    def p_values(self) -> dict:
        """{metric: p value of its permutation test, None where it is undefined}."""
        tests = ((which, test.p_values()) for which, test in self.two_sample.items())
        return {f"{name}_{which}": p for which, found in tests for name, p in found.items()}

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
            np.ones((1, side.summary.windows)) if weights is None else weights for weights, side in sides
        )

    def summaries(self, statistic: str):
        """A pooled statistic of Summary on both sides, each (..., resample, value)."""
        reference, candidate = self.pair.reference.summary, self.pair.candidate.summary
        return getattr(reference, statistic)(self.first), getattr(candidate, statistic)(self.second)

    @functools.cached_property
    def dynamics(self) -> tuple:
        """The pooled dynamics of both sides."""
        sides = (self.pair.reference, self.first), (self.pair.candidate, self.second)
        return tuple(side.dynamics.pooled(weights) for side, weights in sides)

    @functools.cached_property
    def independent(self) -> tuple:
        """Weights of the independent windows of both sides, each (resample, window)."""
        return self.first[:, self.pair.reference.independent], self.second[:, self.pair.candidate.independent]

    @functools.cached_property
    def searched(self) -> tuple:
        """Weights of the windows of both sides among which repetitions are searched, each (resample, window)."""
        return self.first[:, self.pair.reference.searched], self.second[:, self.pair.candidate.searched]

    def distance(self, name: str, features: str):
        """A distance of two_sample between the independent windows, (resample,)."""
        return self.pair.two_sample[features].distance(name, *self.independent)
