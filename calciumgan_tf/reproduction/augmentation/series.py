"""What the tasks learn from: traces in bins of .5 s, and responses to presentations of a stimulus.

A presentation begins where the column of a condition changes to a level other than 0, which is nothing; the response to
it is the mean trace of each neuron over the 4 s that follow. What begins with a series, or has not 4 s left in it, is
left out. A condition has levels, and not a continuous course, if its values are at most 32 different whole numbers.
"""

import dataclasses

import numpy as np

BIN, RESPONSE = 0.5, 4.0  # s
MOST_LEVELS = 32


@dataclasses.dataclass(frozen=True)
class Series:
    """Consecutive frames.

    Attributes:
      traces: float32 (frame, neuron), dF/F.
      conditions: float32 (frame, condition), or None where they are not known.
    """

    traces: np.ndarray
    conditions: np.ndarray | None = None


def blocks_of(recording, blocks) -> list:
    """The series of some blocks, (first, after last) frames, of a recording."""
    conditions = recording.conditions
    return [
        Series(recording.traces[start:stop], None if conditions is None else conditions[start:stop])
        for start, stop in blocks
    ]


def frames(series) -> int:
    """Number of frames of several series."""
    return sum(len(one.traces) for one in series)


def condition_with_levels(recording) -> int | None:
    """Number of the first condition of a recording that has levels; None without one."""
    if recording.conditions is None:
        return None
    for number, values in enumerate(recording.conditions.T):
        found = np.unique(values)
        if len(found) <= MOST_LEVELS and not (found % 1).any():
            return number
    return None


def binned(series, frame_rate):
    """Mean traces in bins of .5 s, or of a frame if that is longer; an incomplete last bin of a series is left out.

    Args:
      series: several Series.
      frame_rate: Hz.

    Returns:
      float64 (bin, neuron), dF/F, and int (bin,), first frame of each bin, counted on from one series to the next.
    """
    size = max(1, round(BIN * frame_rate))
    rows, starts = [], []
    for one, before in zip(series, _before(series)):
        bins = len(one.traces) // size
        rows.append(one.traces[: bins * size].reshape(bins, size, -1).mean(axis=1, dtype=np.float64))
        starts.append(before + size * np.arange(bins))
    return np.concatenate(rows), np.concatenate(starts)


def responses(series, condition, frame_rate):
    """Responses to the presentations of a condition.

    Args:
      series: several Series with conditions.
      condition: number of the condition.
      frame_rate: Hz.

    Returns:
      float64 (presentation, neuron), dF/F; int (presentation,), its level; int (presentation,), its first frame,
      counted on from one series to the next.
    """
    length = max(1, round(RESPONSE * frame_rate))
    rows, levels, starts = [np.zeros((0, series[0].traces.shape[1]))], [], []
    for one, before in zip(series, _before(series)):
        values = one.conditions[:, condition]
        onsets = 1 + np.flatnonzero((values[1:] != values[:-1]) & (values[1:] != 0))
        onsets = onsets[onsets + length <= len(values)]
        rows += [one.traces[start : start + length].mean(axis=0, dtype=np.float64)[None] for start in onsets]
        levels += values[onsets].astype(int).tolist()
        starts += (before + onsets).tolist()
    return np.concatenate(rows), np.array(levels, int), np.array(starts, int)


def _before(series):
    """How many frames come before each of several series."""
    return np.cumsum([0, *(len(one.traces) for one in series)])[:-1]
