"""This project's own generator: CalciumGAN's features drive a model of calcium imaging, neuron by neuron.

For neuron n and frame t, with h(t) a hidden layer of CalciumGAN's features and of white noise that all neurons share:

    u_n(t) = w_n h(t) + b_n + l_n white(t) + slow(t)        latent; the last two are noise
    p_n(t) = sigmoid(k_n u_n(t))                            event gate, nearly 0 or 1
    s_n(t) = softplus(m_n + v_n white(t))                   event size
    c_n(t) = sum_j g^j (p_n s_n + drift_n)(t - j)           calcium, g = exp(-1 / (tau_decay frame rate))
    x_n(t) = a_n c_n(t) + o_n + r_n white(t)                scaled trace with observation noise

Training starts with independent neurons that have the rate, event size, baseline and noise of the training part
(`NeuronStatistics`). Everything but g and the time constants of the slow noise is learned. The critic is CalciumGAN's.
Why each part is there: docs/fidelity.md.
"""

import math

import keras
import numpy as np
import scipy.special

from calciumgan_tf.models import calciumgan
from calciumgan_tf.physiological.layers import causal_convolution, per_neuron

WARM_UP_DECAYS = 3  # decay times before the window, after which calcium has forgotten that it started from 0
HIDDEN = 32  # units that mix features and shared noise
# Where training starts:
WEIGHTS = 0.1  # SD of what features and shared noise contribute to a latent
STEEPNESS = 16.0  # slope of the gate, in SDs of a neuron's own noise
PROBIT = 1.702  # a logistic function is nearly a normal distribution function so many times wider
SIZE_SPREAD = 0.1  # SD of an event's size, in mean sizes
SLOW_SECONDS = (0.3, 3.0, 30.0)  # time constants of slow noise: bursts, states, drift
SLOW_SPREAD = 0.1  # SD of what each contributes to a latent
SHARED_SLOW = 0.03  # SD of what each channel of shared slow noise contributes to it
DRIFT = 0.1  # SD of what the slowest contributes to the baseline

TITLE = "this project's own: CalciumGAN's features and critic, with a model of the calcium indicator"
DEFAULTS = calciumgan.DEFAULTS | {
    "critic_units": 16,
    "critic_kernel_size": 8,
    "shared_noise": 8,
    "slow_noise": True,
    "statistics_loss": 100.0,
}
TRAINING = {
    "wgan-gp": {"critic_updates": 2, "learning_rate": 5e-3, "critic_learning_rate": 5e-4, "half_rate_step": 400}
}
# The frames of a dichotomised Gaussian are independent; slow noise would displace their fast coincidences.
BY_DATASET = {"synthetic": {"slow_noise": False}}

frame_divisor, critic = calciumgan.frame_divisor, calciumgan.critic


def warm_up(decay, unit) -> int:
    """Frames that are generated before the window: at least three decay times, and a multiple of `unit`."""
    return math.ceil(WARM_UP_DECAYS / -math.log(decay) / unit) * unit


class _Noise:
    """The generator's noise inputs, and the layers that smooth them."""

    def __init__(self, random, neurons, frame_rate, shared, slow, built_in):
        self._random, self._neurons, self._frame_rate, self.built_in = random, neurons, frame_rate, built_in
        self.shared, self.slow_seconds = shared, SLOW_SECONDS if slow else ()

    def white(self, name, frames):
        """White noise of each neuron's own: (example, frame, neuron)."""
        return self._random.normal(f"{name}_noise", frames, self._neurons)

    def shared_white(self, frames):
        """White noise that all neurons share: (example, frame, channel)."""
        return self._random.normal("shared_noise", frames, self.shared)

    def slow(self, name, frames, channels):
        """AR(1) noise of variance 1 for each of the slow time constants: a list of (example, frame, channel)."""
        noises = []
        for number, seconds in enumerate(self.slow_seconds, 1):
            white = self._random.normal(f"{name}{number}", frames, channels)
            decay = math.exp(-1 / max(seconds * self._frame_rate, 0.1))
            start = np.ones((frames, 1))
            start[0] = 1 / math.sqrt(1 - decay**2)  # so that the first frame has variance 1 as well
            white = keras.layers.Rescaling(start, name=f"{name}{number}_start")(white)
            response = math.sqrt(1 - decay**2) * decay ** np.arange(frames)
            noises.append(causal_convolution(white, f"{name}{number}_smooth", response, frames, self.built_in))
        return noises

    def level(self, x, name, start, offset=None):
        """`x` times a learned level a neuron, plus a learned offset."""
        return per_neuron(x, name, start, offset, self.built_in)


