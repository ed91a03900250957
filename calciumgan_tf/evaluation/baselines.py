"""Baselines of an evaluation: windows that can be made without any network."""

import numpy as np

from calciumgan_tf.synthetic import dichotomized_gaussian
from calciumgan_tf.synthetic.populations import Population


def shuffled(spikes, seed):
    """Windows in which each neuron comes from a different window: rates are as before, correlations are gone.

    Neuron j of window i is neuron j of a window that is drawn for neuron j alone, by a permutation of the windows, so
    that every train is used once.

    Args:
      spikes: (window, frame, neuron).
      seed: whole number.

    Returns:
      array of the same shape and type.
    """
    return rearranged(spikes, shuffled_windows(len(spikes), spikes.shape[2], seed))


def shuffled_windows(windows, neurons, seed):
    """Which window each neuron of a shuffled window comes from, int (window, neuron)."""
    generator = np.random.default_rng(seed)
    return np.stack([generator.permutation(windows) for _ in range(neurons)], axis=1)


def rearranged(spikes, order):
    """Neuron j of window i from window `order[i, j]`; spikes are (window, frame, neuron)."""
    return np.take_along_axis(spikes, order[:, None], axis=0)


def fitted_population(inferred, settings, frames, frame_rate, tau_decay, seed) -> Population:
    """A dichotomised Gaussian with the spike means and covariances of a frame of recorded spikes, and its calcium.

    Its frames are independent, so it misses everything that depends on the order of frames.

    Args:
      inferred: spikes.deconvolution.Inferred of the recording, or of a part of it.
      settings: spikes.deconvolution.Settings; noise and baseline of each neuron.
      frames: frames of that part. A neuron without a spike counts as one with half a spike. Two neurons that never
        spike in the same frame count as if they did half a time, or as often as independent ones if that is rarer.
      frame_rate: Hz.
      tau_decay: s.
      seed: whole number.
    """
    means, covariance = frame_moments(inferred.spikes)
    rarest = 0.5 / frames
    means = np.clip(means, rarest, 1 - rarest)
    chance = np.outer(means, means)
    fitted = dichotomized_gaussian.fit(means, np.maximum(covariance, np.minimum(rarest - chance, 0)))
    amplitude = np.where(np.isfinite(inferred.event_size), inferred.event_size, settings.s_min)
    return Population(
        fitted, frame_rate, tau_decay, amplitude.astype(np.float32), settings.noise, settings.baseline, seed, s_min=None
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
