"""Slow noise: Gaussian noise of a given spectrum, a sum of waves with random amplitudes.

    slow_n(t) = sum over bands b of v_nb (sum over j in b of A_nj (z_nj cos(w_j t) + z'_nj sin(w_j t)))
    w_j = pi j / T

z and z' are standard normal, T is the number of frames and A_nj / sqrt(T) the SD of a wave at the start. v_nb, a level
for each of three bands of frequencies, starts at 1 and is learned. The noise is stationary: every frame of a window is
like the others. The periods are those of two windows, so that the ends of a window are independent of each other. Only
low frequencies are made so, at most the lower half.

Source: Rice 1944, Bell System Technical Journal 23, 282-332, section 1.7.
"""

import itertools

import keras
import numpy as np

from calciumgan_tf.physiological.layers import fixed_product, per_neuron

FEW, MOST = 60, 256  # frequencies: half of those of short windows, a fifth of those of longer ones, at most MOST
BANDS = (4, 16)  # first frequencies of the second and of the third band


def frequencies(frames) -> int:
    """How many frequencies there are."""
    return min(max(frames // 5, min(frames // 2, FEW)), MOST)


def waves(frames, first, last):
    """Cosines and then sines of frequencies `first` to `last` - 1, float64 (wave, frame)."""
    phase = np.pi * np.arange(first, last)[:, None] * np.arange(frames) / frames
    return np.concatenate([np.cos(phase), np.sin(phase)]) / np.sqrt(frames)


def autoregressive_power(seconds, frame_rate, frames):
    """A^2 of AR(1) noise of variance 1 and a time constant, float64 (frequency,)."""
    decay = np.exp(-1 / max(seconds * frame_rate, 0.1))
    phase = np.pi * np.arange(frequencies(frames)) / frames
    return halved((1 - decay**2) / (1 + decay**2 - 2 * decay * np.cos(phase)))


def halved(power):
    """A^2 of a power spectrum (frequency, ...): frequency 0 stands for half as wide a band as the others."""
    power[0] /= 2
    return power


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
    count = frequencies(frames)
    edges = [edge for edge in (0, *BANDS) if edge < count] + [count]
    sd = np.concatenate(list(sds.values()), axis=1)
    ends = np.cumsum([group.shape[1] for group in sds.values()])[:-1].tolist()
    terms: dict[str, list] = {group: [] for group in sds}
    for number, (first, last) in enumerate(itertools.pairwise(edges), 1):
        label = f"{name}{number}"
        drawn = random.normal(label, 2 * (last - first), sd.shape[1])
        drawn = fixed_product(drawn, f"{label}_sd", np.tile(sd[first:last], (2, 1)))
        synthesis = keras.layers.EinsumDense("bjn,jt->btn", (frames, sd.shape[1]), name=f"{label}_waves")
        synthesis.trainable = False
        wave = synthesis(drawn)
        synthesis.set_weights([waves(frames, first, last)])
        level = per_neuron(wave, f"{label}_level", 1.0, None, built_in)
        for group, part in zip(sds, keras.ops.split(level, ends, axis=2)):
            terms[group].append(part)
    return terms
