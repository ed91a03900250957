"""Conditions that generated windows or a session follow: those of the recording, or those of a file.

A session's frame t follows row t of the series, and window i the rows of its frames if windows are put one after the
other. The series starts again at its end. Where the recording has trials or joins, windows are put one after the other
within them.
"""

import pathlib
import typing

import numpy as np

from calciumgan_tf.dataset.conditions import Coding, pieces
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import conditions

RECORDED = "recorded"


class Followed:
    """A series of conditions without an end.

    Attributes:
      names: of the conditions.
      values: float32 (frame, condition), the series before it is repeated.
    """

    def __init__(self, coding: Coding, values, edges=None):
        """Prepares the codes.

        Args:
          coding: of the model.
          values: (frame, condition), those that the model is given.
          edges: (first, after last) frames of the pieces that windows are within; None for all of a continuous series.
        """
        self._coding, self.names, self.values = coding, coding.names, np.asarray(values, np.float32)
        self._coded, self._edges = coding.coded(self.values), edges

    @classmethod
    def of(cls, data, source: typing.Any = RECORDED) -> "Followed | None":
        """The series that a model of some TrainingData follows; None for a model without conditions.

        Args:
          data: TrainingData.
          source: RECORDED, the path of a file with a column for each condition, or such an array.

        Raises:
          InputError: a file that is missing, damaged or lacks a condition, or a level that the model was not given.
        """
        recorded = isinstance(source, str) and source == RECORDED
        if data.coding is None:
            if not recorded:
                raise InputError(
                    "--conditions, but the model was trained without conditions",
                    "leave it out, or train with --condition",
                )
            return None
        if recorded:
            edges = pieces(data.recording)
            return cls(data.coding, data.coding.recorded(data.recording), edges if len(edges) > 1 else None)
        if isinstance(source, (str, pathlib.Path)):
            values, names = conditions.read(source)
            return cls(data.coding, _checked(data.coding, values, names, f"--conditions={source}"))
        return cls(data.coding, _checked(data.coding, np.asarray(source, np.float32), (), "the array of conditions"))

    @classmethod
    def within(cls, data, blocks) -> "Followed | None":
        """The recorded conditions of some blocks of a recording; None for a model without conditions."""
        return None if data.coding is None else cls(data.coding, data.coding.recorded(data.recording), blocks)

    def windows(self, first: int, count: int, frames: int, before: int = 0):
        """What consecutive windows follow, and what their generator is given.

        Args:
          first: number of the first window.
          count, frames: how many windows of how many frames.
          before: frames before each window that are given as well; what lies before its piece is 0.

        Returns:
          conditions float32 (window, frame, condition), and codes float32 (window, before + frame, channel).
        """
        numbers = np.arange(first, first + count)
        starts, begin = frames * numbers, np.zeros(count, int)
        if self._edges:
            whole = [(at, start) for start, stop in self._edges for at in range(start, stop - frames + 1, frames)]
            starts, begin = np.array(whole)[numbers % len(whole)].T
        return self._rows(starts, begin, frames, before)

    def stretch(self, first: int, frames: int, before: int = 0):
        """What frames of a session follow, from frame `first` on; the result as of `windows`, of a single window."""
        return self._rows(np.array([first]), np.zeros(1, int), frames, before)

    def _rows(self, starts, begin, frames, before):
        numbers = starts[:, None] + np.arange(-before, frames)
        given = np.where((numbers < begin[:, None])[..., None], np.float32(0), self._coded[numbers % len(self._coded)])
        return self.values[numbers[:, before:] % len(self.values)], given


def _checked(coding, values, names, source):
    """The columns of what was given that the model is given, in its order."""
    if names and (missing := sorted(set(coding.names) - set(names))):
        raise InputError(f"{source} has no column {missing[0]}", f"the model follows {','.join(coding.names)}")
    if names:
        values = values[:, [names.index(name) for name in coding.names]]
    if values.ndim != 2 or values.shape[1] != len(coding.names) or not len(values):
        remedy = f"give a row for each frame and a column for each of {','.join(coding.names)}"
        raise InputError(f"{source} has the shape {values.shape}", remedy)
    if not np.isfinite(values).all():
        raise InputError(f"{source} has NaN or Inf", "give a number for each frame")
    coding.check(values, source)
    return values
