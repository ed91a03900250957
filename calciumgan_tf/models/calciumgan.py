"""CalciumGAN: the generator and critic of Li, Amvrosiadis, Rochefort and Onken 2020, arXiv 2009.02707.

Shapes in the comments are those of the paper: windows of 2048 frames, 102 neurons, U = 64. With configs/paper.flags,
the generator has 4,375,740 parameters and the critic 4,110,273.
"""

import keras

from calciumgan_tf.models import blocks, conditional

LAYERS = 5  # convolutions of the generator, and of the critic
SLOPE = 0.3  # of the leaky ReLU below 0: Keras' default

TITLE = "generator and critic of Li et al. 2020 (arXiv 2009.02707)"
FEATURES = {  # those of the layers that the physiological model shares
    "kernel_size": 24,
    "stride": 2,
    "generator_norm": "layer",
    "normalize_last": False,
    "critic_kernel_size": 24,
    "critic_stride": 2,
}
# Of a window of 256 frames; the paper's values, for 2048, are in configs/paper.flags. What each is worth:
# docs/training_calciumgan.md.
DEFAULTS = FEATURES | {
    "last_units": 32,
    "noise_injection": True,
    "noise_dim": 128,
    "critic_units": 16,
    "phase_shuffle": 1,
}
TRAINING = {"wgan-gp": {"learning_rate": 5e-4, "critic_learning_rate": 5e-4, "ema": 0.995}}
BY_DATASET = {}


def frame_divisor(config, frames) -> int:
    """The number of frames has to be a multiple of this."""
    return config.stride**LAYERS


def features(random, config, frames, channels, conditions=None):
    """Projection and convolutions that upsample: a noise vector to a Keras tensor (example, frame, channel)."""
    given = conditional.resolutions(conditions, config.stride, LAYERS)
    x = blocks.project(random, config, (frames // config.stride**LAYERS, config.noise_dim))  # [64, 32]
    # [64, 32] -> [128, 5U] -> [256, 4U] -> [512, 3U] -> [1024, 2U] -> [2048, channels]
    for layer, filters in enumerate([*(config.units * n for n in range(LAYERS, 1, -1)), channels], 1):
        x = conditional.beside(x, given[-layer], f"with_conditions{layer}")
        x = blocks.upsample1d(x, config, filters, layer)
        if layer < LAYERS or config.normalize_last:
            x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, layer)
    return x


def generator(random, config, frames, channels, conditions=None):
    """A noise vector to traces, a channel a neuron."""
    x = features(random, config, frames, max(channels, config.last_units), conditions)  # [2048, 102]
    x = conditional.beside(x, conditions, "with_conditions")
    x = keras.layers.Dense(channels, name="mix")(x)  # [2048, 102]
    return blocks.inject_noise(x, random) if config.noise_injection else x


def critic(x, random, config, conditions=None):
    """Windows to the features that the score is made of."""
    # [2048, 102] -> [1024, U] -> [512, 2U] -> [256, 3U] -> [128, 4U] -> [64, 5U]
    filters = [config.units * layer for layer in range(1, LAYERS + 1)]
    return blocks.downsample1d(x, random, config, filters, SLOPE, conditions)
