"""Lags, frequencies and bins that all compared sets of windows share."""

import dataclasses
import functools

import numpy as np

from calciumgan_tf.evaluation.summary import BIN_SECONDS
from calciumgan_tf.spikes import statistics

LAGS = 12  # of the autocorrelations, evenly spaced
LONGEST_LAG = 2.0  # s
SEGMENT = 256  # frames of a segment of Welch's method, at most
BEFORE, DECAYS = 0.5, 2.0  # an event's surroundings: s before it, decay times after it


@dataclasses.dataclass(frozen=True)
class Grid:
    """Lags and frequencies, the same for all sets that are compared.

    Attributes:
      frame_rate: Hz.
      tau_decay: decay time of the indicator, s.
      origin: (neuron,), dF/F, subtracted from traces before anything is summed, against rounding.
      frames: of a window.
    """

    frame_rate: float
    tau_decay: float
    origin: np.ndarray
    frames: int

    @functools.cached_property
    def lags(self):
        """Lags of the autocorrelations, frames, int (lag,)."""
        longest = int(np.clip(round(LONGEST_LAG * self.frame_rate), 1, self.frames // 2))
        return np.unique(np.linspace(1, longest, min(LAGS, longest)).round().astype(int))

    @functools.cached_property
    def frequencies(self):
        """Frequencies of the power spectrum, Hz, without zero and the highest, (frequency,)."""
        return np.fft.rfftfreq(self.segment, 1 / self.frame_rate)[1:-1]

    @property
    def segment(self):
        """Frames of a segment of Welch's method."""
        return min(SEGMENT, self.frames)

    @property
    def before(self):
        """Frames of an event's surroundings before it."""
        return max(1, min(round(BEFORE * self.frame_rate), self.frames // 8))

    @property
    def after(self):
        """Frames of an event's surroundings after it."""
        return max(2, min(round(DECAYS * self.tau_decay * self.frame_rate), self.frames // 2))

    @property
    def bin_frames(self):
        """Frames of a bin of half a second."""
        return statistics.bin_frames(self.frame_rate, BIN_SECONDS, self.frames // 4)