def generator(random, config, physiological, frames, neurons, statistics, built_in=False):
    """Random inputs to scaled traces.

    Args:
      random: RandomInputs.
      config: GeneratorConfig.
      physiological: PhysiologicalConfig.
      frames: of a window.
      neurons: how many.
      statistics: NeuronStatistics, where training starts.
      built_in: whether to use Keras' own layers only, as a saved generator does.

    Returns:
      a Keras tensor (example, frame, neuron).
    """
    total = frames + warm_up(statistics.decay, frame_divisor(config, frames))
    x = calciumgan.features(random, config, total, config.units)
    rate = statistics.frame_rate
    noise = _Noise(random, neurons, rate, physiological.shared_noise, physiological.slow_noise, built_in)
    hidden = _hidden(x, noise)
    slow = noise.slow("slow_noise", total, neurons)
    gate = event_gate(hidden, noise, slow, statistics)
    events = keras.layers.Multiply(name="events")([gate, event_size(noise, total, statistics)])
    if slow:
        drift = noise.level(slow[-1], "drift_level", DRIFT * (1 - statistics.decay))
        events = keras.layers.Add(name="drift")([events, drift])
    calcium = causal_convolution(events, "decay", statistics.decay ** np.arange(total), frames, built_in)
    return observe(calcium, noise, statistics)


def _hidden(x, noise):
    """Features and shared white noise, mixed: (example, frame, HIDDEN)."""
    if noise.shared:
        x = keras.layers.Concatenate(name="with_noise")([x, noise.shared_white(x.shape[1])])
    x = keras.layers.Dense(HIDDEN, name="hidden")(x)
    return keras.layers.LeakyReLU(name="hidden_activation")(x)


def event_gate(hidden, noise, slow, statistics):
    """How far an event occurs, 0 to 1: (example, frame, neuron).

    The threshold starts where the gate opens in as many frames as the neuron has events.
    """
    frames, neurons = hidden.shape[1], len(statistics.noise)
    threshold = scipy.special.ndtri(statistics.event_probability) * math.hypot(1, PROBIT / STEEPNESS)
    small = keras.initializers.RandomNormal(stddev=WEIGHTS / math.sqrt(HIDDEN))
    latent = keras.layers.Dense(neurons, kernel_initializer=small, name="latent")
    terms = [latent(hidden), noise.level(noise.white("latent", frames), "latent_noise_level", 1.0)]
    latent.bias.assign(threshold)
    terms += [noise.level(one, f"slow_level{number}", SLOW_SPREAD) for number, one in enumerate(slow, 1)]
    if slow and noise.shared:
        # Straight to the latents: through the hidden layer it displaced the fast noise in training (docs/fidelity.md).
        shared = keras.layers.Concatenate(name="shared_slow")(noise.slow("shared_slow_noise", frames, noise.shared))
        small = keras.initializers.RandomNormal(stddev=SHARED_SLOW)
        terms.append(keras.layers.Dense(neurons, use_bias=False, kernel_initializer=small, name="loadings")(shared))
    latents = keras.layers.Add(name="latents")(terms)
    return keras.layers.Activation("sigmoid", name="gate")(noise.level(latents, "steepness", STEEPNESS))


def event_size(noise, frames, statistics):
    """Size of an event if one occurs, scaled units: (example, frame, neuron)."""
    mean = np.log(np.expm1(statistics.event_size))  # softplus makes the mean size of it
    size = noise.level(noise.white("size", frames), "size", SIZE_SPREAD * statistics.event_size, mean)
    return keras.layers.Activation("softplus", name="event_size")(size)


def observe(calcium, noise, statistics):
    """Calcium to the scaled trace: gain, baseline and white observation noise."""
    x = noise.level(calcium, "gain", 1.0, statistics.baseline)
    white = noise.level(noise.white("observation", calcium.shape[1]), "observation_noise_level", statistics.noise)
    return keras.layers.Add(name="observed")([x, white])
