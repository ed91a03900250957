"""Inferred events of the training windows, rendered again.

Each window is deconvolved (`spikes.deconvolution`: OASIS, Friedrich, Zhou and Paninski 2017, PLOS Computational Biology
13(3), e1005423), its events are convolved with the kernel of the deconvolution, and the neuron's baseline and white
noise of its level are added. Calcium from before a window, which has no event in the window, decays from the first
frame on; its size is the least-squares fit to what the events leave of the trace, and at least 0.

Kept: all that the deconvolution finds, which is the timing and the size of every event and their correlations between
neurons. Destroyed: whatever it misses, which is events below the threshold, noise that is not white or that neurons
share, drift of the baseline, and transients of another shape than the kernel. Where it is as far from the recording as
generated windows are, a metric measures these, not the activity.
"""

import numpy as np

from calciumgan_tf.evaluation.baselines import by_windows
from calciumgan_tf.spikes import autoregressive, deconvolution


def rerendered(windows, settings, seed):
    """Windows of the same events.

    Args:
      windows: dF/F, (window, frame, neuron), an array or a dataset.windows.Windows.
      settings: spikes.deconvolution.Settings; kernel, noise and baseline of each neuron.
      seed: whole number.

    Returns:
      float32 (window, frame, neuron).
    """
    generator = np.random.default_rng(seed)

    def change(traces):
        noise = settings.noise * generator.standard_normal(traces.shape, np.float32)
        return calcium(traces, settings) + settings.baseline + noise

    return by_windows.changed(windows, change)


def calcium(traces, settings):
    """dF/F above the baseline that the events of traces explain, float64 (window, frame, neuron)."""
    events = deconvolution.events(traces, settings).astype(np.float64)
    explained = rendered(events, settings)
    before = settings.decay ** np.arange(events.shape[1])[:, None]
    left = traces - settings.baseline - explained
    return explained + before * np.maximum(0, (left * before).sum(axis=1) / (before**2).sum(axis=0))[:, None]


def rendered(events, settings):
    """Events (..., frame, neuron) convolved with the kernel of the deconvolution; calcium is 0 before."""
    trains = np.moveaxis(events, -2, -1)
    decay, rise = (np.broadcast_to(root, trains.shape[:-1]).ravel() for root in (settings.decay, settings.rise))
    calcium = autoregressive.calcium(trains.reshape(-1, trains.shape[-1]), decay, rise)
    return np.moveaxis(calcium.reshape(trains.shape), -1, -2)
