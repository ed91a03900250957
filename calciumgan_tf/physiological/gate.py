"""Event gate: whether a neuron has an event in a frame, and how much of one.

    u_n(t) = w_n h(t) + v_n(t) + b_n + l_n e_n(t) + q_n e_n(t)^3 + y_n(t)   latent
    y_n(t) = slow_n(t) + L_n shared(t)                                      state
    p_n(t) = sigmoid(k_n u_n(t))                                            gate, 0 to 1

h are hidden units of CalciumGAN's features and of white noise that all neurons share, v is what conditions add, if the
model is given any (`tuning`), e is white noise of the neuron's own, slow its own slow noise and shared slow noise of a
few channels. Slow noise and loadings L start from the inferred events (`event_statistics`), v from their regression on
the conditions. The slope k starts where a latent's SD moves the gate as far as the spread of the inferred
sizes asks for: 4 over the SD of their logarithm, in SDs of the whole latent. Events of one size get a threshold, those
of many sizes a gate that is often half open.

The cube of e, whose weight q starts at 0, gives the white noise heavy tails, and a neuron in a low state an event now
and then. Without it, too many windows were silent (docs/fidelity_study.md).

A threshold crossed by Gaussian latents that neurons share is the dichotomised Gaussian of Macke, Berens, Ecker, Tolias
and Bethge 2009, Neural Computation 21, 397-423, here with memory and a soft threshold.
"""

import keras
import numpy as np

from calciumgan_tf.models.conditional import beside
from calciumgan_tf.physiological.dichotomised import thresholds
from calciumgan_tf.physiological.event_statistics import SLOW_SECONDS, unit_power
from calciumgan_tf.physiological.layers import loaded, per_neuron
from calciumgan_tf.physiological.slow_noise import slow_noise
from calciumgan_tf.physiological.tuning import tuning

HIDDEN = 32  # units that mix features and shared noise
SHARED = 8  # channels of white noise that all neurons share
# Where training starts, in SDs of a neuron's own white noise:
SLOPE, FLATTEST, STEEPEST = 4.0, 1.0, 64.0  # slope of the gate times the spread of sizes; limits, in SDs of the latent
WEIGHTS = 0.1  # SD of what features and shared noise contribute to a latent
PROBIT = 1.702  # a logistic function is nearly a normal distribution function so many times wider


def hidden(random, features, conditions=None):
    """Features, shared white noise and conditions, mixed: (example, frame, HIDDEN)."""
    shared = random.normal("shared_noise", features.shape[1], SHARED)
    x = keras.layers.Concatenate(name="with_noise")([features, shared])
    x = beside(x, conditions, "with_conditions")
    x = keras.layers.Dense(HIDDEN, name="hidden")(x)
    return keras.layers.LeakyReLU(name="hidden_activation")(x)


def gate(random, h, conditions, statistics, built_in):
    """The gate and the state, Keras tensors (example, frame, neuron).

    The threshold starts where the gate is open for as long as the neuron has events.

    Args:
      random: RandomInputs.
      h: hidden units, (example, frame, unit).
      conditions: Keras tensor (example, frame, channel), or None.
      statistics: NeuronStatistics.
      built_in: whether to use Keras' own layers.
    """
    frames, neurons = h.shape[1], len(statistics.noise)
    power = np.stack([unit_power(seconds, statistics.frame_rate, frames) for seconds in SLOW_SECONDS], axis=1)
    own, channels = power @ statistics.event_slow, power @ statistics.channels  # A^2
    loadings = statistics.event_loadings
    variance = 1 + WEIGHTS**2 + statistics.event_slow.sum(axis=0) + (loadings**2).sum(axis=0)
    slope = np.clip(SLOPE / statistics.event_spread, FLATTEST, STEEPEST) / np.sqrt(variance)
    sd = np.sqrt(variance + (PROBIT / slope) ** 2)  # of the latent and what its soft threshold adds
    threshold = -thresholds(statistics.event_probability) * sd
    if conditions is not None:
        threshold = threshold + statistics.untuned * sd / PROBIT
    small = keras.initializers.RandomNormal(stddev=WEIGHTS / np.sqrt(HIDDEN))
    white = random.normal("latent_noise", frames, neurons)
    cubed = keras.layers.Multiply(name="latent_noise_cubed")([white, white, white])
    terms = [
        keras.layers.Dense(neurons, kernel_initializer=small, use_bias=False, name="latent")(h),
        per_neuron(white, "latent_noise_level", 1.0, threshold, built_in),
        per_neuron(cubed, "latent_noise_tail", 0.0, None, built_in),
    ]
    if conditions is not None:
        terms.append(tuning(conditions, statistics.tuning * sd / PROBIT, statistics.frame_rate))
    groups = {"latent_slow": np.sqrt(own), "shared_slow": np.sqrt(channels)}
    slow = slow_noise(random, "latent", frames, groups, built_in)
    # Straight to the latents: through the hidden layer it displaced the fast noise (docs/fidelity_study.md).
    shared = keras.layers.Add(name="shared_slow")(slow["shared_slow"])
    states = keras.layers.Add(name="states")([*slow["latent_slow"], loaded(shared, "loadings", loadings)])
    terms.append(states)
    latents = keras.layers.Add(name="latents")(terms)
    steep = per_neuron(latents, "steepness", slope, None, built_in)
    return keras.layers.Activation("sigmoid", name="gate")(steep), states
