"""What lasts longer than a window: a session against the recording.

The session is cut into pieces as long as the recording, so that both sides have the same error of a short series. The
p value is that of a t test of whether the recording is one more such piece.
"""

import dataclasses

import numpy as np
from scipy import signal, stats

FEWEST_PIECES = 4
LAGS = (1, 2, 4, 8)  # windows
BINS_OF_A_WINDOW = 8
DRIFT_SECONDS = 60.0
ACTIVE = 1.0  # SD of the population's mean above its mean, from which on the population is called active
LEVEL = 0.05


@dataclasses.dataclass(frozen=True)
class Slow:
    """A statistic of slow activity.

    Attributes:
      name, unit, definition: for tables.
      recorded: value of the recording.
      pieces: values of the pieces of the session, (piece,).
    """

    name: str
    unit: str
    definition: str
    recorded: float
    pieces: np.ndarray

    @property
    def p(self) -> float | None:
        """Of the recording being one more piece; None with too few pieces, or where a value is undefined."""
        if len(self.pieces) < FEWEST_PIECES or not np.isfinite([self.recorded, *self.pieces]).all():
            return None
        error = self.pieces.std(ddof=1) * np.sqrt(1 + 1 / len(self.pieces))
        if not error:
            return float(self.recorded == self.pieces[0])
        return float(2 * stats.t.sf(abs(self.recorded - self.pieces.mean()) / error, len(self.pieces) - 1))

    @property
    def verdict(self) -> str:
        """'alike', 'differs', or 'can't be told'."""
        if self.p is None:
            return "can't be told"
        return "differs" if self.p < LEVEL else "alike"


def compare(recorded, session, window_frames, frame_rate) -> list[Slow]:
    """Slow statistics of a recording and of a session.

    Args:
      recorded: (frame, neuron), dF/F, without joins.
      session: (frame, neuron), dF/F, sliceable.
      window_frames: frames of the windows that the model was trained on.
      frame_rate: Hz.
    """
    length = len(recorded)
    starts = range(0, session.shape[0] - length + 1, length)
    sides = [recorded, *(session[start : start + length] for start in starts)]
    found = [_statistics(np.asarray(side, np.float64), window_frames, frame_rate) for side in sides]
    return [
        Slow(name, unit, definition, found[0][name], np.array([piece[name] for piece in found[1:]]))
        for name, (unit, definition) in _about(window_frames / frame_rate).items()
    ]


def autocorrelation(traces, window_frames, lags):
    """Autocorrelation of binned traces at lags in bins, averaged over neurons.

    Args:
      traces: (frame, neuron).
      window_frames: of which a bin is an eighth.
      lags: whole numbers of bins.

    Returns:
      float64 (lag,), NaN beyond half the series.
    """
    binned = _binned(traces, window_frames)
    binned = binned - binned.mean(axis=0)
    variance = (binned**2).mean(axis=0)
    return np.array(
        [
            (binned[lag:] * binned[: len(binned) - lag]).mean(axis=0).dot(1 / variance) / binned.shape[1]
            if lag <= len(binned) // 2
            else np.nan
            for lag in lags
        ]
    )


def _about(seconds):
    """{name: (unit, definition)} of every statistic, for windows of so many seconds."""
    found = {
        f"autocorrelation_{lag}": ("1", f"Autocorrelation of traces at {lag * seconds:.3g} s, mean over neurons.")
        for lag in LAGS
    }
    return found | {
        "slow_power": ("share", f"Share of the traces' variance at periods above {seconds:.3g} s, mean over neurons."),
        "drift": ("SD", f"SD of the means of {DRIFT_SECONDS:g} s, in SDs of the trace, mean over neurons."),
        "active_duration": ("s", f"Mean time for which the population's mean stays {ACTIVE:g} SD above its mean."),
        "active_longest": ("s", "Ninth decile of these times."),
    }


def _statistics(traces, window_frames, frame_rate):
    found = dict(
        zip(
            (f"autocorrelation_{lag}" for lag in LAGS),
            autocorrelation(traces, window_frames, [lag * BINS_OF_A_WINDOW for lag in LAGS]),
        )
    )
    frequencies, power = signal.periodogram(traces, frame_rate, axis=0)
    slow = (frequencies > 0) & (frequencies < frame_rate / window_frames)
    found["slow_power"] = float((power[slow].sum(axis=0) / power.sum(axis=0)).mean())
    size = max(1, round(DRIFT_SECONDS * frame_rate))
    means = traces[: len(traces) // size * size].reshape(-1, size, traces.shape[1]).mean(axis=1)
    found["drift"] = float((means.std(axis=0) / traces.std(axis=0)).mean()) if len(means) > 1 else np.nan
    binned = _binned((traces - traces.mean(axis=0)) / traces.std(axis=0), window_frames).mean(axis=1)
    active = binned > binned.mean() + ACTIVE * binned.std()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], active.astype(int), [0]])))
    durations = (edges[1::2] - edges[::2]) * (window_frames / BINS_OF_A_WINDOW / frame_rate)
    found["active_duration"] = float(durations.mean()) if len(durations) else np.nan
    found["active_longest"] = float(np.quantile(durations, 0.9)) if len(durations) else np.nan
    return found


def _binned(traces, window_frames):
    """Means of an eighth of a window, (bin, neuron)."""
    size = max(1, window_frames // BINS_OF_A_WINDOW)
    return traces[: len(traces) // size * size].reshape(-1, size, traces.shape[1]).mean(axis=1)
