"""Statistics of spike trains, for all windows and neurons (or pairs) at once.

Definitions follow the paper; see each function. `pairs` are the n (n - 1) / 2 pairs of neurons, i < j, in the order
of `numpy.triu_indices(n, 1)`.
"""

import numpy as np
from scipy import signal, sparse
from scipy.spatial import distance

CHUNK = 4  # windows worked on at a time where float copies are needed; few, so that they stay in the cache


def firing_rates(spikes, frame_rate):
    """Mean firing rate: spikes of a window divided by its length.

    Args:
      spikes: (window, frame, neuron).
      frame_rate: Hz.

    Returns:
      float64 (window, neuron), Hz.
    """
    return spikes.sum(axis=1, dtype=np.int64) * (frame_rate / spikes.shape[1])


def bin_frames(frame_rate, bin_seconds, frames):
    """Frames a bin: the nearest whole number to `bin_seconds`, at least 1 and at most the window."""
    return int(np.clip(round(bin_seconds * frame_rate), 1, frames))


def spike_counts(spikes, frames_a_bin):
    """Spikes a bin; frames after the last whole bin are left out.

    Args:
      spikes: (window, frame, neuron).

    Returns:
      float32 (window, bin, neuron), whole numbers.
    """
    windows, frames, neurons = spikes.shape
    bins = frames // frames_a_bin
    binned = spikes[:, : bins * frames_a_bin].reshape(windows, bins, frames_a_bin, neurons)
    return binned.sum(axis=2, dtype=np.float32)


def covariances(counts):
    """Covariance of spike counts of all neurons within each window, divided by bins - 1.

    Args:
      counts: (window, bin, neuron), two bins or more.

    Returns:
      float64 (window, neuron, neuron), counts squared.
    """
    counts = np.asarray(counts, np.float64)
    centred = counts - counts.mean(axis=1, keepdims=True)
    return np.swapaxes(centred, 1, 2) @ centred / (counts.shape[1] - 1)


def correlations(covariance):
    """Pearson correlation from covariance; NaN where a neuron of the pair does not vary.

    Args:
      covariance: (..., neuron, neuron).

    Returns:
      float64 of the same shape.
    """
    sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    scale = sd[..., :, None] * sd[..., None, :]
    return np.divide(covariance, scale, out=np.full_like(covariance, np.nan), where=scale > 0)


def pairs(matrices):
    """The upper triangle without the diagonal: (..., neuron, neuron) -> (..., pair)."""
    rows, columns = np.triu_indices(matrices.shape[-1], 1)
    return matrices[..., rows, columns]


def van_rossum_distances(spikes, frame_rate, tau=1.0):
    """Van Rossum distance between all pairs of neurons within each window.

    Each train is convolved with exp(-t / tau) for t >= 0; the distance is the L2 norm of the difference times sqrt(2
    / tau), so that one spike against none is 1. With R_ij the sum of exp(-|t - u| / tau) over spikes t of i and u of
    j, it is sqrt(R_ii + R_jj - 2 R_ij). R takes a recursive filter for each train, and a sparse matrix product for each
    window: spikes * neurons multiplications a window.

    Source: van Rossum 2001, Neural Computation 13(4); Houghton and Kreuz 2012, Network 23(1-2); the normalisation is
    Elephant's.

    Args:
      spikes: (window, frame, neuron).
      frame_rate: Hz.
      tau: s.

    Returns:
      float64 (window, pair), no unit.
    """
    windows, _, neurons = spikes.shape
    distances = np.empty((windows, neurons * (neurons - 1) // 2))
    rows, columns = np.triu_indices(neurons, 1)
    decay = np.exp(-1 / (tau * frame_rate))
    for start in range(0, windows, CHUNK):
        trains = np.swapaxes(spikes[start : start + CHUNK], 1, 2).astype(
            np.float64, order="C"
        )  # (window, neuron, frame)
        # What is left of earlier spikes, and half of those of the same frame, which both sides of the sum will count.
        trace = signal.lfilter([0.5, 0.5 * decay], [1.0, -decay], trains)
        for window, (train, filtered) in enumerate(zip(trains, np.ascontiguousarray(np.swapaxes(trace, 1, 2))), start):
            one_sided = sparse.csr_array(train) @ filtered
            both = one_sided + one_sided.T
            own = np.diagonal(both)
            squared = own[rows] + own[columns] - 2 * both[rows, columns]
            distances[window] = np.sqrt(np.maximum(squared, 0))
    return distances


def cross_van_rossum_distances(recorded, generated, frame_rate, tau=1.0):
    """Van Rossum distance of each recorded to each generated train of one neuron; see `van_rossum_distances`.

    Args:
      recorded: spikes of some windows, (window, frame).
      generated: of others, (window, frame).
      frame_rate: Hz.
      tau: s.

    Returns:
      float64 (recorded window, generated window), no unit.
    """
    trains = np.concatenate([recorded, generated]).T[None]
    return distance.squareform(van_rossum_distances(trains, frame_rate, tau)[0])[: len(recorded), len(recorded) :]


def population_counts(spikes):
    """How many frames of each window have 0, 1, ..., n spikes over the population.

    Args:
      spikes: (window, frame, neuron).

    Returns:
      int64 (window, neurons + 1).
    """
    windows, _frames, neurons = spikes.shape
    together = spikes.sum(axis=2, dtype=np.int64) + (neurons + 1) * np.arange(windows)[:, None]
    return np.bincount(together.ravel(), minlength=windows * (neurons + 1)).reshape(windows, neurons + 1)


def interval_sums(spikes, frame_rate):
    """Number, sum and sum of squares of the inter-spike intervals inside each window.

    Intervals that cross a window's border are unknown, so long ones are under-represented, equally in whatever is
    compared at one window length.

    Args:
      spikes: (window, frame, neuron).
      frame_rate: Hz.

    Returns:
      float64 (3, window, neuron): count, s, s^2.
    """
    windows, _, neurons = spikes.shape
    trains = np.ascontiguousarray(np.swapaxes(spikes, 1, 2)).reshape(windows * neurons, -1)
    train, frame = np.nonzero(trains)
    same = train[1:] == train[:-1]
    intervals = (frame[1:] - frame[:-1])[same] / frame_rate
    powers = [np.ones_like(intervals), intervals, intervals**2]
    sums = [np.bincount(train[1:][same], weights=power, minlength=windows * neurons) for power in powers]
    return np.stack(sums).reshape(3, windows, neurons)
