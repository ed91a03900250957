import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.models.convolutions import PairedConv1D


@pytest.mark.parametrize(
    "taps, stride, frames",
    [(24, 2, 16), (25, 4, 16), (5, 2, 16), (4, 4, 16), (2, 2, 16), (1, 2, 16), (3, 1, 16), (8, 4, 6), (24, 2, 17)],
)
def test_values_and_gradients_are_keras(taps, stride, frames):
    shape = {"filters": 3, "kernel_size": taps, "strides": stride, "padding": "same", "dtype": "float64"}
    plain, paired = keras.layers.Conv1D(**shape, bias_initializer="normal"), PairedConv1D(**shape)
    inputs = tf.random.stateless_normal([2, frames, 5], [0, 1], dtype=tf.float64)
    results = []
    for layer in (plain, paired):
        layer.build(inputs.shape)
        layer.set_weights(plain.get_weights())
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs)
            loss = tf.reduce_sum(outputs**3)
        results.append([outputs, *tape.gradient(loss, [inputs, *layer.trainable_variables])])
    assert results[0][0].shape == results[1][0].shape
    for mine, theirs in zip(*results):
        np.testing.assert_allclose(mine, theirs, atol=1e-9)
