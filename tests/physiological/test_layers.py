import keras
import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from calciumgan_tf.physiological import layers
from calciumgan_tf.physiological.layers import FourierConv1D, PerNeuron

FACTOR, OFFSET = np.array([2.0, -1.0, 0.5], np.float32), np.array([0.0, 1.0, 3.0], np.float32)


def normal(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def outputs_and_gradients(model, inputs):
    """Outputs, and gradients of a function of them with respect to inputs and weights."""
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = model(inputs)
        loss = tf.reduce_sum(tf.sin(outputs))
    return [outputs, *tape.gradient(loss, [inputs, *model.trainable_variables])]


def per_neuron(offset, built_in):
    x = keras.Input((20, 3))
    return keras.Model(x, layers.per_neuron(x, "level", FACTOR, offset, built_in))


def causal_convolution(frames, kept, response, built_in=False):
    x = keras.Input((frames, 3))
    return keras.Model(x, layers.causal_convolution(x, "smooth", np.tile(response[:, None], 3), kept, built_in))


@pytest.mark.parametrize("offset", [None, OFFSET])
def test_per_neuron_is_a_factor_and_an_offset(offset):
    ours, keras_own = per_neuron(offset, False), per_neuron(offset, True)
    assert isinstance(ours.layers[-1], PerNeuron) and type(keras_own.layers[-1]) is keras.layers.EinsumDense
    inputs = normal(4, 20, 3)
    np.testing.assert_allclose(ours(inputs), inputs * FACTOR + (0 if offset is None else offset), rtol=1e-6)
    for mine, theirs in zip(outputs_and_gradients(ours, inputs), outputs_and_gradients(keras_own, inputs)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("frames, kept", [(40, 40), (40, 30), (33, 1), (7, 7)])
def test_causal_convolution_is_the_recursion(frames, kept):
    """c[t] = g c[t-1] + e[t], from before the frames that are kept."""
    events = np.random.default_rng(0).random((2, frames, 3)).astype(np.float32)
    expected = scipy.signal.lfilter([1.0], [1.0, -0.9], events, axis=1)[:, frames - kept :]
    for built_in in (False, True):
        model = causal_convolution(frames, kept, 0.9 ** np.arange(frames), built_in)
        assert type(model.layers[-1]) is (keras.layers.DepthwiseConv1D if built_in else FourierConv1D)
        np.testing.assert_allclose(model(events), expected, rtol=1e-5, atol=1e-5)
        assert not model.trainable_variables


def test_fourier_convolution_has_the_gradient_of_keras():
    results = []
    for layer in (FourierConv1D(5, use_bias=False), keras.layers.DepthwiseConv1D(5, use_bias=False)):
        x = keras.Input((16, 3))
        model = keras.Model(x, layer(x))
        layer.set_weights([normal(5, 3, 1)])
        results.append(outputs_and_gradients(model, normal(2, 16, 3)))
    for mine, theirs in zip(*results):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_a_paper_sized_window_needs_a_weight_a_frame_and_neuron():
    """Not one for every pair of frames, 70 MB for 2048 frames."""
    model = causal_convolution(2112, 2048, 0.95 ** np.arange(2112))
    assert model.count_params() == 2112 * 3
    impulse = np.zeros((1, 2112, 3), np.float32)
    impulse[0, 64] = 1
    np.testing.assert_allclose(model(impulse)[0, :, 1], 0.95 ** np.arange(2048), atol=1e-6)


def test_every_neuron_has_a_response_of_its_own():
    x = keras.Input((20, 2))
    response = np.stack([0.5 ** np.arange(20), 0.9 ** np.arange(20)], axis=1)
    impulse = np.zeros((1, 20, 2), np.float32)
    impulse[0, 0] = 1
    for built_in in (False, True):
        model = keras.Model(x, layers.causal_convolution(x, "smooth", response, 20, built_in))
        np.testing.assert_allclose(model(impulse)[0], response, atol=1e-6)


def test_a_fixed_product_is_not_trained():
    x = keras.Input((4, 3))
    factor = normal(4, 3)
    model = keras.Model(x, layers.fixed_product(x, "fixed", factor))
    inputs = normal(2, 4, 3)
    np.testing.assert_allclose(model(inputs), inputs * factor, rtol=1e-6)
    assert not model.trainable_variables
