"""What a table needs beside the generated windows: windows that any simple method could have made."""

import numpy as np

from calciumgan_tf.synthetic import dichotomized_gaussian
from calciumgan_tf.synthetic.populations import Population


def shuffled(spikes, seed):
    """Windows whose neurons come from different windows: all rates as before, all correlation gone.

    Neuron j of window i is neuron j of a window that is drawn for j alone (a permutation of the windows), so that
    every train is used once.

    Args:
      spikes: (window, frame, neuron).
      seed: whole number.

    Returns:
      array of the same shape and type.
    """
    return np.take_along_axis(spikes, shuffled_windows(len(spikes), spikes.shape[2], seed)[:, None], axis=0)


def shuffled_windows(windows, neurons, seed):
    """Which window each neuron comes from where neurons are shuffled apart: int (window, neuron)."""
    generator = np.random.default_rng(seed)
    return np.stack([generator.permutation(windows) for _ in range(neurons)], axis=1)


def fitted_population(inferred, settings, frames, frame_rate, tau_decay, seed) -> Population:
    """A dichotomised Gaussian with the spike means and covariances of a frame of recorded spikes, and its calcium.

    What it misses of the recording is everything between frames.

    Args:
      inferred: spikes.deconvolution.Inferred of the recording, or of a part of it.
      settings: spikes.deconvolution.Settings; noise and baseline of each neuron.
      frames: frames of that part. A neuron that is never active in them is taken to be half a time; so are two that are
        never active together, or by chance if that is rarer.
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


class PopulationWindows:
    """Fresh windows of a Population, made when they are asked for.

    Behaves as an array (window, frame, neuron), dF/F, that can be sliced along windows.
    """

    def __init__(self, population: Population, count, frames, first=0):
        """`count` windows of `frames` frames, beginning with the population's window number `first`."""
        self._population, self._first = population, first
        self.shape = (count, frames, len(population.spiking.means))

    def __getitem__(self, part):
        start, stop, _ = part.indices(self.shape[0])
        return self._population.windows(stop - start, self.shape[1], self._first + start)[1]


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
