"""Observation noise: what a trace holds beside calcium, white and slow, with a learned skewness.

    n_n(t) = skewed(exp(q_n z_n) r_n e''_n(t)) + skewed(exp(q'_n z'_n) slow_n(t)) + L_n shared(t)
    skewed(y) = y + a_n y^2

The white noise e'' is that of photons and detector. Slow noise holds neuropil, movement, the drift of the baseline and
whatever a kernel does not explain; its spectrum starts at what spike inference leaves of the training part, neuron by
neuron. White noise alone gives traces away (docs/spikes.md, "How well true spikes can be rendered"). Both are more in
some windows than in others: z and z' are a standard normal number each for a window and neuron. Neuropil is shared,
hence a few channels for all neurons, with the mean spectrum. The skewness a starts at 0, everything is learned.
Defined here.
"""

import keras
import numpy as np

from calciumgan_tf.physiological.layers import loaded, per_neuron
from calciumgan_tf.physiological.neuron_statistics import unit_spectrum
from calciumgan_tf.physiological.slow_noise import slow_noise

WHITE_SPREAD, SLOW_SPREAD = 0.05, 0.3  # SD of the logarithm of the level over windows, at the start


def noise(random, frames, statistics, built_in):
    """The terms of the sum, a list of Keras tensors (example, frame, neuron).

    Args:
      random: RandomInputs.
      frames: of a window.
      statistics: NeuronStatistics.
      built_in: whether to use Keras' own layers.
    """
    neurons = len(statistics.noise)
    white = random.normal("white_noise", frames, neurons)
    white = per_neuron(white, "white_level", statistics.noise, None, built_in)
    loadings, power = statistics.neuropil_loadings, statistics.slow_noise**2
    unit = unit_spectrum(statistics.slow_noise, frames)
    own = 1 - (loadings**2).sum(axis=0) / (power.sum(axis=0) / frames)
    groups = {"own_slow": np.sqrt(own * power), "neuropil": np.tile(unit, len(loadings))}
    made = slow_noise(random, "observation", frames, groups, built_in)
    slow, neuropil = (keras.layers.Add(name=group)(terms) for group, terms in made.items())
    terms = [loaded(neuropil, "neuropil_loadings", loadings)]
    for name, y, spread in (("white", white, WHITE_SPREAD), ("slow", slow, SLOW_SPREAD)):
        level = keras.layers.Reshape((1, neurons))(random.normal(f"{name}_scale", neurons))
        level = per_neuron(level, f"{name}_spread", spread, None, built_in)
        level = keras.layers.Activation("exponential", name=f"{name}_of_window")(level)
        y = keras.layers.Multiply(name=f"{name}_scaled")([y, level])
        square = keras.layers.Multiply(name=f"{name}_square")([y, y])
        terms += [y, per_neuron(square, f"{name}_skewness", 0.0, None, built_in)]
    return terms
