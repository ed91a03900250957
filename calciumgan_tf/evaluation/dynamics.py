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
        return max(2, min(round(DECAYS * self.tau_decay * self.frame_rate), self.frames // 2))

    @property
    def bin_frames(self):
        """Frames of a bin of half a second."""
        return statistics.bin_frames(self.frame_rate, BIN_SECONDS, self.frames // 4)


@dataclasses.dataclass(frozen=True)
class Dynamics:
    """Sums over frames; all fields but the grid are arrays (window, something, neuron).

    Attributes:
      grid: Grid.
      independent: how many windows share no frame with each other; an event is in windows / independent of them.
      moments: means of x, x^2 and x^3 over the frames of a window, x = trace - origin.
      steps: means of d^2 and d^3, d the difference of consecutive frames.
      products: mean of x(t) x(t + lag), for each lag.
      spikes: mean of s(t), then of s(t) s(t + lag), for each lag.
      spectrum: power of Welch's method, (dF/F)^2 / Hz.
      binned: mean trace of each half-second bin.
      counts: spikes of each half-second bin.
      triggered: sum of the traces around lonely events: none in the half second before them, and none from half a
        second on after them as far as it goes, since a transient that rises slowly is several events to OASIS.
      lonely: how many of these, (window, 1, neuron).
      sizes: number of events, sum and sum of squares of the step to their frame, dF/F.
    """

    grid: Grid
    independent: int
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

    @property
    def events(self):
        """Spikes of each neuron in each window, (window, neuron)."""
        return self.sizes[:, 0]

    @functools.cached_property
    def together(self):
        """Spikes of the population in each half-second bin, float64 (window, bin)."""
        return self.counts.sum(axis=2, dtype=np.float64)

    @functools.cached_property
    def _count_moments(self):
        """Mean and mean square of the spikes in a bin, float64 (window, 2, neuron), and of `together`, (window, 2)."""
        own = np.stack([self.counts.mean(axis=1), np.einsum("wbn,wbn->wn", *[self.counts.astype(np.float64)] * 2)], 1)
        own[:, 1] /= self.counts.shape[1]
        return own, np.stack([self.together.mean(axis=1), (self.together**2).mean(axis=1)], 1)

    def _changed(self, change):
        """A function applied to each of the arrays."""
        return Dynamics(self.grid, self.independent, **{name: change(getattr(self, name)) for name in ARRAYS})

    def take(self, windows) -> "Dynamics":
        """These windows, int (window,)."""
        return self._changed(lambda field: field[windows])

    def shuffled(self, order) -> "Dynamics":
        """Neurons from different windows: neuron j of window i from window `order[i, j]`."""
        return self._changed(lambda field: np.take_along_axis(field, order[:, None], axis=0))

    def pooled(self, weights=None) -> "Pooled":
        """All windows together.

        Args:
          weights: how often each window counts, (window,); None for once.
        """
        weights = np.ones(self.windows) if weights is None else weights
        share = weights / weights.sum()
        means = {name: np.tensordot(share.astype(np.float32), getattr(self, name), 1) for name in AVERAGED}
        counts, together = (np.tensordot(share, one, 1) for one in self._count_moments)
        return Pooled(
            self.grid,
            self.independent,
            **{name: value.astype(np.float64) for name, value in means.items()},
            level=share @ self.binned.mean(axis=1),
            covariances=_covariances(self.binned, share),
            together=together,
            counts=counts,
        )


@dataclasses.dataclass(frozen=True)
class Pooled:
    """Means over the windows of a set; float64.

    Attributes:
      grid: Grid.
      independent: of Dynamics.
      moments, steps, products, spikes, spectrum, triggered, lonely, sizes: of Dynamics, without windows.
      level: (neuron,), mean of the binned traces.
      covariances: (lag, neuron, neuron), of neuron i with neuron j 0, 1 and 2 half-second bins later, binned traces.
      together: mean and mean square of the population's spikes in a half-second bin, (2,).
      counts: the same of each neuron's, (2, neuron).
    """

    grid: Grid
    independent: int
    moments: np.ndarray
    steps: np.ndarray
    products: np.ndarray
    spikes: np.ndarray
    spectrum: np.ndarray
    triggered: np.ndarray
    lonely: np.ndarray
    sizes: np.ndarray
    level: np.ndarray
    covariances: np.ndarray
    together: np.ndarray
    counts: np.ndarray


AVERAGED = ("moments", "steps", "products", "spikes", "spectrum", "triggered", "lonely", "sizes")
ARRAYS = (*AVERAGED, "binned", "counts")
LATER = 2  # half-second bins, the longest lag of the correlations between neurons


def _covariances(binned, share):
    """Covariance of neuron i with neuron j some bins later, over all windows, float64 (lag, i, j).

    Args:
      binned: (window, bin, neuron).
      share: weight of each window, sum 1.
    """
    used = share > 0
    bins, neurons = binned.shape[1:]
    centred = binned[used] - (share @ binned.mean(axis=1)).astype(np.float32)
    weighted = centred * share[used, None, None].astype(np.float32)

    def later(lag):
        first, second = (part.reshape(-1, neurons) for part in (weighted[:, : bins - lag], centred[:, lag:]))
        return (first.T @ second).astype(np.float64) / (bins - lag)

    return np.stack([later(lag) for lag in range(min(LATER + 1, bins))])


def describe(windows, spikes, grid: Grid, independent=None) -> Dynamics:
    """The Dynamics of a set of windows, a few of them as traces at a time.

    Args:
      windows: (window, frame, neuron), dF/F, anything that can be sliced along windows.
      spikes: (window, frame, neuron), 0 or 1.
      grid: Grid.
      independent: how many windows share no frame with each other; None for all.
    """
    count, frames, neurons = windows.shape
    chunk = max(1, CHUNK_VALUES // (frames * neurons))
    parts = [
        _describe(np.asarray(windows[start : start + chunk], np.float32), spikes[start : start + chunk], grid)
        for start in range(0, count, chunk)
    ]
    return Dynamics(
        grid, independent or count, **{name: np.concatenate([part[name] for part in parts]) for name in ARRAYS}
    )


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

    def lagged(signals):
        return [_mean_product(signals[:, lag:], signals[:, :-lag]) for lag in grid.lags]

    return dict(
        moments=np.stack([x.mean(axis=1), _mean_product(x, x), _mean_product(x, x, x)], axis=1),
        steps=np.stack([_mean_product(d, d), _mean_product(d, d, d)], axis=1),
        products=np.stack(lagged(x), axis=1),
        spikes=np.stack([active.mean(axis=1), *lagged(active)], axis=1),
        spectrum=spectrum.astype(np.float32),
        binned=binned,
        counts=statistics.spike_counts(spikes, size),
        triggered=triggered,
        lonely=lonely,
        sizes=np.stack([active[:, 1:].sum(axis=1), at_event.sum(axis=1), (at_event**2).sum(axis=1)], axis=1),
    )


def _mean_product(*signals):
    """Mean over frames of the product of signals (window, frame, neuron), without a copy of it."""
    return np.einsum(",".join(["wfn"] * len(signals)) + "->wn", *signals) / signals[0].shape[1]


def _around_lonely_events(x, spikes, grid):
    """Sum of the surroundings of lonely events, (window, before + after, neuron), and how many there are."""
    before, after = grid.before, grid.after
    windows, frames, neurons = x.shape
    total = np.zeros((windows, before + after, neurons), np.float32)
    number = np.zeros((windows, 1, neurons), np.float32)
    window, neuron, frame = np.nonzero(np.swapaxes(spikes, 1, 2))
    place = (window * neurons + neuron) * (frames + after) + frame  # ascending; nobody else's within reach
    last = np.concatenate([[-frames], place[:-1]])
    following = np.append(place, np.inf)[np.searchsorted(place, place + before, "right")]
    inside = (frame >= before) & (frame + after <= frames) & (place - last > before) & (following - place >= after)
    window, neuron, frame = window[inside], neuron[inside], frame[inside]
    np.add.at(number, (window, 0, neuron), 1)
    for place in range(before + after):
        np.add.at(total, (window, place, neuron), x[window, frame - before + place, neuron])
    return total, number
