"""All that the metrics need to know of a set of windows."""

import dataclasses
import functools
import typing

import numpy as np

from calciumgan_tf.evaluation import coverage, two_sample
from calciumgan_tf.evaluation.summary import Summary

POINTS = 1000  # windows of a set that are compared one by one with those of another, at most


@dataclasses.dataclass(frozen=True)
class WindowSet:
    """A set of windows.

    Attributes:
      summary: Summary of its spikes.
      dynamics: Dynamics of its traces; None where only spike statistics are computed.
      independent: indices of windows that share no frame with each other, int (window,); None without dynamics.
      recorded: whether the windows are cut from a recording, so that others than the independent ones may overlap.
    """

    summary: Summary
    dynamics: typing.Any = None  # Dynamics
    independent: typing.Any = None
    recorded: bool = False

    @functools.cached_property
    def points(self) -> dict:
        """two_sample.features of the independent windows."""
        return two_sample.features(self.dynamics.take(self.independent))

    @functools.cached_property
    def searched(self):
        """Indices of the windows among which repetitions are searched; overlapping windows are alike without being any.

        Returns:
          int (window,).
        """
        return self.independent if self.recorded else evenly(self.dynamics.windows, POINTS)

    @functools.cached_property
    def repeated(self):
        """Which of the searched windows occur more than once, bool (window,)."""
        features = two_sample.features(self.dynamics.take(self.searched))
        return coverage.repeated(two_sample.standardised(np.concatenate(list(features.values()), axis=1))[0])


def evenly(count, most):
    """Indices of up to `most` windows out of `count`, evenly spaced, int (window,)."""
    return np.linspace(0, count - 1, min(most, count)).astype(int)
