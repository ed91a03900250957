"""The two-dimensional model of the public CalciumGAN: convolutions over frames and neurons, as if neurons had an order.

Windows are pictures (frame, neuron, 1). Shapes in the comments are those of 2048 frames, 102 neurons, U = 64.
"""

import keras

from calciumgan_tf.models import blocks
from calciumgan_tf.models.layers import LeakyReLU, PhaseShuffle

LAYERS = 5  # convolutions of the generator, and of the critic
DOUBLING = 3  # the layer of the generator that doubles the neurons
SLOPE = 0.3  # of the leaky ReLU below 0: Keras' default

TITLE = "the two-dimensional model of CalciumGAN's public code"
DEFAULTS = {  # the public code has kernels of 24 x 24, which are slow on a CPU
    "kernel_size": 8,
    "stride": 2,
    "generator_norm": "layer",
    "critic_kernel_size": 8,
    "critic_stride": 4,
    "phase_shuffle": 2,
    "phase_shuffle_neurons": 2,
}
TRAINING = {}
BY_DATASET = {}


def frame_divisor(config, frames) -> int:
    """The number of frames has to be a multiple of this."""
    return config.stride**LAYERS


def generator(random, config, frames, channels):
    """A noise vector to traces, a channel a neuron; of an odd number of channels, one more is made and cut off."""
    half, stride, units = -(-channels // 2), config.stride, config.units
    x = blocks.project(random, config, (frames // stride**LAYERS, half, config.noise_dim))  # [64, 51, 32]
    # [64, 51, 32] -> [128, 51, 5U] -> [256, 51, 3U] -> [512, 102, 2U] -> [1024, 102, U] -> [2048, 102, 1]
    for layer, filters in enumerate([5 * units, 3 * units, 2 * units, units, 1], 1):
        x = blocks.upsample2d(x, config, filters, (stride, 2 if layer == DOUBLING else 1), layer)
        if layer < LAYERS:  # of a single channel, layer normalisation would leave nothing
            x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, layer)
    x = keras.layers.Dense(1, name="mix")(x)
    return keras.layers.Reshape((frames, 2 * half), name="picture")(x)[..., :channels]


def critic(x, random, config):
    """Windows to the features that the score is made of."""
    x = keras.layers.Reshape((*x.shape[1:], 1), name="picture")(x)
    # [2048, 102, 1] -> [512, 102, U] -> [128, 102, 2U] -> [32, 102, 3U] -> [8, 102, 4U] -> [2, 102, 5U]
    for layer in range(1, LAYERS + 1):
        shape = {"kernel_size": config.kernel_size, "strides": (config.stride, 1), "padding": "same"}
        x = keras.layers.Conv2D(config.units * layer, **shape, name=f"downsample{layer}")(x)
        x = LeakyReLU(SLOPE, name=f"activation{layer}")(x)
        if layer < LAYERS - 1:
            x = _shuffle_frames(x, random, config, layer)
        if layer < LAYERS:
            x = _shuffle_neurons(x, random, config, layer)
    return x


def _shuffle_frames(x, random, config, layer):
    """Phase shuffle over frames of (example, frame, neuron, filter)."""
    frames, neurons, filters = x.shape[1:]
    rows = keras.layers.Reshape((frames, neurons * filters))(x)
    rows = blocks.phase_shuffle(rows, blocks.draw_shift(rows, random, config, layer), layer)
    return keras.layers.Reshape((frames, neurons, filters))(rows)


def _shuffle_neurons(x, random, config, layer):
    """Phase shuffle over neurons of (example, frame, neuron, filter)."""
    frames, neurons, filters = x.shape[1:]
    largest = min(config.phase_shuffle_neurons, neurons - 1)
    if not largest:
        return x
    columns = keras.layers.Permute((2, 1, 3))(x)
    columns = keras.layers.Reshape((neurons, frames * filters))(columns)
    shift = random.shift(f"shift_neurons{layer}", largest, neurons, config.shuffle_per_example)
    columns = PhaseShuffle(name=f"phase_shuffle_neurons{layer}")(columns, shift)
    columns = keras.layers.Reshape((neurons, frames, filters))(columns)
    return keras.layers.Permute((2, 1, 3))(columns)
