"""Presentations of a stimulus: where they begin, how long a response is looked at, and what the neurons do there.

A presentation begins where a categorical condition changes to a level, and ends where it changes again. The response to
it is looked at from its onset to the later of its end and 3 s, not beyond the next onset, and not longer than half a
window, so that enough of the presentations in windows are seen whole; the others are left out. Recorded and generated
stretches around an onset have the same number of frames, and their spikes are inferred from these frames alone.
"""

import dataclasses

import numpy as np

from calciumgan_tf.dataset.windows import evenly
from calciumgan_tf.evaluation.conditions.observations import Observations
from calciumgan_tf.spikes import deconvolution

BEFORE_SECONDS, AFTER_SECONDS = 1.0, 3.0


@dataclasses.dataclass(frozen=True)
class Timing:
    """Frames around an onset.

    Attributes:
      before: frames that are shown before the onset.
      after: frames that are shown from the onset on, and the least that a response lasts.
      longest: frames of the longest response.
    """

    before: int
    after: int
    longest: int

    @property
    def frames(self) -> int:
        """Of a stretch."""
        return self.before + max(self.after, self.longest)

    @classmethod
    def fit(cls, series, levels, frame_rate, window_frames) -> "Timing":
        """The timing for the presentations of a recording.

        Args:
          series: Series of the recording.
          levels: values of the levels.
          frame_rate: Hz.
          window_frames: frames of the model's windows.
        """
        half = max(1, window_frames // 2)
        before = int(np.clip(round(BEFORE_SECONDS * frame_rate), 1, max(1, half // 2)))
        after = int(np.clip(round(AFTER_SECONDS * frame_rate), 1, half))
        columns = (series.condition(*edges) for edges in series.edges)
        lengths = np.concatenate([_onsets(column, levels, after, half)[1] for column in columns])
        return cls(before, after, int(lengths.max(initial=1)))


@dataclasses.dataclass(frozen=True)
class Found:
    """Presentations that are seen.

    Attributes:
      onsets: int (presentation,), first frame.
      levels: int (presentation,), which level.
      responses: int (presentation,), frames of the response.
    """

    onsets: np.ndarray
    levels: np.ndarray
    responses: np.ndarray

    def only(self, levels) -> "Found":
        """Those of some levels (level,), ascending, which are then numbered from 0 on."""
        chosen = np.isin(self.levels, levels)
        return Found(self.onsets[chosen], np.searchsorted(levels, self.levels[chosen]), self.responses[chosen])

    def most(self, number) -> "Found":
        """At most so many of each level (level,), evenly spaced."""
        of_levels = [np.flatnonzero(self.levels == level) for level in range(len(number))]
        kept = [own[evenly(len(own), int(most))] if len(own) else own for own, most in zip(of_levels, number)]
        chosen = np.sort(np.concatenate([np.zeros(0, int), *kept]))
        return Found(self.onsets[chosen], self.levels[chosen], self.responses[chosen])


def find(series, levels, timing: Timing) -> Found:
    """The presentations of which the stretch is seen whole.

    Args:
      series: Series.
      levels: values of the levels.
      timing: Timing.
    """
    found = []
    for start, stop in series.edges:
        column = series.condition(start, stop)
        onsets, lengths = _onsets(column, levels, timing.after, timing.longest)
        seen = (onsets >= timing.before) & (onsets - timing.before + timing.frames <= len(column))
        which = np.searchsorted(levels, column[onsets])
        found.append(np.stack([onsets + start, which, lengths], axis=1)[seen])
    together = np.concatenate(found).astype(int) if found else np.zeros((0, 3), int)
    return Found(*together.T)


def _onsets(column, levels, least, longest):
    """Onsets in a piece, whose first frame is none, and frames of the responses, two arrays int (presentation,)."""
    changes = np.flatnonzero(np.diff(column)) + 1
    onsets = changes[np.isin(column[changes], levels)]
    ends = np.append(changes, len(column))[np.searchsorted(changes, onsets) + 1]
    following = np.append(onsets, len(column))[1:]
    return onsets, np.minimum(np.minimum(np.maximum(ends - onsets, least), following - onsets), longest)


def observe(series, found: Found, levels, timing: Timing, settings, frame_rate) -> Observations:
    """Responses to presentations.

    Args:
      series: Series that they were found in.
      found: Found.
      levels: values of the levels.
      timing: Timing.
      settings: of the deconvolution.
      frame_rate: Hz.
    """
    traces = series.stretches(found.onsets - timing.before, timing.frames)
    spikes = deconvolution.infer_spikes(traces, settings).spikes
    frame = np.arange(timing.frames) - timing.before
    responding = (frame >= 0) & (frame < found.responses[:, None])
    shares = (responding / found.responses[:, None]).astype(np.float32)[:, None]  # (presentation, 1, frame)
    return Observations(
        levels=found.levels,
        count=len(levels),
        values=np.asarray(levels, np.float64)[found.levels],
        rates=(shares @ spikes.astype(np.float32))[:, 0] * np.float32(frame_rate),
        means=(shares @ traces)[:, 0],
        traces=traces[:, : timing.before + timing.after],
        groups=np.arange(len(found.levels)),
        starts=found.onsets - timing.before,
        frames=timing.frames,
    )
