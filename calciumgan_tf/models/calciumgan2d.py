"""The 2-D model of the public CalciumGAN: convolutions over frames and neurons, as if neurons had an order.

Windows are pictures (frame, neuron, 1). Shapes in the comments are those of 2048 frames, 102 neurons, U = 64.
"""

import keras

from calciumgan_tf.config import CRITIC_2D_STRIDE, LAYERS
from calciumgan_tf.models import blocks
from calciumgan_tf.models.layers import PhaseShuffle

DOUBLED = 3  # the layer of the generator that doubles neurons


def generate(noise, config, frames, channels):
    """Noise vectors to (example, frame, channel); of an odd number of channels, one more is made and cut off."""
    half, stride, units = -(-channels // 2), config.stride, config.units
    x = blocks.project(noise, config, (frames // stride**LAYERS, half, config.noise_dim))
    # [64, 51, 32] -> [128, 51, 5U] -> [256, 51, 3U] -> [512, 102, 2U] -> [1024, 102, U] -> [2048, 102, 1]
    for layer, filters in enumerate([5 * units, 3 * units, 2 * units, units, 1], 1):
        x = blocks.upsample2d(x, config, filters, (stride, 2 if layer == DOUBLED else 1), layer)
        if layer < LAYERS:  # of a single channel, layer normalisation would leave nothing
            x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, config, layer)
    x = keras.layers.Dense(1, dtype=config.precision, name="mix")(x)
    return keras.layers.Reshape((frames, 2 * half), dtype=config.precision, name="picture")(x)[..., :channels]


def largest_shifts(config, neurons) -> list:
    """Of each phase shuffle of the critic: over frames after the first three layers, over neurons after four."""
    over_neurons = min(config.phase_shuffle_neurons, neurons - 1)
    return [config.phase_shuffle] * (LAYERS - 2) + [over_neurons] * (LAYERS - 1)


def criticise(x, config, shifts):
    """Windows to features of the critic, (example, ...); `shifts` int32 (example, phase shuffle)."""
    dtype = config.precision
    x = keras.layers.Reshape((*x.shape[1:], 1), dtype=dtype, name="picture")(x)
    # [2048, 102, 1] -> [512, 102, U] -> [128, 102, 2U] -> [32, 102, 3U] -> [8, 102, 4U] -> [2, 102, 5U]
    for layer in range(1, LAYERS + 1):
        shape = {"kernel_size": config.critic_kernel_size, "strides": (CRITIC_2D_STRIDE, 1), "padding": "same"}
        x = keras.layers.Conv2D(config.critic_units * layer, **shape, dtype=dtype, name=f"downsample{layer}")(x)
        x = blocks.critic_activate(x, config, layer)
        if layer < LAYERS:
            frames, neurons, filters = x.shape[1:]
            if layer < LAYERS - 1:
                rows = keras.layers.Reshape((frames, neurons * filters), dtype=dtype)(x)
                rows = PhaseShuffle(dtype=dtype, name=f"phase_shuffle{layer}")(rows, shifts[:, layer - 1])
                x = keras.layers.Reshape((frames, neurons, filters), dtype=dtype)(rows)
            columns = keras.layers.Permute((2, 1, 3), dtype=dtype)(x)
            columns = keras.layers.Reshape((neurons, frames * filters), dtype=dtype)(columns)
            over_neurons = shifts[:, LAYERS - 2 + layer - 1]
            columns = PhaseShuffle(dtype=dtype, name=f"phase_shuffle_neurons{layer}")(columns, over_neurons)
            columns = keras.layers.Reshape((neurons, frames, filters), dtype=dtype)(columns)
            x = keras.layers.Permute((2, 1, 3), dtype=dtype)(columns)
    return x
