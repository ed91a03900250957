"""Traces with one condition beside them, as continuous pieces: of a recording, of windows or of a session."""

import dataclasses
import typing

import numpy as np

from calciumgan_tf.dataset.conditions import pieces


@dataclasses.dataclass(frozen=True)
class Series:
    """Traces and one condition.

    Attributes:
      traces: dF/F, (frame, neuron) or (window, frame, neuron), sliceable.
      column: the condition, float32 (frame,) or (window, frame).
      edges: (first, after last) frames of continuous pieces; windows are counted through, as if joined.
    """

    traces: typing.Any
    column: np.ndarray
    edges: list

    def condition(self, start, stop) -> np.ndarray:
        """The condition of frames within a piece, (frame,)."""
        return self.column.reshape(-1)[start:stop]

    def stretches(self, starts, frames) -> np.ndarray:
        """Traces of stretches within pieces, float32 (stretch, frame, neuron).

        Args:
          starts: first frames, (stretch,).
          frames: of each.
        """
        found = np.empty((len(starts), frames, self.traces.shape[-1]), np.float32)
        for number, start in enumerate(starts):
            if len(self.traces.shape) == 2:
                found[number] = self.traces[start : start + frames]
                continue
            window, first = divmod(int(start), self.traces.shape[1])
            found[number] = self.traces[window : window + 1][0, first : first + frames]
        return found

    def consecutive(self, frames) -> np.ndarray:
        """First frames of stretches that follow each other within pieces, int (stretch,)."""
        inside = [np.arange(start, stop - frames + 1, frames) for start, stop in self.edges]
        return np.concatenate(inside).astype(int) if inside else np.zeros(0, int)


def of_recording(recording, name) -> Series:
    """A recording and one of its conditions; joins and the borders of trials divide it."""
    column = recording.conditions[:, recording.condition_names.index(name)]
    return Series(recording.traces, column, pieces(recording))


def of_samples(samples, name) -> Series:
    """Windows or a session, and one of the conditions that they were drawn with."""
    column = np.asarray(samples.conditions[:][..., samples.condition_names.index(name)])
    count, frames = (1, column.shape[0]) if samples.session else column.shape
    return Series(samples.traces, column, [(one * frames, (one + 1) * frames) for one in range(count)])
