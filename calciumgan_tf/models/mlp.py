"""The model without convolutions of the public CalciumGAN: the same few dense layers on every frame."""

import keras

from calciumgan_tf.models import blocks
from calciumgan_tf.models.layers import LeakyReLU

LAYERS = 3  # of the generator, between projection and output; the critic has one more
SLOPE = 0.3  # of the leaky ReLU below 0: Keras' default

TITLE = "dense layers only"
DEFAULTS = {
    "generator_norm": "none",
    "dropout": 0.2,
    "critic_dropout": 0.2,
}
TRAINING = {}
BY_DATASET = {}


def frame_divisor(config, frames) -> int:
    """Any number of frames will do."""
    return 1


def generator(random, config, frames, channels):
    """A noise vector to traces, a channel a neuron."""
    x = blocks.project(random, config, (frames, config.noise_dim))  # [2048, 32]
    for layer in range(1, LAYERS + 1):  # [2048, 32] -> [2048, U] -> [2048, 2U] -> [2048, 3U]
        x = keras.layers.Dense(config.units * layer, name=f"dense{layer}")(x)
        x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, layer)
        x = blocks.dropout(x, random, config.dropout, layer)
    return keras.layers.Dense(channels, name="mix")(x)


def critic(x, random, config):
    """Windows to the features that the score is made of."""
    for layer in range(1, LAYERS + 2):  # [2048, channels] -> [2048, 4U] -> [2048, 3U] -> [2048, 2U] -> [2048, U]
        x = keras.layers.Dense(config.units * (LAYERS + 2 - layer), name=f"dense{layer}")(x)
        x = LeakyReLU(SLOPE, name=f"activation{layer}")(x)
        x = blocks.dropout(x, random, config.dropout, layer)
    return x
