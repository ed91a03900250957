import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.hyperparameters import LOSSES
from calciumgan_tf.training import losses

REAL, GENERATED = np.array([3.0, 1.0], np.float32), np.array([1.0, -4.0], np.float32)
BY_HAND = {  # of the critic, of the generator
    "wgan": (GENERATED - REAL, -GENERATED),
    "wgan-gp": (GENERATED - REAL, -GENERATED),
    "lsgan": (((REAL - 1) ** 2 + GENERATED**2) / 2, (GENERATED - 1) ** 2 / 2),
    "gan": (np.log1p(np.exp(-REAL)) + np.log1p(np.exp(GENERATED)), np.log1p(np.exp(-GENERATED))),
}


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_by_hand(kind):
    critic, generator = BY_HAND[kind]
    np.testing.assert_allclose(losses.critic_loss(kind, tf.constant(REAL), tf.constant(GENERATED)), critic, rtol=1e-6)
    np.testing.assert_allclose(losses.generator_loss(kind, tf.constant(GENERATED)), generator, rtol=1e-6)


@pytest.mark.parametrize("kind", LOSSES)
def test_one_step_of_gradient_descent_by_hand(kind):
    """A critic w * x on x = 3 (recorded) and x = 1 (generated), from w = 0, learns to score the recorded one higher."""
    weight = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        loss = losses.critic_loss(kind, 3 * weight, weight)
    slope = {"wgan": -2, "wgan-gp": -2, "lsgan": -3, "gan": (1 - 3) / 2}[kind]
    np.testing.assert_allclose(tape.gradient(loss, weight), slope, rtol=1e-6)


def test_safe_norm_and_its_gradient_at_zero():
    values = tf.concat([tf.zeros([1, 2, 3]), tf.ones([1, 2, 3])], 0)
    with tf.GradientTape() as tape:
        tape.watch(values)
        norm = losses.safe_norm(values)
    np.testing.assert_allclose(norm, [0, np.sqrt(6)], atol=2e-6)
    np.testing.assert_allclose(tape.gradient(norm, values), np.stack([np.zeros((2, 3)), np.full((2, 3), 6**-0.5)]))


def test_penalty_of_a_linear_critic_is_known_everywhere():
    """score = a . x has gradient a at every point, so the penalty is (|a| - 1)^2 whatever is mixed."""
    slope = tf.random.stateless_normal([5, 3], [1, 2])
    real, generated = (tf.random.stateless_normal([4, 5, 3], [i, 0]) for i in range(2))
    penalty = losses.gradient_penalty(
        lambda x: tf.reduce_sum(x * slope, [1, 2]), real, generated, tf.constant([0, 0.3, 0.7, 1])
    )
    np.testing.assert_allclose(penalty, (np.linalg.norm(slope) - 1) ** 2, rtol=1e-5)


def test_penalty_is_taken_between_real_and_generated():
    """score = |x|^2 / 2 has gradient x: the penalty shows at which point it was taken."""
    real, generated = tf.zeros([3, 2, 2]), tf.ones([3, 2, 2])
    mix = tf.constant([0, 0.25, 1.0])
    penalty = losses.gradient_penalty(lambda x: tf.reduce_sum(x**2, [1, 2]) / 2, real, generated, mix)
    np.testing.assert_allclose(penalty, (2 * mix - 1) ** 2, atol=1e-5)


def test_penalty_can_be_differentiated_again():
    weight = tf.Variable(3.0)
    real, generated = tf.zeros([1, 1, 1]), tf.ones([1, 1, 1])
    with tf.GradientTape() as tape:
        penalty = losses.gradient_penalty(lambda x: weight * x[:, 0, 0], real, generated, tf.constant([0.5]))
    np.testing.assert_allclose(tape.gradient(penalty, weight), 2 * (3 - 1), rtol=1e-5)
