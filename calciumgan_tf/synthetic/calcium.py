"""Fluorescence from spikes: c[t] = g c[t-1] + amplitude s[t], observed as baseline + c + normal noise."""

import numpy as np
from scipy import signal


def fluorescence(spikes, g, amplitude, noise, generator, baseline=0.0):
    """dF/F of spikes, seen through a first-order autoregressive indicator.

    Args:
      spikes: (..., frame, neuron).
      g: decay per frame, exp(-1 / (tau_decay * frame rate)).
      amplitude: dF/F per spike, a number or (neuron,).
      noise: SD of the observation noise, dF/F, a number or (neuron,).
      generator: numpy.random.Generator.
      baseline: dF/F, a number or (neuron,).

    Returns:
      float32 of the shape of `spikes`. Calcium is 0 before the first frame.
    """
    calcium = signal.lfilter([1.0], [1.0, -g], spikes * np.asarray(amplitude, np.float32), axis=-2)
    observed = calcium + baseline + noise * generator.standard_normal(spikes.shape, np.float32)
    return observed.astype(np.float32)
