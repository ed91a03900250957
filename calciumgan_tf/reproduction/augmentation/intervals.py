"""Means over seeds with 95 % intervals that hold for other seeds and other held-out pieces, and what they say.

Both sources of error are independent, so their variances add up: that over seeds over their number, and that of the
bootstrap over pieces, times pieces / (pieces - 1), since a resample varies so much less. Degrees of freedom follow from
those of the parts (Satterthwaite 1946, Biometrics Bulletin 2(6), 110). With a single seed, its error is unknown and
left out.
"""

import dataclasses

import numpy as np
from scipy import stats

HELP, NO_DIFFERENCE, HARM, UNKNOWN = "help", "no difference", "harm", "undetermined"


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A score or a difference of scores. Attributes: value; ends of its interval, None where they are unknown."""

    value: float
    low: float | None
    high: float | None

    def verdict(self, higher_is_better: bool) -> str:
        """What a difference to the recorded part alone says: one of the constants of this module."""
        if self.low is None or self.high is None:
            return UNKNOWN
        if self.low <= 0 <= self.high:
            return NO_DIFFERENCE
        return HELP if (self.low > 0) == higher_is_better else HARM


def estimate(values, pieces) -> Estimate:
    """The mean over seeds and its interval.

    Args:
      values: (seed, 1 + resample): of the whole held-out part, and of resamples of its pieces, the same for all seeds.
      pieces: how many the held-out part has.
    """
    values = np.asarray(values, np.float64)
    seeds, mean = len(values), float(values[:, 0].mean())
    if pieces < 2:
        return Estimate(mean, None, None)
    resampled = values[:, 1:].mean(axis=0)
    of_pieces = np.var(resampled[np.isfinite(resampled)], ddof=1) * pieces / (pieces - 1)
    of_seeds = values[:, 0].var(ddof=1) / seeds if seeds > 1 else 0.0
    variance = of_pieces + of_seeds
    if variance == 0:
        return Estimate(mean, mean, mean)
    freedom = variance**2 / (of_pieces**2 / (pieces - 1) + of_seeds**2 / max(seeds - 1, 1))
    half = float(stats.t.ppf(0.975, freedom) * np.sqrt(variance))
    return Estimate(mean, mean - half, mean + half)
