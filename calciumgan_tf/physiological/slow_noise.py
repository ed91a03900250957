"""Slow noise: Gaussian noise of a given spectrum, a sum of waves with random amplitudes.

    slow_n(t) = sum over bands b of v_nb (sum over j in b of A_nj (z_nj cos(w_j t) + z'_nj sin(w_j t)))
    w_j = pi j / T

z and z' are standard normal, T is the number of frames and A_nj / sqrt(T) the SD of a wave at the start. v_nb, a level
for each of three bands of frequencies, starts at 1 and is learned. The noise is stationary: every frame of a window is
like the others. The periods are those of two windows, so that the ends of a window are independent of each other. Only
low frequencies are made so, at most the lower half.

A session has slow noise that goes on: white noise through a filter of the same spectrum (sampling/sessions.py).

Source: Rice 1944, Bell System Technical Journal 23, 282-332, section 1.7.
"""

import itertools

import keras
import numpy as np

from calciumgan_tf.physiological.layers import fixed_product, per_neuron, synthesis
from calciumgan_tf.physiological.waves import waves

BANDS = (4, 16)  # first frequencies of the second and of the third band
SD, WAVES = "_sd", "_waves"  # after the name of a band, the layers that hold A, and the waves


def slow_noise(random, name, frames, sds, built_in):
    """The terms of the sum, one a band, for one or more groups of channels.

    Args:
      random: RandomInputs.
      name: of the layers.
      frames: T.
      sds: {group: float64 (frequency, channel)}, the A that training starts with.
      built_in: whether to use Keras' own layers.

    Returns:
      {group: list of Keras tensors (example, frame, channel)}.
    """
    sd = np.concatenate(list(sds.values()), axis=1)
    ends = np.cumsum([group.shape[1] for group in sds.values()])[:-1].tolist()
    terms: dict[str, list] = {group: [] for group in sds}
    for number, (first, last) in enumerate(bands(len(sd)), 1):
        label = f"{name}{number}"
        wave = wave_noise(random, label, frames, np.arange(first, last), sd[first:last], built_in)
        level = per_neuron(wave, f"{label}_level", 1.0, None, built_in)
        for group, part in zip(sds, keras.ops.split(level, ends, axis=2)):
            terms[group].append(part)
    return terms


def wave_noise(random, name, frames, numbers, sd, built_in):
    """A sum of waves with random amplitudes, a Keras tensor (example, frame, channel).

    Args:
      random: RandomInputs.
      name: of the layers.
      frames: T.
      numbers: of the frequencies, (frequency,).
      sd: A, (frequency, channel).
      built_in: whether to use Keras' own layers.
    """

    def summed():
        """The waves of a window."""
        drawn = random.normal(name, 2 * len(numbers), sd.shape[1])
        drawn = fixed_product(drawn, f"{name}{SD}", np.tile(sd, (2, 1)))
        return synthesis(drawn, f"{name}{WAVES}", waves(frames, numbers), built_in)

    return random.series(name, (frames, sd.shape[1]), summed)


def bands(count):
    """(first frequency, last + 1) of each band of so many frequencies."""
    return list(itertools.pairwise([edge for edge in (0, *BANDS) if edge < count] + [count]))
