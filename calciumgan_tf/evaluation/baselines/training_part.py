"""The training part of a recording, from which all baselines are made."""

import dataclasses
import itertools

import numpy as np

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes.deconvolution import Settings


@dataclasses.dataclass(frozen=True)
class TrainingPart:
    """What a baseline may use, and how many windows it makes.

    Attributes:
      recording: Recording; baselines use the frames of `split.training` alone.
      split: Split of it, with the length of a window.
      settings: of the deconvolution, fitted to the training part.
      count: windows to make.
      seed: of all random numbers, whole.
    """

    recording: Recording
    split: Split
    settings: Settings
    count: int
    seed: int

    def windows(self) -> RecordedWindows:
        """Evenly spaced windows of the training part, as many as are made."""
        return RecordedWindows(self.recording.traces, self.split, self.split.training, self.count)

    def stretches(self) -> list:
        """The training part as (first, after last) frames of continuous activity: blocks, or trials within blocks."""
        trial = self.split.trial_frames
        if not trial:
            return list(self.split.training)
        result = []
        for start, stop in self.split.training:
            edges = np.unique([start, *range(start + -start % trial, stop, trial), stop]).tolist()
            result += itertools.pairwise(edges)
        return result
