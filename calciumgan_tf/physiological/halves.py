"""Two halves of a batch, whose differences from a target are multiplied instead of squared.

The sampling noise of the halves is independent, so that it adds nothing to the expected product.
"""

import numpy as np
import tensorflow as tf


def half_weights(batch_size, dtype=tf.float32):
    """Weights of windows in the means over the two halves of a batch, those of even and those of odd index.

    Args:
      batch_size: of the global batch, at least 2.
      dtype: of the windows.

    Returns:
      Tensor (example, half); each column adds up to 1.
    """
    halves = np.arange(batch_size)[:, None] % 2 == [0, 1]
    return tf.constant(halves / halves.sum(axis=0), dtype)


def of_neurons(values, neurons, dtype, axis=0):
    """What a loss holds of each neuron, of some of them: `neurons` are their indices, an integer tensor."""
    return tf.cast(tf.gather(values, neurons, axis=axis), dtype)


def product_of_halves(differences):
    """Mean of the products of the two halves' differences (half, ...)."""
    return tf.reduce_mean(differences[0] * differences[1])
