"""A dichotomised Gaussian with the spike moments of the training part, seen through the indicator.

A latent normal vector is drawn for each frame, and a neuron spikes where its component is above a threshold. The
latent means and correlations are those that give the means and covariances of the inferred spikes in a frame. Spikes
become dF/F as in `synthetic.calcium`, with the mean event size, the noise and the baseline of each neuron (Macke,
Berens, Ecker, Tolias and Bethge 2009, Neural Computation 21(2), 397-423; code in `synthetic.dichotomized_gaussian`).

Kept: rate of each neuron, covariance of two neurons' spikes in the same frame, indicator, noise, baseline. Destroyed:
everything that depends on the order of frames, since the frames are independent and the spikes have no memory; the
spread of event sizes; correlations of a higher order; slow changes of the baseline.
"""

import numpy as np

from calciumgan_tf.synthetic import dichotomized_gaussian
from calciumgan_tf.synthetic.populations import Population


def fitted_population(inferred, settings, frames, frame_rate, seed) -> Population:
    """A dichotomised Gaussian with the spike means and covariances of a frame of recorded spikes, and its calcium.

    Its frames are independent: the spikes have no memory, and calcium has none but the indicator's.

    Args:
      inferred: spikes.deconvolution.Inferred of the recording, or of a part of it.
      settings: spikes.deconvolution.Settings; noise and baseline of each neuron.
      frames: frames of that part. A neuron without a spike counts as one with half a spike. Two neurons that never
        spike in the same frame count as if they did half a time, or as often as independent ones if that is rarer.
      frame_rate: Hz.
      seed: whole number.
    """
    means, covariance = frame_moments(inferred.spikes)
    rarest = 0.5 / frames
    means = np.clip(means, rarest, 1 - rarest)
    chance = np.outer(means, means)
    fitted = dichotomized_gaussian.fit(means, np.maximum(covariance, np.minimum(rarest - chance, 0)))
    amplitude = np.where(np.isfinite(inferred.event_size), inferred.event_size, settings.s_min)
    return Population(
        fitted,
        frame_rate,
        settings.tau_decay(frame_rate),
        amplitude.astype(np.float32),
        settings.noise,
        settings.baseline,
        seed,
        s_min=None,
        tau_rise=settings.tau_rise(frame_rate),
    )


def frame_moments(spikes):
    """Means and covariance of the spikes of a frame, over all frames of all windows.

    Args:
      spikes: (window, frame, neuron), 0 or 1.

    Returns:
      float64 (neuron,) and (neuron, neuron), divided by the number of frames.
    """
    total = spikes.shape[0] * spikes.shape[1]
    together = np.zeros((spikes.shape[2],) * 2)
    for window in spikes:
        frames = window.astype(np.float32)
        together += frames.T @ frames
    means = spikes.sum(axis=(0, 1), dtype=np.float64) / total
    return means, together / total - np.outer(means, means)
