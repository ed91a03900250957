"""Layers that several models are built of; the configuration says which of the alternatives is used."""

import math

import keras

from calciumgan_tf.models import conditional
from calciumgan_tf.models.convolutions import PairedConv1D
from calciumgan_tf.models.layers import Dropout, LeakyReLU, PhaseShuffle

PROJECTED = "projected"  # noise before the first activation
NOISE_LEVEL = 0.3  # of injected noise at the start, in the units of the scaled traces


def project(random, config, shape, activation="leaky_relu"):
    """The generator's first layer: noise vectors (example, noise_dim) to (example, *shape)."""

    def projected():
        return keras.layers.Dense(math.prod(shape), name="project")(random.vector(config.noise, config.noise_dim))

    x = activate(random.series(PROJECTED, shape, projected), 0, activation)
    return keras.layers.Reshape(shape, name="unflatten")(x)


def activate(x, layer, kind="leaky_relu"):
    """The generator's activation: a leaky ReLU with Keras' slope of .3, or a ReLU."""
    make = keras.layers.LeakyReLU if kind == "leaky_relu" else keras.layers.ReLU
    return make(name=f"activation{layer}")(x)


def normalise(x, config, layer):
    """The generator's normalisation: over the channels of a frame, over the batch, or none."""
    if config.norm == "none":
        return x
    make = keras.layers.LayerNormalization if config.norm == "layer" else keras.layers.BatchNormalization
    return make(name=f"norm{layer}")(x)


def upsample1d(x, config, filters, layer):
    """(example, frame, channel) to `stride` times as many frames with `filters` channels."""
    shape = {"filters": filters, "kernel_size": config.kernel_size, "padding": "same", "name": f"upsample{layer}"}
    if config.upsample == "transposed":
        return keras.layers.Conv1DTranspose(strides=config.stride, **shape)(x)
    return keras.layers.Conv1D(**shape)(keras.layers.UpSampling1D(config.stride, name=f"repeat{layer}")(x))


def upsample2d(x, config, filters, strides, layer):
    """(example, frame, neuron, channel) to `strides` times as many frames and neurons with `filters` channels."""
    shape = {"filters": filters, "kernel_size": config.kernel_size, "padding": "same", "name": f"upsample{layer}"}
    if config.upsample == "transposed":
        return keras.layers.Conv2DTranspose(strides=strides, **shape)(x)
    return keras.layers.Conv2D(**shape)(keras.layers.UpSampling2D(strides, name=f"repeat{layer}")(x))


def downsample1d(x, random, config, filters, slope, conditions=None):
    """The critic's convolutions, one for each of `filters`; a phase shuffle, if any, follows each but the last.

    Conditions (example, frame, channel), if any, are further channels of the windows, keep to the resolution of the
    features, and are projected on the last.
    """
    x = conditional.beside(x, conditions, "windows_with_conditions")
    for layer, number in enumerate(filters, 1):
        shape = {"kernel_size": config.kernel_size, "strides": config.stride, "padding": "same"}
        x = PairedConv1D(number, **shape, name=f"downsample{layer}")(x)
        x = LeakyReLU(slope, name=f"activation{layer}")(x)
        if conditions is not None:
            conditions = conditional.coarser(conditions, config.stride, layer)
        if layer < len(filters):
            shift = draw_shift(x, random, config, layer)
            x, conditions = phase_shuffle(x, shift, layer), conditional.shuffled(conditions, shift, layer)
    return conditional.projected(x, conditions)


def draw_shift(x, random, config, layer):
    """The shift of (example, frame, channel) in time, up to `config.phase_shuffle` frames; None if that is 0."""
    if not config.phase_shuffle:
        return None
    return random.shift(f"shift{layer}", config.phase_shuffle, x.shape[1], config.shuffle_per_example)


def phase_shuffle(x, shift, layer):
    """Shifts (example, frame, channel) in time, if there is a shift."""
    return x if shift is None else PhaseShuffle(name=f"phase_shuffle{layer}")(x, shift)


def inject_noise(x, random):
    """Adds Gaussian noise, independent in each frame, to (example, frame, channel), with a learned level a channel.

    Source: Karras, Laine and Aila 2019, CVPR (StyleGAN), there after every convolution and with levels that start at 0.
    """
    noise = random.normal("injected_noise", *x.shape[1:])
    start = keras.initializers.Constant(NOISE_LEVEL)
    scaled = keras.layers.EinsumDense("btn,n->btn", tuple(x.shape[1:]), kernel_initializer=start, name="noise_level")
    return keras.layers.Add(name="with_noise")([x, scaled(noise)])


def dropout(x, random, rate, layer):
    """Leaves out a share `rate` of the units in training."""
    if not rate:
        return x
    return Dropout(rate, name=f"dropout{layer}")(x, random.uniform(f"dropout_noise{layer}", *x.shape[1:]))
