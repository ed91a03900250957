"""What the dynamics metrics need to know of a set of windows, computed once: sums over the frames of each window.

Every field has windows first and neurons last and knows nothing of other neurons, so that choosing windows (a
bootstrap) and shuffling neurons apart are the same few lines for all of them.
"""

import dataclasses
import functools

import numpy as np
from scipy import signal

from calciumgan_tf.evaluation.summary import BIN_SECONDS
from calciumgan_tf.spikes import statistics

CHUNK_VALUES = 4_000_000  # trace values worked on at a time
LAGS = 12  # of the autocorrelations, evenly spaced
LONGEST_LAG = 2.0  # s
SEGMENT = 256  # frames of a segment of Welch's method, at most
BEFORE, DECAYS = 0.5, 2.0  # an event's surroundings: s before it, decay times after it


@dataclasses.dataclass(frozen=True)
class Grid:
    """Lags and frequencies, the same for all sets that are compared.

    Attributes:
      frame_rate: Hz.
      tau: decay time of the indicator, s.
      origin: (neuron,), dF/F, subtracted from traces before anything is summed, against rounding.
      frames: of a window.
    """

    frame_rate: float
    tau: float
    origin: np.ndarray
    frames: int

    @functools.cached_property
    def lags(self):
        """Of the autocorrelations, frames, int (lag,)."""
        longest = int(np.clip(round(LONGEST_LAG * self.frame_rate), 1, self.frames // 2))
        return np.unique(np.linspace(1, longest, min(LAGS, longest)).round().astype(int))

    @functools.cached_property
    def frequencies(self):
        """Of the power spectrum, Hz, without the constant one and the last, (frequency,)."""
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
        return max(2, min(round(DECAYS * self.tau * self.frame_rate), self.frames // 2))

    @property
    def bin_frames(self):
        """Frames of a bin of half a second."""
        return statistics.bin_frames(self.frame_rate, BIN_SECONDS, self.frames // 4)


@dataclasses.dataclass(frozen=True)
class Dynamics:
    """Sums over frames; all fields are arrays (window, something, neuron).

    Attributes:
      moments: means of x, x^2 and x^3 over the frames of a window, x = trace - origin.
      steps: means of d^2 and d^3, d the difference of consecutive frames.
      products: mean of x(t) x(t + lag), for each lag.
      spikes: mean of s(t), then of s(t) s(t + lag), for each lag.
      spectrum: power of Welch's method, (dF/F)^2 / Hz.
      binned: mean trace of each half-second bin.
      counts: spikes of each half-second bin.
      triggered: sum of the traces around lonely events (no other before them or after them as far as it goes).
      lonely: how many of these, (window, 1, neuron).
      sizes: number of events, sum and sum of squares of the step to their frame, dF/F.
    """

    moments: np.ndarray
    steps: np.ndarray
    products: np.ndarray
    spikes: np.ndarray
    spectrum: np.ndarray
    binned: np.ndarray
    counts: np.ndarray
    triggered: np.ndarray
    lonely: np.ndarray
    sizes: np.ndarray

    @property
    def windows(self):
        """How many."""
        return len(self.moments)

    def take(self, windows) -> "Dynamics":
        """These windows, which may repeat."""
        return Dynamics(**{name: field[windows] for name, field in vars(self).items()})

    def shuffled(self, order) -> "Dynamics":
        """Neurons from different windows: neuron j of window i from window `order[i, j]`."""
        return Dynamics(
            **{name: np.take_along_axis(field, order[:, None], axis=0) for name, field in vars(self).items()}
        )


def describe(windows, spikes, grid: Grid) -> Dynamics:
    """The Dynamics of a set of windows, a few of them as traces at a time.

    Args:
      windows: (window, frame, neuron), dF/F, anything that can be sliced along windows.
      spikes: (window, frame, neuron), 0 or 1.
      grid: Grid.
    """
    count, frames, neurons = windows.shape
    chunk = max(1, CHUNK_VALUES // (frames * neurons))
    parts = [
        _describe(np.asarray(windows[start : start + chunk], np.float32), spikes[start : start + chunk], grid)
        for start in range(0, count, chunk)
    ]
    return Dynamics(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


def _describe(traces, spikes, grid):
    x = traces - grid.origin.astype(np.float32)
    d = np.diff(x, axis=1)
    active = spikes.astype(np.float32)
    size = grid.bin_frames
    bins = x.shape[1] // size
    binned = x[:, : bins * size].reshape(len(x), bins, size, -1).mean(axis=2)
    spectrum = signal.welch(x, grid.frame_rate, nperseg=grid.segment, axis=1)[1][:, 1:-1]
    triggered, lonely = _around_lonely_events(x, spikes, grid)
    at_event = d * active[:, 1:]
    return Dynamics(
        moments=np.stack([(x**power).mean(axis=1) for power in (1, 2, 3)], axis=1),
        steps=np.stack([(d**power).mean(axis=1) for power in (2, 3)], axis=1),
        products=np.stack([(x[:, lag:] * x[:, :-lag]).mean(axis=1) for lag in grid.lags], axis=1),
        spikes=np.stack(
            [active.mean(axis=1), *((active[:, lag:] * active[:, :-lag]).mean(axis=1) for lag in grid.lags)], axis=1
        ),
        spectrum=spectrum.astype(np.float32),
        binned=binned,
        counts=statistics.spike_counts(spikes, size),
        triggered=triggered,
        lonely=lonely,
        sizes=np.stack([active[:, 1:].sum(axis=1), at_event.sum(axis=1), (at_event**2).sum(axis=1)], axis=1),
    )


def _around_lonely_events(x, spikes, grid):
    """Sum of the surroundings of lonely events, (window, before + after, neuron), and how many there are."""
    before, after = grid.before, grid.after
    windows, frames, neurons = x.shape
    total = np.zeros((windows, before + after, neurons), np.float32)
    number = np.zeros((windows, 1, neurons), np.float32)
    window, neuron, frame = np.nonzero(np.swapaxes(spikes, 1, 2))
    train = window * neurons + neuron
    gap = np.where(np.diff(train) == 0, np.diff(frame), frames)
    earlier, later = np.append(frames, gap), np.append(gap, frames)  # to the event before, and the next
    inside = (frame >= before) & (frame + after <= frames) & (earlier > before) & (later >= after)
    window, neuron, frame = window[inside], neuron[inside], frame[inside]
    np.add.at(number, (window, 0, neuron), 1)
    for place in range(before + after):
        np.add.at(total, (window, place, neuron), x[window, frame - before + place, neuron])
    return total, number
