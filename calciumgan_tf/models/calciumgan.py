"""CalciumGAN: the generator and critic of Li, Amvrosiadis, Rochefort and Onken 2020, arXiv 2009.02707, after WaveGAN.

Shapes in the comments are those of the paper: windows of 2048 frames, 102 neurons, U = 64.
"""

import keras

from calciumgan_tf.config import LAYERS
from calciumgan_tf.models import blocks


def features(noise, config, frames, channels, norm_last):
    """Noise vectors to (example, frame, channel).

    Args:
      noise: Keras tensor (example, noise_dim).
      config: Config.
      frames: a multiple of stride ** LAYERS.
      channels: of the last convolution.
      norm_last: whether it is normalised as the others are.
    """
    x = blocks.project(noise, config, (frames // config.stride**LAYERS, config.noise_dim))  # [64, 32]
    # [64, 32] -> [128, 5U] -> [256, 4U] -> [512, 3U] -> [1024, 2U] -> [2048, channels]
    for layer, filters in enumerate([*(config.units * n for n in range(LAYERS, 1, -1)), channels], 1):
        x = blocks.upsample1d(x, config, filters, layer)
        if layer < LAYERS or norm_last:
            x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, config, layer)
    return x


def generate(noise, config, frames, channels):
    """The paper's layers: the last convolution has a channel a neuron, then channels are mixed."""
    x = features(noise, config, frames, channels, norm_last=True)
    return keras.layers.Dense(channels, dtype=config.precision, name="mix")(x)


def largest_shifts(config, neurons) -> list:
    """Of each phase shuffle of the critic."""
    return [config.phase_shuffle] * (LAYERS - 1)


def criticise(x, config, shifts):
    """Windows to features of the critic, (example, ...); `shifts` int32 (example, phase shuffle)."""
    # [2048, neurons] -> [1024, U] -> [512, 2U] -> [256, 3U] -> [128, 4U] -> [64, 5U]
    return blocks.downsample1d(x, config, [config.critic_units * layer for layer in range(1, LAYERS + 1)], shifts)
