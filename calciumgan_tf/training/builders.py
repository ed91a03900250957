"""From a Config to a generator and a critic: model, representation, readout, scaling."""

import math

import keras
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.models import calciumgan, calciumgan2d, fourier, mlp, wavegan
from calciumgan_tf.physiological import readout

MODELS = {"calciumgan": calciumgan, "calciumgan2d": calciumgan2d, "wavegan": wavegan, "mlp": mlp}


def generator(config: Config, neurons: int, scaling=None, physiology=None, name="generator") -> keras.Model:
    """Noise to windows (example, frame, neuron); `draw_noise` says what noise.

    Args:
      config: Config.
      neurons: how many.
      scaling: None for scaled windows, in training; a Scaling for windows in dF/F, by one more layer without weights,
        all of them Keras' own.
      physiology: NeuronStatistics, where the calcium readout starts.
      name: of the model.

    Returns:
      a Keras model.
    """
    noise = keras.Input((config.noise_dim,), name="noise")
    uniform = keras.ops.erf(noise / math.sqrt(2))  # of normal numbers: uniform between -1 and 1
    vector = uniform if config.noise == "uniform" else noise
    if config.readout == "calcium":
        frames = config.window_frames + readout.warm_up(physiology.decay)
        x = calciumgan.features(vector, config, frames, config.units, norm_last=False)
        inputs, x = readout.calcium(x, config, neurons, physiology, built_in=scaling is not None)
    else:
        inputs, spectral = [], config.representation == "fourier"
        x = MODELS[config.model].generate(vector, config, config.convolved_frames, neurons * (1 + spectral))
        if spectral:
            x = fourier.traces(x, config.precision)
        x = readout.limited(x, config)
    if config.post_filter:
        shape = {"kernel_size": config.post_filter, "padding": "same", "use_bias": False}
        x = keras.layers.DepthwiseConv1D(**shape, dtype="float32", name="post_filter")(x)
    if scaling is not None:
        x = keras.layers.Rescaling(scaling.scale, scaling.shift, dtype="float32", name="dff")(x)
    return keras.Model([noise, *inputs], x, name=name)


def draw_noise(generator, examples, seed):
    """What a generator makes windows of: standard normal noise for each of its inputs.

    Args:
      generator: Keras model.
      examples: how many.
      seed: (2,), a fresh one each time.

    Returns:
      list of float32 (example, ...).
    """
    keys = [tf.random.experimental.stateless_fold_in(seed, number) for number in range(len(generator.inputs))]
    return [tf.random.stateless_normal([examples, *one.shape[1:]], key) for one, key in zip(generator.inputs, keys)]


def largest_shifts(config: Config, neurons: int) -> list:
    """Largest shift of each of the critic's phase shuffles."""
    return MODELS[config.model].largest_shifts(config, neurons)


def critic(config: Config, neurons: int) -> keras.Model:
    """Scaled windows (example, frame, neuron) and shifts int32 (example, phase shuffle) to scores (example,)."""
    windows = keras.Input((config.window_frames, neurons), name="windows")
    shifts = keras.Input((len(largest_shifts(config, neurons)),), dtype="int32", name="shifts")
    x = fourier.coefficients(windows, config.precision) if config.representation == "fourier" else windows
    x = MODELS[config.model].criticise(x, config, shifts)
    x = keras.layers.Flatten(dtype=config.precision, name="flatten")(x)
    x = keras.layers.Dense(1, dtype="float32", name="score")(x)
    return keras.Model([windows, shifts], x[:, 0], name="critic")
