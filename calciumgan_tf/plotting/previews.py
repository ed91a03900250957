"""What the generator makes of the same noise as the training goes on."""

import numpy as np

from calciumgan_tf.plotting import style

NEURONS = 6


def save(windows, frame_rate, path):
    """Draws a few neurons of a few windows as traces.

    Args:
      windows: (window, frame, neuron), dF/F.
      frame_rate: Hz.
      path: PNG to write.

    Returns:
      the picture, uint8 (row, column, RGBA).
    """
    count, frames, neurons = windows.shape
    chosen = np.linspace(0, neurons - 1, min(NEURONS, neurons)).round().astype(int)
    seconds = np.arange(frames) / frame_rate
    drawing, axes = style.figure(1.1 * len(chosen) + 0.6, len(chosen), count, sharex=True, sharey="row")
    for row, neuron in enumerate(chosen):
        for column in range(count):
            axes[row, column].plot(seconds, windows[column, :, neuron], color=style.GENERATED, linewidth=0.7)
        axes[row, 0].set_ylabel(f"neuron {neuron}\ndF/F", fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel("time (s)", fontsize=8)
    for axis in axes.ravel():
        axis.tick_params(labelsize=7)
    style.save(drawing, path)
    return style.pixels(drawing)
