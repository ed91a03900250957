"""Figures for eyes that look for a difference between recorded and generated traces."""

import numpy as np
from scipy import signal

from calciumgan_tf.plotting.style import GENERATED, RECORDED, figure

ROWS, COLUMNS = 8, 2  # traces of the riddle
NEURONS = 4  # of spectra and amplitudes
COLOURS = {"recorded": RECORDED, "generated": GENERATED}


def riddle(recorded, generated, frame_rate, seed):
    """Recorded and generated windows of single neurons in random order, as many of either kind.

    Windows and neurons are drawn at random; each neuron is shown once, recorded or generated, on its own scale.

    Args:
      recorded, generated: (window, frame, neuron), dF/F.
      frame_rate: Hz.
      seed: of the draws.

    Returns:
      the figure, and the key: bool (trace,), whether trace 1, 2, ... is generated.
    """
    random = np.random.default_rng(seed)
    count = ROWS * COLUMNS
    is_generated = random.permutation(np.arange(count) % 2 == 1)
    neurons = random.permutation(np.resize(random.permutation(recorded.shape[2]), count))
    drawing, axes = figure(1.1 * ROWS, ROWS, COLUMNS, sharex=True)
    for number, (axis, neuron, made) in enumerate(zip(axes.ravel(), neurons, is_generated), 1):
        windows = generated if made else recorded
        trace = windows[random.integers(len(windows)), :, neuron]
        axis.plot(np.arange(len(trace)) / frame_rate, trace, color="black", linewidth=0.7)
        axis.set_title(str(number), fontsize=8, loc="left")
        axis.tick_params(labelsize=6)
    for axis in axes[-1]:
        axis.set_xlabel("time (s)", fontsize=8)
    for axis in axes[:, 0]:
        axis.set_ylabel("dF/F", fontsize=7)
    return drawing, is_generated


def spectra_and_amplitudes(recorded, generated, frame_rate):
    """Power spectra, and the share of frames above each level, of a few neurons from the least to the most variable."""
    order = np.argsort(recorded.std(axis=(0, 1)))
    neurons = order[np.linspace(0, len(order) - 1, min(NEURONS, len(order))).round().astype(int)]
    drawing, axes = figure(4.2, 2, len(neurons))
    for (upper, lower), neuron in zip(axes.T, neurons):
        for side, windows in {"recorded": recorded, "generated": generated}.items():
            traces = windows[:, :, neuron]
            frequency, power = signal.periodogram(traces, frame_rate, "hann", axis=1)
            upper.loglog(frequency[1:], power.mean(axis=0)[1:], color=COLOURS[side], linewidth=1, label=side)
            levels = np.sort(traces.ravel())
            lower.semilogy(levels, 1 - np.arange(len(levels)) / len(levels), color=COLOURS[side], linewidth=1)
        upper.set_title(f"neuron {neuron}", fontsize=8)
        upper.set_xlabel("frequency (Hz)", fontsize=7)
        lower.set_xlabel("dF/F", fontsize=7)
        for axis in (upper, lower):
            axis.tick_params(labelsize=6)
    axes[0, 0].set_ylabel("power (dF/F² / Hz)", fontsize=7)
    axes[1, 0].set_ylabel("share of frames above", fontsize=7)
    axes[0, 0].legend(frameon=False, fontsize=7)
    return drawing
