"""A few windows of a set, for figures."""

import dataclasses

import numpy as np

QUANTILES = (0.5, 0.75, 0.95)  # windows at these quantiles of the number of spikes are drawn
MOST = 50  # windows of a set whose spikes are compared with each other in a figure


@dataclasses.dataclass(frozen=True)
class Examples:
    """A few windows of a set.

    Attributes:
      traces: float32 (window, frame, neuron), dF/F; windows at QUANTILES of activity.
      spikes: uint8, of the same shape.
      evenly: spikes of up to MOST windows, evenly spaced, uint8 (window, frame, neuron).
    """

    traces: np.ndarray
    spikes: np.ndarray
    evenly: np.ndarray


def examples(windows, spikes) -> Examples:
    """The Examples of a set of windows and their spikes, (window, frame, neuron) both."""
    order = np.argsort(spikes.sum(axis=(1, 2), dtype=np.int64), kind="stable")
    chosen = [order[int(quantile * (len(order) - 1))] for quantile in QUANTILES]
    evenly = np.linspace(0, len(spikes) - 1, min(MOST, len(spikes))).astype(int)
    return Examples(np.concatenate([windows[i : i + 1] for i in chosen]), spikes[chosen], spikes[evenly])
