import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.models import calciumgan
from calciumgan_tf.scaling import Scaling

PAPER = Config(window_frames=2048, units=64)


def test_parameters_of_the_paper():
    """Counted by the original at (2048, 102): its README's training command."""
    assert calciumgan.generator(PAPER, 102).count_params() == 4_375_740
    assert calciumgan.critic(PAPER, 102).count_params() == 4_110_273


@pytest.mark.parametrize("frames, neurons", [(64, 3), (96, 1), (256, 16)])
def test_shapes(tiny, frames, neurons):
    config = Config(**{**tiny, "window_frames": frames})
    windows = calciumgan.generator(config, neurons)(tf.random.stateless_normal([5, config.noise_dim], [0, 0]))
    assert windows.shape == (5, frames, neurons)
    assert 0 <= tf.reduce_min(windows) and tf.reduce_max(windows) <= 1
    scores = calciumgan.critic(config, neurons)([windows, tf.zeros([5, calciumgan.SHUFFLES], tf.int32)])
    assert scores.shape == (5,)


def test_generator_in_delta_f_over_f(tiny):
    scaling = Scaling(np.array([1, 2, 3], np.float32), np.array([10, 20, 30], np.float32))
    config = Config(**tiny)
    scaled, dff = calciumgan.generator(config, 3), calciumgan.generator(config, 3, scaling)
    dff.set_weights(scaled.get_weights())
    noise = tf.random.stateless_normal([2, config.noise_dim], [0, 0])
    np.testing.assert_allclose(scaling.scaled(dff(noise)), scaled(noise), atol=1e-6)


def test_critic_uses_the_shift_of_every_layer(tiny):
    critic, windows = calciumgan.critic(Config(**tiny), 3), tf.random.stateless_normal([4, 64, 3], [0, 0])
    scores = [critic([windows, tf.one_hot([layer] * 4, 4, 2, 0, dtype=tf.int32)]).numpy() for layer in range(4)]
    scores.append(critic([windows, tf.zeros([4, 4], tf.int32)]).numpy())
    assert len({tuple(score) for score in scores}) == 5
