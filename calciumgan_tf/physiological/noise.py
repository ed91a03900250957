"""Observation noise: what a trace holds beside calcium, fast and slow.

    n_n(t) = skewed(exp(q_n z_n) r_n sqrt(1 + g_n c_n(t)) fast_n(t)) + exp(q'_n z'_n) slow_n(t) + L_n shared(t)
             + exp(q"_n z"_n) rhythm_n(t)
    skewed(y) = y + a_n y^2

Fast noise is that of photons and detector: white noise through a short fixed filter, which gives it the spectrum that
the residual has above the frequencies of slow noise; motion correction and the subtraction of neuropil leave it not
quite white. Its variance grows with the calcium c, as that of photon counts does, and it is skewed; by how much was
measured where there are no events (`fast_noise`).
Slow noise holds neuropil, movement, the drift of the baseline and whatever a kernel does not explain; its spectrum
starts at what spike inference leaves of the training part, neuron by neuron. White noise alone gives traces away
(docs/spikes.md, "How well true spikes can be rendered"). A neuron whose residual has rhythms (`rhythms`) is given them
as well. All are more in some windows than in others: z, z' and z" are a standard normal number each for a window and
neuron. Neuropil is shared, hence a few channels for all neurons, with the mean spectrum. Filter, growth and skewness
are not learned, everything else is. Defined here.
"""

import keras
import numpy as np

from calciumgan_tf.physiological.layers import filtered, loaded, per_neuron
from calciumgan_tf.physiological.neuron_statistics import unit_spectrum
from calciumgan_tf.physiological.slow_noise import slow_noise, wave_noise

FAST_SPREAD, SLOW_SPREAD = 0.05, 0.3  # SD of the logarithm of the level over windows, at the start


def noise(random, calcium, statistics, built_in):
    """The terms of the sum, a list of Keras tensors (example, frame, neuron).

    Args:
      random: RandomInputs.
      calcium: Keras tensor (example, frame, neuron).
      statistics: NeuronStatistics.
      built_in: whether to use Keras' own layers.
    """
    frames, neurons = calcium.shape[1:]
    white = random.normal("white_noise", frames + len(statistics.noise_filter) - 1, neurons)
    fast = filtered(white, "noise_filter", statistics.noise_filter, built_in)
    variance = per_neuron(calcium, "fast_growth", statistics.noise_growth, 1.0, built_in, trainable=False)
    level = per_neuron(keras.ops.sqrt(variance), "fast_level", statistics.noise, None, built_in)
    fast = _varied(random, "fast", keras.layers.Multiply(name="fast")([fast, level]), FAST_SPREAD, built_in)
    square = keras.layers.Multiply(name="fast_square")([fast, fast])
    loadings, power = statistics.neuropil_loadings, statistics.slow_noise**2
    unit = unit_spectrum(statistics.slow_noise, frames)
    own = 1 - (loadings**2).sum(axis=0) / (power.sum(axis=0) / frames)
    groups = {"own_slow": np.sqrt(own * power), "neuropil": np.tile(unit, len(loadings))}
    made = slow_noise(random, "observation", frames, groups, built_in)
    slow, neuropil = (keras.layers.Add(name=group)(terms) for group, terms in made.items())
    terms = [
        fast,
        per_neuron(
            square, "fast_skewness", statistics.noise_skewness / statistics.noise, None, built_in, trainable=False
        ),
        _varied(random, "slow", slow, SLOW_SPREAD, built_in),
        loaded(neuropil, "neuropil_loadings", loadings),
    ]
    if statistics.rhythms is not None:
        numbers = np.flatnonzero(statistics.rhythms.any(axis=1))
        made = wave_noise(random, "rhythms", frames, numbers, statistics.rhythms[numbers], built_in)
        made = per_neuron(made, "rhythms_level", 1.0, None, built_in)
        terms.append(_varied(random, "rhythms", made, SLOW_SPREAD, built_in))
    return terms


def _varied(random, name, y, spread, built_in):
    """Noise (example, frame, neuron) with a level of its own for each window and neuron."""
    scale, neurons = f"{name}_scale", y.shape[2]
    level = random.series(scale, y.shape[1:], lambda: keras.layers.Reshape((1, neurons))(random.normal(scale, neurons)))
    level = per_neuron(level, f"{name}_spread", spread, None, built_in)
    level = keras.layers.Activation("exponential", name=f"{name}_of_window")(level)
    return keras.layers.Multiply(name=f"{name}_scaled")([y, level])
