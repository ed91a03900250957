"""CalciumGAN: the generator and critic of Li, Amvrosiadis, Rochefort and Onken 2020, arXiv 2009.02707, after WaveGAN.

Shapes in the comments are those of the paper: windows of 2048 frames, 102 neurons, U = 64.
"""

import keras
import tensorflow as tf

from calciumgan_tf.config import LAYERS, STRIDE, Config
from calciumgan_tf.models import readout
from calciumgan_tf.models.convolutions import PairedConv1D
from calciumgan_tf.models.layers import LeakyReLU, PhaseShuffle

SHUFFLES = LAYERS - 1  # phase shuffles in the critic


def generator(config: Config, neurons: int, scaling=None, physiology=None, name="generator") -> keras.Model:
    """Noise to windows (example, frame, neuron); `draw_noise` says what noise.

    Args:
      config: Config.
      neurons: how many.
      scaling: None for scaled windows, in training; a Scaling for windows in dF/F, by one more layer without weights,
        all of them Keras' own.
      physiology: Physiology, where the calcium readout starts.
      name: of the model.

    Returns:
      a Keras model.
    """
    dtype, calcium = config.precision, config.readout == "calcium"
    noise = keras.Input((config.noise_dim,), name="noise")
    frames = (config.window_frames + (readout.warm_up(physiology.decay) if calcium else 0)) // STRIDE**LAYERS
    x = keras.layers.Dense(frames * config.noise_dim, dtype=dtype, name="project")(noise)
    x = keras.layers.LeakyReLU(dtype=dtype, name="project_activation")(x)
    x = keras.layers.Reshape((frames, config.noise_dim), dtype=dtype, name="unflatten")(x)  # [64, 32]
    # [64, 32] -> [128, 5U] -> [256, 4U] -> [512, 3U] -> [1024, 2U] -> [2048, neurons, or U for the calcium readout]
    last = config.units if calcium else neurons
    for layer, filters in enumerate([*(config.units * n for n in range(LAYERS, 1, -1)), last], 1):
        shape = {"filters": filters, "kernel_size": config.kernel_size, "strides": STRIDE, "padding": "same"}
        x = keras.layers.Conv1DTranspose(**shape, dtype=dtype, name=f"upsample{layer}")(x)
        if layer < LAYERS or not calcium:
            x = keras.layers.LayerNormalization(dtype=dtype, name=f"norm{layer}")(x)
        x = keras.layers.LeakyReLU(dtype=dtype, name=f"activation{layer}")(x)
    build = readout.calcium if calcium else readout.convolution
    inputs, x = build(x, config, neurons, physiology, built_in=scaling is not None)
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


def critic(config: Config, neurons: int) -> keras.Model:
    """Scaled windows (example, frame, neuron) and shifts int32 (example, SHUFFLES) to scores (example,)."""
    dtype = config.precision
    windows = keras.Input((config.window_frames, neurons), name="windows")
    shifts = keras.Input((SHUFFLES,), dtype="int32", name="shifts")
    x = windows
    # [2048, neurons] -> [1024, U] -> [512, 2U] -> [256, 3U] -> [128, 4U] -> [64, 5U]
    for layer in range(1, LAYERS + 1):
        shape = {
            "filters": config.critic_units * layer,
            "kernel_size": config.critic_kernel_size,
            "strides": STRIDE,
            "padding": "same",
        }
        x = PairedConv1D(**shape, dtype=dtype, name=f"downsample{layer}")(x)
        x = LeakyReLU(dtype=dtype, name=f"activation{layer}")(x)
        if layer <= SHUFFLES:
            x = PhaseShuffle(dtype=dtype, name=f"phase_shuffle{layer}")(x, shifts[:, layer - 1])
    x = keras.layers.Flatten(dtype=dtype, name="flatten")(x)  # [64 * 5U]
    x = keras.layers.Dense(1, dtype="float32", name="score")(x)
    return keras.Model([windows, shifts], x[:, 0], name="critic")
