"""What the tasks learn from: traces in bins of .5 s, and responses to presentations of a stimulus.

A presentation begins where a condition changes to a level other than 0, which is nothing; the response to it is the
mean trace of each neuron over the 4 s that follow. What begins with a series, or has not 4 s left in it, is left out.
"""

import dataclasses

import numpy as np

from calciumgan_tf.dataset.conditions import levels_of

BIN, RESPONSE = 0.5, 4.0  # s


@dataclasses.dataclass(frozen=True)
class Series:
    """Consecutive frames.

    Attributes:
      traces: float32 (frame, neuron), dF/F.
      levels: float32 (frame,), of the condition that is decoded; None where it is not known.
    """

    traces: np.ndarray
    levels: np.ndarray | None = None


def blocks_of(recording, blocks) -> list:
    """The series of some blocks, (first, after last) frames, of a recording."""
    name = condition_with_levels(recording)
    levels = None if name is None else recording.conditions[:, recording.condition_names.index(name)]
    return [Series(recording.traces[a:b], None if levels is None else levels[a:b]) for a, b in blocks]


def windows_of(traces, conditions, names, condition) -> list:
    """The series of windows.

    Args:
      traces: (window, frame, neuron), dF/F.
      conditions: (window, frame, condition), or None.
      names: of the conditions.
      condition: name of the one that is decoded; None, or one that is not among them, for none.
    """
    if conditions is None or condition not in names:
        return [Series(window) for window in traces]
    return [Series(window, levels) for window, levels in zip(traces, conditions[..., names.index(condition)])]


def frames(series) -> int:
    """Number of frames of several series."""
    return sum(len(one.traces) for one in series)


def condition_with_levels(recording) -> str | None:
    """The first condition of a recording that is categorical and changes; None without one."""
    for name, values in zip(recording.condition_names, () if recording.conditions is None else recording.conditions.T):
        if levels_of(values) and values.min() != values.max():
            return name
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


def responses(series, frame_rate):
    """Responses to presentations.

    Args:
      series: several Series with levels.
      frame_rate: Hz.

    Returns:
      float64 (presentation, neuron), dF/F; int (presentation,), its level; int (presentation,), its first frame,
      counted on from one series to the next.
    """
    length = max(1, round(RESPONSE * frame_rate))
    rows, levels, starts = [np.zeros((0, series[0].traces.shape[1]))], [], []
    for one, before in zip(series, _before(series)):
        values = one.levels
        onsets = 1 + np.flatnonzero((values[1:] != values[:-1]) & (values[1:] != 0))
        onsets = onsets[onsets + length <= len(values)]
        rows += [one.traces[start : start + length].mean(axis=0, dtype=np.float64)[None] for start in onsets]
        levels += values[onsets].astype(int).tolist()
        starts += (before + onsets).tolist()
    return np.concatenate(rows), np.array(levels, int), np.array(starts, int)


def _before(series):
    """How many frames come before each of several series."""
    return np.cumsum([0, *(len(one.traces) for one in series)])[:-1]
