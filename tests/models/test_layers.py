import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.models.layers import Dropout, LeakyReLU, PhaseShuffle

FRAMES = 16


def plain(inputs, shifts):
    """Each example padded by reflection and cut: the textbook formulation, differentiated by TensorFlow itself."""
    m = int(tf.reduce_max(tf.abs(shifts)))
    padded = tf.pad(inputs, [[0, 0], [m, m], [0, 0]], "REFLECT")
    return tf.stack([padded[i, m - shift : m - shift + FRAMES] for i, shift in enumerate(shifts)])


@pytest.fixture
def inputs():
    return tf.random.stateless_normal([7, FRAMES, 3], [0, 1], dtype=tf.float64)


SHIFTS = tf.constant([-5, -1, 0, 1, 5, 15, -15])


def test_values_and_length(inputs):
    shifted = PhaseShuffle(dtype="float64")(inputs, SHIFTS)
    assert shifted.shape == inputs.shape
    np.testing.assert_array_equal(shifted, plain(inputs, SHIFTS))


def test_reflection_by_hand():
    ramp = tf.reshape(tf.range(5, dtype=tf.float32), [1, 5, 1])
    assert PhaseShuffle()(ramp, tf.constant([2]))[0, :, 0].numpy().tolist() == [2, 1, 0, 1, 2]
    assert PhaseShuffle()(ramp, tf.constant([-2]))[0, :, 0].numpy().tolist() == [2, 3, 4, 3, 2]


def derivatives(shuffle, inputs):
    """First and second derivative of something that is not linear in the shuffled windows."""
    weights = tf.random.stateless_normal(inputs.shape, [3, 4], dtype=inputs.dtype)
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            loss = tf.reduce_sum(weights * shuffle(inputs, SHIFTS) ** 3)
        first = inner.gradient(loss, inputs)
        penalty = tf.reduce_sum((tf.norm(tf.reshape(first, [7, -1]), axis=1) - 1) ** 2)
    return first, outer.gradient(penalty, inputs)


def test_first_and_second_gradient_equal_the_plain_ones(inputs):
    ours = derivatives(PhaseShuffle(dtype="float64"), inputs)
    for mine, theirs in zip(ours, derivatives(plain, inputs)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


def test_gradient_is_the_adjoint(inputs):
    """<shuffle(x), y> = <x, gradient(y)> for every shift."""
    other = tf.random.stateless_normal(inputs.shape, [5, 6], dtype=tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        product = tf.reduce_sum(PhaseShuffle(dtype="float64")(inputs, SHIFTS) * other)
    assert float(tf.reduce_sum(inputs * tape.gradient(product, inputs))) == pytest.approx(float(product))


def test_leaky_relu_is_keras_but_has_no_second_derivative():
    inputs = tf.constant([-2.0, -1e-3, 0.0, 1e-3, 2.0])
    results = []
    for layer in (LeakyReLU(), keras.layers.LeakyReLU()):
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                outputs = layer(inputs)
            first = inner.gradient(outputs, inputs)
        results.append((outputs, first, outer.gradient(first, inputs)))
    for mine, theirs in zip(results[0][:2], results[1][:2]):
        np.testing.assert_array_equal(mine, theirs)
    assert results[0][2] is None and not np.any(results[1][2])


def test_a_shift_of_zero_changes_nothing(inputs):
    np.testing.assert_array_equal(PhaseShuffle(dtype="float64")(inputs, tf.zeros([7], tf.int32)), inputs)


def test_dropout_follows_from_its_noise():
    layer, inputs = Dropout(0.25), tf.random.stateless_normal([50, 40, 10], [0, 0])
    noise = tf.random.stateless_uniform(inputs.shape, [1, 0])
    once, again = (layer(inputs, noise, training=True).numpy() for _ in range(2))
    np.testing.assert_array_equal(once, again)
    left_out = once == 0
    np.testing.assert_array_equal(left_out, noise.numpy() < 0.25)
    assert left_out.mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_allclose(once[~left_out], inputs.numpy()[~left_out] / 0.75, rtol=1e-6)
    assert layer(inputs, noise) is inputs
