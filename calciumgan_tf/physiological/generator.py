"""This project's own generator: CalciumGAN's features drive a model of calcium imaging, neuron by neuron.

    x_n(t) = o_n + a_n f_n(t) + n_n(t)                      scaled trace: baseline, fluorescence and noise
    f_n(t) = saturated(c_n(t))                              fluorescence of the indicator
    c_n(t) = sum over j of K_n(j) p_n(t - j) s_n(t - j)     calcium: kernel, event gate and event size

Each part has a file with its equation: `gate`, `sizes`, `kernel`, `saturation` and `noise`; `slow_noise` is used by two
of them. The generator starts with each neuron's kernel, rate, event sizes, baseline and noise of the training part, and
with the correlations of events and of what these leave (`NeuronStatistics`). It is calibrated before training
(`calibration`). Kernel and saturation, and how noise grows and how skewed it is, are fixed; everything else is learned.
The critic is CalciumGAN's. More: docs/physiological.md.
"""

import keras

from calciumgan_tf.models import calciumgan
from calciumgan_tf.physiological.gate import gate, hidden
from calciumgan_tf.physiological.kernel import calcium, warm_up
from calciumgan_tf.physiological.layers import per_neuron
from calciumgan_tf.physiological.noise import noise
from calciumgan_tf.physiological.saturation import saturated
from calciumgan_tf.physiological.sizes import sizes

TITLE = "this project's own: CalciumGAN's features and critic, with a model of the calcium indicator"
DEFAULTS = calciumgan.FEATURES | {
    "phase_shuffle": 10,
    "critic_units": 16,
    "critic_kernel_size": 8,
    "statistics_loss": 100.0,
    "calibration": 300,
}
TRAINING = {
    "wgan-gp": {
        "critic_updates": 2,
        "critic_batches": "single",
        "learning_rate": 1e-3,
        "critic_learning_rate": 5e-4,
        "half_rate_step": 400,
    }
}
BY_DATASET: dict = {}

frame_divisor, critic = calciumgan.frame_divisor, calciumgan.critic


def frames_before(config, frames, statistics) -> int:
    """Frames that are generated before a window of so many and cut off; see `kernel.warm_up`."""
    return warm_up(statistics.decay, frame_divisor(config, frames), frames)


def generator(random, config, frames, neurons, statistics, before, conditions=None, built_in=False):
    """Random inputs to scaled traces.

    Args:
      random: RandomInputs.
      config: GeneratorConfig.
      frames: of a window.
      neurons: how many.
      statistics: NeuronStatistics, where training starts.
      before: frames that are generated before these and cut off.
      conditions: Keras tensor (example, before + frames, channel), or None.
      built_in: whether to use Keras' own layers only, as a saved generator does.

    Returns:
      a Keras tensor (example, frame, neuron).
    """
    total = frames + before
    h = hidden(random, calciumgan.features(random, config, total, config.units, conditions), conditions)
    opened, states = gate(random, h, conditions, statistics, built_in)
    events = keras.layers.Multiply(name="events")([opened, sizes(random, states, statistics, built_in)])
    f = saturated(calcium(events, frames, statistics, built_in), statistics, built_in)
    level = per_neuron(f, "calcium", 1.0, statistics.baseline, built_in)
    return keras.layers.Add(name="observed")([level, *noise(random, f, statistics, built_in)])
