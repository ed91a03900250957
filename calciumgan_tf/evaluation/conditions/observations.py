"""Responses of a population to the levels of a condition: what all statistics of conditions are made of.

An observation is a presentation of a stimulus, or a bin of time of a continuous condition. Which observations belong to
a part of a recording, and how often each is drawn, are weights; nothing is copied.
"""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass(frozen=True)
class Observations:
    """Responses of all neurons in single presentations or bins.

    Attributes:
      levels: int (observation,), which level of the condition, from 0 on.
      count: number of levels.
      values: float64 (observation,), the condition itself.
      rates: float32 (observation, neuron), rate of inferred spikes, Hz.
      means: float32 (observation, neuron), mean dF/F.
      traces: float32 (observation, frame, neuron), dF/F around the onset; None of bins.
      groups: int (observation,), which are drawn together: each presentation alone, all bins of a stretch together.
      starts: int (observation,), first frame that is looked at.
      frames: how many frames from there on.
    """

    levels: np.ndarray
    count: int
    values: np.ndarray
    rates: np.ndarray
    means: np.ndarray
    traces: np.ndarray | None
    groups: np.ndarray
    starts: np.ndarray
    frames: int

    @property
    def strata(self) -> np.ndarray:
        """Of which as many are drawn as there were: the levels of presentations; bins have one, int (observation,)."""
        return self.levels if self.traces is not None else np.zeros_like(self.levels)

    def inside(self, blocks) -> np.ndarray:
        """Which observations lie within (first, after last) frames, float64 (observation,) of 0 and 1."""
        found = [(self.starts >= start) & (self.starts + self.frames <= stop) for start, stop in blocks]
        return np.any(found, axis=0).astype(np.float64)

    def numbers(self, weights=None) -> np.ndarray:
        """How many observations there are of each level, float64 (level,)."""
        return np.bincount(self.levels, weights, self.count).astype(np.float64)


@dataclasses.dataclass(frozen=True)
class Sample:
    """Some of the observations.

    Attributes:
      observations: Observations.
      weights: how often each occurs, float64 (observation,).
      centre: weights of the observations from whose means deviations are taken, (observation,); None for those of the
        sample itself.
    """

    observations: Observations
    weights: np.ndarray
    centre: np.ndarray | None = None


def level_means(values, observations: Observations, weights) -> np.ndarray:
    """Mean over the observations of each level.

    Args:
      values: (observation, ...).
      observations: Observations.
      weights: (observation,).

    Returns:
      float64 (level, ...), NaN where a level has no observation.
    """
    used = np.flatnonzero(weights)
    shares = np.zeros((observations.count, len(used)))
    shares[observations.levels[used], np.arange(len(used))] = weights[used]
    number = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, number, out=np.full_like(shares, np.nan), where=number > 0)
    flat = np.asarray(values[used], np.float64).reshape(len(used), math.prod(values.shape[1:]))
    means = shares @ flat if len(used) else np.full((observations.count, flat.shape[1]), np.nan)
    return means.reshape(observations.count, *values.shape[1:])


def root_mean_square(first, second) -> float:
    """Root of the mean squared difference of two arrays of one shape, over what is defined in both; else NaN."""
    squares = (first - second) ** 2
    defined = np.isfinite(squares)
    return float(np.sqrt(squares[defined].mean())) if defined.any() else float("nan")
