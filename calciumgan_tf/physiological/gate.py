"""Event gate: whether a neuron has an event in a frame, and how much of one.

    u_n(t) = w_n h(t) + b_n + l_n e_n(t) + slow_n(t) + L_n shared(t)        latent
    p_n(t) = sigmoid(k_n u_n(t))                                            gate, 0 to 1

h are hidden units of CalciumGAN's features and of white noise that all neurons share, e is white noise of the neuron's
own, slow its own slow noise and shared slow noise of a few channels. The slope k starts at 16, nearly a threshold;
a start at 4, with graded events, was better on one recording and much worse on synthetic data.

A threshold crossed by Gaussian latents that neurons share is the dichotomised Gaussian of Macke, Berens, Ecker, Tolias
and Bethge 2009, Neural Computation 21, 397-423, here with memory and a soft threshold.
"""

import math

import keras
import numpy as np
import scipy.special

from calciumgan_tf.physiological.layers import per_neuron
from calciumgan_tf.physiological.slow_noise import autoregressive_power, slow_noise

HIDDEN = 32  # units that mix features and shared noise
SHARED = 8  # channels of white, and of slow noise that all neurons share
SLOW_SECONDS = (0.3, 3.0, 30.0)  # time constants that slow noise starts with: bursts, states, drift
# Where training starts, in SDs of a neuron's own white noise:
STEEPNESS = 16.0  # slope of the gate
WEIGHTS = 0.1  # SD of what features and shared noise contribute to a latent
SLOW_SPREAD = 0.1  # SD of what each time constant contributes
SHARED_SLOW = 0.03  # SD of what each channel of shared slow noise contributes
PROBIT = 1.702  # a logistic function is nearly a normal distribution function so many times wider


def hidden(random, features):
    """Features and shared white noise, mixed: (example, frame, HIDDEN)."""
    shared = random.normal("shared_noise", features.shape[1], SHARED)
    x = keras.layers.Concatenate(name="with_noise")([features, shared])
    x = keras.layers.Dense(HIDDEN, name="hidden")(x)
    return keras.layers.LeakyReLU(name="hidden_activation")(x)


def gate(random, h, statistics, built_in):
    """The gate, a Keras tensor (example, frame, neuron).

    The threshold starts where the gate is open for as long as the neuron has events.

    Args:
      random: RandomInputs.
      h: hidden units, (example, frame, unit).
      statistics: NeuronStatistics.
      built_in: whether to use Keras' own layers.
    """
    frames, neurons = h.shape[1], len(statistics.noise)
    power = sum(autoregressive_power(seconds, statistics.frame_rate, frames) for seconds in SLOW_SECONDS)
    variance = 1 + WEIGHTS**2 + (SLOW_SPREAD**2 + SHARED * SHARED_SLOW**2) * power.sum() / frames
    threshold = scipy.special.ndtri(statistics.event_probability) * math.sqrt(variance + (PROBIT / STEEPNESS) ** 2)
    small = keras.initializers.RandomNormal(stddev=WEIGHTS / math.sqrt(HIDDEN))
    white = random.normal("latent_noise", frames, neurons)
    terms = [
        keras.layers.Dense(neurons, kernel_initializer=small, use_bias=False, name="latent")(h),
        per_neuron(white, "latent_noise_level", 1.0, threshold, built_in),
    ]
    sd = np.sqrt(power)[:, None]
    groups = {"latent_slow": np.tile(SLOW_SPREAD * sd, neurons), "shared_slow": np.tile(sd, SHARED)}
    slow = slow_noise(random, "latent", frames, groups, built_in)
    # Straight to the latents: through the hidden layer it displaced the fast noise in training (docs/fidelity.md).
    small = keras.initializers.RandomNormal(stddev=SHARED_SLOW)
    loadings = keras.layers.Dense(neurons, use_bias=False, kernel_initializer=small, name="loadings")
    terms += [*slow["latent_slow"], loadings(keras.layers.Concatenate(name="shared_slow")(slow["shared_slow"]))]
    latents = keras.layers.Add(name="latents")(terms)
    steep = per_neuron(latents, "steepness", STEEPNESS, None, built_in)
    return keras.layers.Activation("sigmoid", name="gate")(steep)
