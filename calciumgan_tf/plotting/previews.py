"""Previews: windows that the generator makes of fixed noise during training, beside recorded windows."""

import numpy as np

from calciumgan_tf.plotting import style

NEURONS = 6


def save(recorded, generated, frame_rate, path, model=""):
    """Draws a few neurons of a few windows as traces, recorded ones beside generated ones.

    Args:
      recorded, generated: (window, frame, neuron), dF/F.
      frame_rate: Hz.
      path: PNG to write.
      model: name of the model that made the generated windows.

    Returns:
      the pixels, uint8 (row, column, RGBA).
    """
    sides = [(window, style.RECORDED, "recorded") for window in recorded]
    sides += [(window, style.GENERATED, "generated") for window in generated]
    frames, neurons = recorded.shape[1:]
    chosen = np.linspace(0, neurons - 1, min(NEURONS, neurons)).round().astype(int)
    seconds = np.arange(frames) / frame_rate
    drawing, axes = style.figure(1.1 * len(chosen) + 0.6, len(chosen), len(sides), sharex=True, sharey="row")
    for row, neuron in enumerate(chosen):
        for axis, (window, colour, _) in zip(axes[row], sides):
            axis.plot(seconds, window[:, neuron], color=colour, linewidth=0.7)
        axes[row, 0].set_ylabel(f"neuron {neuron}\ndF/F", fontsize=8)
    for axis, (_, colour, name) in zip(axes[0], sides):
        axis.set_title(name, fontsize=8, color=colour)
    for axis in axes[-1]:
        axis.set_xlabel("time (s)", fontsize=8)
    for axis in axes.ravel():
        axis.tick_params(labelsize=7)
    style.name_model(drawing, model)
    style.save(drawing, path)
    return style.read(path)  # to draw it again would take as long as to draw it
