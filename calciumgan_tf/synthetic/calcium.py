"""Fluorescence from spikes: c[t] = g c[t-1] + amplitude s[t], observed as baseline + c + normal noise.

With a rise, c follows the second-order recursion of `spikes.autoregressive`, and the amplitude is that of the peak.
"""

import numpy as np
from scipy import signal

from calciumgan_tf.spikes import autoregressive


def fluorescence(spikes, g, amplitude, noise, generator, baseline=0.0, rise=0.0):
    """dF/F of spikes, seen through an autoregressive indicator of first order, or of second order with a rise.

    Args:
      spikes: (..., frame, neuron).
      g: decay per frame, exp(-1 / (tau_decay * frame rate)).
      amplitude: dF/F per spike, a number or (neuron,).
      noise: SD of the observation noise, dF/F, a number or (neuron,).
      generator: numpy.random.Generator.
      baseline: dF/F, a number or (neuron,).
      rise: root of the rise, see `autoregressive.roots`; 0 for none.

    Returns:
      float32 of the shape of `spikes`. Calcium is 0 before the first frame.
    """
    numerator, denominator = [1.0], [1.0, -g]
    if rise:
        peak, _ = autoregressive.peak_and_energy(g, rise)
        numerator, denominator = [1.0 / float(peak)], [1.0, -(g + rise), g * rise]
    calcium = signal.lfilter(numerator, denominator, spikes * np.asarray(amplitude, np.float32), axis=-2)
    observed = calcium + baseline + noise * generator.standard_normal(spikes.shape, np.float32)
    return observed.astype(np.float32)
