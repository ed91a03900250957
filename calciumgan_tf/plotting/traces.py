"""Traces of a recording."""

import numpy as np

from calciumgan_tf.plotting.style import RECORDED, figure

MOST = 10  # neurons that are drawn if none are named


def draw(recording, neurons=None, seconds=60.0, start=0.0):
    """Traces of some neurons, one below the other.

    Args:
      recording: Recording.
      neurons: indices; None for the first ten.
      seconds: length of what is drawn.
      start: of it, s.

    Returns:
      a matplotlib Figure.
    """
    chosen = list(range(min(MOST, recording.neurons)) if neurons is None else neurons)
    first = int(start * recording.frame_rate)
    shown = recording.traces[first : first + max(2, int(seconds * recording.frame_rate)), chosen]
    times = start + np.arange(len(shown)) / recording.frame_rate
    drawing, axes = figure(0.7 * len(chosen) + 0.6, len(chosen), sharex=True)
    for axis, neuron, trace in zip(axes[:, 0], chosen, shown.T):
        axis.plot(times, trace, color=RECORDED, linewidth=0.6)
        axis.set_ylabel(recording.neuron_ids[neuron], fontsize=8, rotation=0, ha="right", va="center")
        axis.tick_params(labelsize=7)
    axes[-1, 0].set_xlabel("time (s)", fontsize=8)
    drawing.supylabel("neuron, dF/F", fontsize=8)
    return drawing
