"""Baselines that change each window by itself: few windows are read and changed at a time."""

import numpy as np

CHUNK_VALUES = 4_000_000  # trace values at a time


def changed(windows, change):
    """The windows that `change` makes of a few windows each time.

    Args:
      windows: dF/F, (window, frame, neuron), an array or a dataset.windows.Windows.
      change: function of float32 (window, frame, neuron) that returns windows of the same shape.

    Returns:
      float32 (window, frame, neuron).
    """
    count, frames, neurons = windows.shape
    result = np.empty(windows.shape, np.float32)
    chunk = max(1, CHUNK_VALUES // (frames * neurons))
    for start in range(0, count, chunk):
        part = slice(start, min(start + chunk, count))
        result[part] = change(np.asarray(windows[part], np.float32))
    return result
