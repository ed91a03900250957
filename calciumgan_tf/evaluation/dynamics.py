"""Dynamics of traces and events: sums over the frames of each window, from which the dynamics metrics are computed.

Every array has windows first and neurons last, and a neuron's values do not depend on other neurons. So choosing
windows (a bootstrap) and shuffling neurons apart are the same few lines for all of them.
"""

import dataclasses
import functools

import numpy as np
from scipy import signal

from calciumgan_tf.evaluation.grid import Grid
from calciumgan_tf.spikes import statistics
from calciumgan_tf.spikes.distances import weighted_mean

CHUNK_VALUES = 4_000_000  # trace values worked on at a time


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
      triggered: sum of the traces around isolated events, which have no other event in the half second before them, nor
        from half a second after them to the end of `Grid.after`. Events within the first half second do not count,
        since OASIS infers several events for a transient that rises slowly.
      isolated: how many of these, (window, 1, neuron).
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
    isolated: np.ndarray
    sizes: np.ndarray

    @property
    def windows(self):
        """Number of windows."""
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
        """The Dynamics of which `change` made each array."""
        return Dynamics(self.grid, self.independent, **{name: change(getattr(self, name)) for name in ARRAYS})

    def take(self, windows) -> "Dynamics":
        """The Dynamics of some windows; `windows` are their indices, int (window,)."""
        return self._changed(lambda field: field[windows])

    def shuffled(self, order) -> "Dynamics":
        """The Dynamics of neurons from different windows: neuron j of window i comes from window `order[i, j]`."""
        return self._changed(lambda field: np.take_along_axis(field, order[:, None], axis=0))

    @functools.cached_property
    def _lagged(self):
        """For each lag of half-second bins up to LATER: means of b(t), of b(t + lag), and of b_i(t) b_j(t + lag).

        Float32 (window, neuron), (window, neuron) and (window, neuron * neuron), b the binned traces.
        """
        bins = self.binned.shape[1]
        found = []
        for lag in range(min(LATER + 1, bins)):
            first, second = self.binned[:, : bins - lag], self.binned[:, lag:]
            products = np.swapaxes(first, 1, 2) @ second / (bins - lag)
            found.append((first.mean(axis=1), second.mean(axis=1), products.reshape(self.windows, -1)))
        return found

    def pooled(self, weights=None) -> "Pooled":
        """All windows together.

        Args:
          weights: how often each window counts, (resample, window); None for a single resample with each window once.
        """
        weights = np.ones((1, self.windows)) if weights is None else weights
        share = weights / weights.sum(axis=1, keepdims=True)
        counts, together = (weighted_mean(one, share) for one in self._count_moments)
        level = share @ self.binned.mean(axis=1)
        return Pooled(
            self.grid,
            self.independent,
            **{name: self._averaged(getattr(self, name), share) for name in AVERAGED},
            level=level,
            covariances=self._covariances(share, level),
            together=together.T,
            counts=counts.swapaxes(0, 1),
        )

    @staticmethod
    def _averaged(field, share):
        """Mean over windows of (window, something, neuron): float64 (something, resample, neuron)."""
        mean = share.astype(np.float32) @ field.reshape(len(field), -1)
        return mean.reshape(len(share), *field.shape[1:]).swapaxes(0, 1).astype(np.float64)

    def _covariances(self, share, level):
        """Covariance of neuron i with neuron j some bins later, float64 (lag, resample, i, j)."""
        found, shape = [], (*level.shape, level.shape[1])
        across, down = level[:, :, None], level[:, None, :]
        for first, second, products in self._lagged:
            before, after = ((share @ side) for side in (first, second))
            product = (share.astype(np.float32) @ products).astype(np.float64).reshape(shape)
            found.append(product - before[:, :, None] * down - across * after[:, None, :] + across * down)
        return np.stack(found)


@dataclasses.dataclass(frozen=True)
class Pooled:
    """Means over the windows of a set, for many resamples of these; float64.

    Attributes:
      grid: Grid.
      independent: of Dynamics.
      moments, steps, products, spikes, spectrum, triggered, isolated, sizes: of Dynamics, but (something, resample,
        neuron).
      level: (resample, neuron), mean of the binned traces.
      covariances: (lag, resample, neuron, neuron), of neuron i with neuron j 0, 1 and 2 half-second bins later, binned
        traces.
      together: mean and mean square of the population's spikes in a half-second bin, (2, resample).
      counts: the same of each neuron's, (2, resample, neuron).
    """

    grid: Grid
    independent: int
    moments: np.ndarray
    steps: np.ndarray
    products: np.ndarray
    spikes: np.ndarray
    spectrum: np.ndarray
    triggered: np.ndarray
    isolated: np.ndarray
    sizes: np.ndarray
    level: np.ndarray
    covariances: np.ndarray
    together: np.ndarray
    counts: np.ndarray


AVERAGED = ("moments", "steps", "products", "spikes", "spectrum", "triggered", "isolated", "sizes")
ARRAYS = (*AVERAGED, "binned", "counts")
LATER = 2  # half-second bins, the longest lag of the correlations between neurons


def describe(windows, spikes, grid: Grid, independent=None) -> Dynamics:
    """Computes the Dynamics of a set of windows, of which only a few are held as traces at a time.

    Args:
      windows: Windows, dF/F.
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
    triggered, isolated = _around_isolated_events(x, spikes, grid)
    at_event = d * active[:, 1:]

    def lagged(signals):
        return [_mean_product(signals[:, lag:], signals[:, :-lag]) for lag in grid.lags]

    return {
        "moments": np.stack([x.mean(axis=1), _mean_product(x, x), _mean_product(x, x, x)], axis=1),
        "steps": np.stack([_mean_product(d, d), _mean_product(d, d, d)], axis=1),
        "products": np.stack(lagged(x), axis=1),
        "spikes": np.stack([active.mean(axis=1), *lagged(active)], axis=1),
        "spectrum": spectrum.astype(np.float32),
        "binned": binned,
        "counts": statistics.spike_counts(spikes, size),
        "triggered": triggered,
        "isolated": isolated,
        "sizes": np.stack([active[:, 1:].sum(axis=1), at_event.sum(axis=1), (at_event**2).sum(axis=1)], axis=1),
    }


def _mean_product(*signals):
    """Mean over frames of the product of signals (window, frame, neuron), without a copy of it."""
    return np.einsum(",".join(["wfn"] * len(signals)) + "->wn", *signals) / signals[0].shape[1]


def _around_isolated_events(x, spikes, grid):
    """Sum of the surroundings of isolated events, (window, before + after, neuron), and how many there are."""
    before, after = grid.before, grid.after
    windows, frames, neurons = x.shape
    total = np.zeros((windows, before + after, neurons), np.float32)
    number = np.zeros((windows, 1, neurons), np.float32)
    window, neuron, frame = np.nonzero(np.swapaxes(spikes, 1, 2))
    place = (window * neurons + neuron) * (frames + after) + frame  # ascending; events of other trains are out of reach
    last = np.concatenate([[-frames], place[:-1]])
    following = np.append(place, np.inf)[np.searchsorted(place, place + before, "right")]
    inside = (frame >= before) & (frame + after <= frames) & (place - last > before) & (following - place >= after)
    window, neuron, frame = window[inside], neuron[inside], frame[inside]
    np.add.at(number, (window, 0, neuron), 1)
    for place in range(before + after):
        np.add.at(total, (window, place, neuron), x[window, frame - before + place, neuron])
    return total, number
