"""Whether generated windows repeat each other."""

import numpy as np

REPEATED, MOST = 0.999, 1000  # correlation of repeated windows; windows that are compared at most
HELD_VALUES = 64_000_000  # trace values that are held at a time; the windows are read once for so many


def repeated(windows) -> float:
    """Share of windows of which there is another that correlates with it by more than REPEATED, 0..1.

    Each neuron is taken less its mean, and in its SDs, over all windows. Up to MOST windows are compared, the first
    ones of the set.

    Args:
      windows: (window, frame, neuron), dF/F, sliced along windows.
    """
    count, neurons = min(windows.shape[0], MOST), windows.shape[2]
    products, squares = np.zeros((count, count)), np.zeros(count)
    some = max(1, HELD_VALUES // (count * windows.shape[1]))
    for first in range(0, neurons, some):
        for x in _of_neurons(windows, count, slice(first, min(first + some, neurons))):
            if x.min() == x.max():  # a constant neuron does not count
                continue
            x = (x - x.mean()) / x.std()
            products += x @ x.T
            squares += (x**2).sum(axis=1)
    alike = products / np.maximum(np.sqrt(np.outer(squares, squares)), 1e-12)
    np.fill_diagonal(alike, 0)
    return float((alike.max(axis=1) > REPEATED).mean())


def _of_neurons(windows, count, neurons):
    """Yields the first `count` windows of each of some neurons, float64 (window, frame)."""
    held = np.empty((count, windows.shape[1], neurons.stop - neurons.start), np.float32)
    for window in range(count):
        held[window] = windows[window : window + 1][0, :, neurons]
    for neuron in range(held.shape[2]):
        yield held[:, :, neuron].astype(np.float64)
