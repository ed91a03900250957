"""Layers that give a generator and a critic the time course of conditions, beside the published ones.

The generator has the conditions beside its features, at the resolution of each layer. The critic has them beside its
windows, and its last features are multiplied by what it makes of them: the projection of Miyato and Koyama 2018, ICLR,
equation 3, with a time course in the place of a label. The projection alone sees conditions too coarsely to teach the
generator a tuning (docs/how-to/conditions.md). Where there are no conditions, every function leaves the model as it was
published.
"""

import keras

from calciumgan_tf.models.layers import PhaseShuffle

UNITS = 16  # channels that conditions have at each resolution


def coarser(conditions, stride, layer):
    """Conditions (example, frame, channel) at `stride` times fewer frames, learned: (example, frame, UNITS)."""
    shape = {"kernel_size": 2 * stride, "strides": stride, "padding": "same"}
    x = keras.layers.Conv1D(UNITS, **shape, name=f"conditions{layer}")(conditions)
    return keras.layers.LeakyReLU(name=f"conditions_activation{layer}")(x)


def resolutions(conditions, stride, layers):
    """Conditions at each resolution of a generator, from that of its frames to the coarsest: `layers` + 1 tensors."""
    if conditions is None:
        return [None] * (layers + 1)
    made = [conditions]
    for layer in range(1, layers + 1):
        made.append(coarser(made[-1], stride, layer))
    return made


def beside(x, conditions, name):
    """Features (example, frame, channel) with the conditions of their frames as further channels."""
    return x if conditions is None else keras.layers.Concatenate(name=name)([x, conditions])


def shuffled(conditions, shift, layer):
    """Conditions moved by the phase shuffle of the critic's features."""
    if conditions is None or shift is None:
        return conditions
    return PhaseShuffle(name=f"conditions_shuffle{layer}")(conditions, shift)


def projected(x, conditions):
    """The critic's last features with, as further ones, their products with those of the conditions."""
    if conditions is None:
        return x
    factors = keras.layers.Dense(x.shape[-1], use_bias=False, name="conditions_projection")(conditions)
    product = keras.layers.Multiply(name="projected")([x, factors])
    return keras.layers.Concatenate(name="with_projection")([x, product])
