"""Windows in which each neuron comes from a different window.

Neuron j of window i is neuron j of a window that is drawn for neuron j alone, by a permutation of the windows, so that
every train or trace is used once. It is the trial shuffling by which noise correlations are removed from simultaneous
recordings (Averbeck, Latham and Pouget 2006, Nature Reviews Neuroscience 7, 358-366).

Kept: everything about a single neuron. Destroyed: everything that neurons share within a window. A correlation that
is the same in all windows, for instance to the frame of a trial at which a stimulus begins, remains.
"""

import numpy as np


class ShuffledWindows:
    """Windows in which each neuron comes from a different window, put together as they are sliced."""

    def __init__(self, windows, seed):
        """Draws where each neuron comes from; `windows` is an array (window, frame, neuron), `seed` a whole number."""
        self._windows, self.shape = windows, windows.shape
        self._order = shuffled_windows(len(windows), windows.shape[2], seed)

    def __getitem__(self, part):
        """The windows of a slice."""
        return rearranged(self._windows, self._order[part])


def shuffled(windows, seed):
    """Windows in which each neuron comes from a different window: rates are as before, correlations are gone.

    Args:
      windows: (window, frame, neuron), spikes or traces.
      seed: whole number.

    Returns:
      array of the same shape and type.
    """
    return ShuffledWindows(windows, seed)[:]


def shuffled_windows(windows, neurons, seed):
    """Which window each neuron of a shuffled window comes from, int (window, neuron)."""
    generator = np.random.default_rng(seed)
    return np.stack([generator.permutation(windows) for _ in range(neurons)], axis=1)


def rearranged(windows, order):
    """Neuron j of window i from window `order[i, j]`; windows are (window, frame, neuron)."""
    return np.take_along_axis(windows, order[:, None], axis=0)
