"""The model without convolutions of the public CalciumGAN: the same few dense layers on every frame."""

import keras

from calciumgan_tf.models import blocks
from calciumgan_tf.models.layers import Dropout


def generate(noise, config, frames, channels):
    """Noise vectors to (example, frame, channel)."""
    x = blocks.project(noise, config, (frames, config.noise_dim))
    for layer in range(1, 4):
        x = keras.layers.Dense(config.units * layer, dtype=config.precision, name=f"dense{layer}")(x)
        x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, config, layer)
        x = _dropout(x, config, layer)
    return keras.layers.Dense(channels, dtype=config.precision, name="mix")(x)


def largest_shifts(config, neurons) -> list:
    """There is no phase shuffle."""
    return []


def criticise(x, config, shifts):
    """Windows to features of the critic, (example, ...)."""
    for layer in range(1, 5):
        x = keras.layers.Dense(config.critic_units * (5 - layer), dtype=config.precision, name=f"dense{layer}")(x)
        x = blocks.critic_activate(x, config, layer)
        x = _dropout(x, config, layer)
    return x


def _dropout(x, config, layer):
    return Dropout(config.dropout, dtype=config.precision, name=f"dropout{layer}")(x) if config.dropout else x
