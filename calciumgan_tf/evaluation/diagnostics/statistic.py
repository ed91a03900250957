"""What a statistic of a set of windows is: sums over each window, and values that follow from sums of many windows.

Since only sums over windows are kept, a set is read once, a few windows at a time, and drawing windows again (a
bootstrap) is a change of weights.
"""

import dataclasses
import typing

import numpy as np

from calciumgan_tf.dataset.windows import evenly

MOST_NEURONS = 200  # of statistics of pairs; a larger population is represented by so many of its neurons


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
      name: key in tables and files.
      unit: of its value; '' for a pure number.
      question: what the row asks, a sentence.
      definition: how it is computed, in whole sentences.
      source: where it comes from.
      null: the fault, of nulls.NULLS, that the row has to detect, and in relation to which a difference is small.
      primary: whether it is one of the rows that were named before any model was looked at.
      events: whether it stands on inferred events, and therefore on the kernel of the deconvolution.
    """

    name: str
    unit: str
    question: str
    definition: str
    source: str
    null: str
    primary: bool = False
    events: bool = False

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclasses.dataclass(frozen=True)
class Context:
    """What statistics need to know of a recording.

    Attributes:
      frame_rate: Hz.
      training: float32 (window, frame, neuron), dF/F, windows of the training part that share no frame.
    """

    frame_rate: float
    training: np.ndarray

    @property
    def frames(self) -> int:
        """Frames of a window."""
        return self.training.shape[1]

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.training.shape[2]

    def chosen_neurons(self, most: int = MOST_NEURONS):
        """Indices of up to `most` neurons, evenly spaced, int (neuron,)."""
        return evenly(self.neurons, most)

    def bin_frames(self, seconds: float, fewest: int = 2) -> int:
        """Frames of a bin of so many seconds, at least 1, and so few that a window has `fewest` bins."""
        return int(np.clip(round(seconds * self.frame_rate), 1, max(1, self.frames // fewest)))


class Statistic(typing.Protocol):
    """A statistic, of one row or of several that share their sums; it is made from a Context."""

    rows: tuple[Row, ...]

    def sums(self, traces: np.ndarray, events: np.ndarray) -> np.ndarray:
        """Sums over the frames of each window.

        Args:
          traces: float32 (window, frame, neuron), dF/F.
          events: uint8 (window, frame, neuron), 1 where an event was inferred.

        Returns:
          float64 (window, sum).
        """

    def values(self, means: np.ndarray) -> dict[str, np.ndarray]:
        """The statistic of whole sets.

        Args:
          means: float64 (resample, sum), the mean of `sums` over the windows of each resample.

        Returns:
          {row: float64 (resample, value)}, all finite.
        """


def binned(values, frames_a_bin):
    """Means over bins; frames after the last whole bin are left out: (window, frame, neuron) to (window, bin, neuron).

    float64.
    """
    windows, frames, neurons = values.shape
    bins = frames // frames_a_bin
    cut = values[:, : bins * frames_a_bin].reshape(windows, bins, frames_a_bin, neurons)
    return cut.mean(axis=2, dtype=np.float64)


def ratio(above, below, otherwise=0.0):
    """above / below, and `otherwise` where `below` is 0."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(below.shape, float(otherwise)), where=below > 0)
