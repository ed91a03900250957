"""What generators and critics are built of; which of the alternatives is used, the Config says."""

import math

import keras

from calciumgan_tf.models.convolutions import PairedConv1D
from calciumgan_tf.models.layers import LeakyReLU, PhaseShuffle


def project(noise, config, shape):
    """The generator's first layer: noise vectors (example, noise_dim) to (example, *shape)."""
    x = keras.layers.Dense(math.prod(shape), dtype=config.precision, name="project")(noise)
    x = activate(x, config, 0)
    return keras.layers.Reshape(shape, dtype=config.precision, name="unflatten")(x)


def activate(x, config, layer):
    """The generator's activation."""
    if config.activation == "leaky_relu":
        return keras.layers.LeakyReLU(dtype=config.precision, name=f"activation{layer}")(x)
    return keras.layers.Activation(config.activation, dtype=config.precision, name=f"activation{layer}")(x)


def normalise(x, config, layer):
    """The generator's normalisation: over the channels of a frame, over the batch, or none."""
    if config.generator_norm == "none":
        return x
    settings = {"dtype": config.precision, "name": f"norm{layer}"}
    if config.generator_norm == "layer":
        return keras.layers.LayerNormalization(**settings)(x)
    return keras.layers.BatchNormalization(**settings)(x)


def upsample1d(x, config, filters, layer):
    """(example, frame, channel) to `stride` times as many frames."""
    shape = {"filters": filters, "kernel_size": config.kernel_size, "padding": "same", "dtype": config.precision}
    if config.upsample == "transposed":
        return keras.layers.Conv1DTranspose(strides=config.stride, name=f"upsample{layer}", **shape)(x)
    x = keras.layers.UpSampling1D(config.stride, dtype=config.precision, name=f"repeat{layer}")(x)
    return keras.layers.Conv1D(name=f"upsample{layer}", **shape)(x)


def upsample2d(x, config, filters, strides, layer):
    """(example, frame, neuron, channel) to so many times as many frames and neurons."""
    shape = {"filters": filters, "kernel_size": config.kernel_size, "padding": "same", "dtype": config.precision}
    if config.upsample == "transposed":
        return keras.layers.Conv2DTranspose(strides=strides, name=f"upsample{layer}", **shape)(x)
    x = keras.layers.UpSampling2D(strides, dtype=config.precision, name=f"repeat{layer}")(x)
    return keras.layers.Conv2D(name=f"upsample{layer}", **shape)(x)


def critic_activate(x, config, layer):
    """The critic's leaky ReLU."""
    return LeakyReLU(config.critic_slope, dtype=config.precision, name=f"activation{layer}")(x)


def downsample1d(x, config, filters, shifts):
    """The critic's convolutions, one for each of `filters`, with a phase shuffle after each but the last."""
    for layer, number in enumerate(filters, 1):
        shape = {"kernel_size": config.critic_kernel_size, "strides": config.stride, "padding": "same"}
        x = PairedConv1D(number, **shape, dtype=config.precision, name=f"downsample{layer}")(x)
        x = critic_activate(x, config, layer)
        if layer < len(filters):
            x = PhaseShuffle(dtype=config.precision, name=f"phase_shuffle{layer}")(x, shifts[:, layer - 1])
    return x


def over_frames(name, dtype, kernel):
    """A function that multiplies (example, frame, channel) by a constant matrix (frame, frame after)."""
    first, last = (keras.layers.Permute((2, 1), dtype=dtype) for _ in range(2))
    layer = keras.layers.Dense(kernel.shape[1], use_bias=False, trainable=False, dtype=dtype, name=name)
    layer.build((None, None, kernel.shape[0]))
    layer.set_weights([kernel])
    return lambda y: last(layer(first(y)))
