import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.models import calciumgan
from calciumgan_tf.scaling import Scaling

PAPER = Config(window_frames=2048, readout="convolution", units=64, critic_units=64, critic_kernel_size=24)


def test_parameters_of_the_paper():
    """Counted by the original at (2048, 102): its README's training command."""
    assert calciumgan.generator(PAPER, 102).count_params() == 4_375_740
    assert calciumgan.critic(PAPER, 102).count_params() == 4_110_273


@pytest.mark.parametrize("frames, neurons", [(64, 3), (96, 1), (256, 16)])
def test_shapes_of_the_papers_model(tiny, frames, neurons):
    config = Config(**{**tiny, "window_frames": frames, "readout": "convolution"})
    generator = calciumgan.generator(config, neurons)
    windows = generator(calciumgan.draw_noise(generator, 5, [0, 0]))
    assert windows.shape == (5, frames, neurons)
    assert 0 <= tf.reduce_min(windows) and tf.reduce_max(windows) <= 1
    scores = calciumgan.critic(config, neurons)([windows, tf.zeros([5, calciumgan.SHUFFLES], tf.int32)])
    assert scores.shape == (5,)


@pytest.mark.parametrize("readout", ["calcium", "convolution"])
def test_generator_in_delta_f_over_f(tiny, physiology, readout):
    scaling = Scaling(np.array([1, 2, 3], np.float32), np.array([10, 20, 30], np.float32))
    config = Config(**tiny, readout=readout)
    scaled, dff = (calciumgan.generator(config, 3, scale, physiology) for scale in (None, scaling))
    dff.set_weights(scaled.get_weights())
    noise = calciumgan.draw_noise(scaled, 2, [0, 0])
    np.testing.assert_allclose(scaling.scaled(dff(noise)), scaled(noise), atol=1e-5)


def test_every_noise_input_and_example_has_its_own_numbers(tiny, physiology):
    generator = calciumgan.generator(Config(**tiny), 3, physiology=physiology)
    drawn = calciumgan.draw_noise(generator, 6, [0, 0])
    assert [part.shape[1:] for part in drawn] == [one.shape[1:] for one in generator.inputs]
    numbers = np.concatenate([part.numpy().ravel() for part in drawn])
    assert len(np.unique(numbers)) > 0.99 * len(numbers)  # float32 numbers meet by chance
    again, other = (calciumgan.draw_noise(generator, 6, [0, seed])[0] for seed in (0, 1))
    np.testing.assert_array_equal(again, drawn[0])
    assert np.isin(other, drawn[0]).mean() < 0.01


def test_critic_uses_the_shift_of_every_layer(tiny):
    critic, windows = calciumgan.critic(Config(**tiny), 3), tf.random.stateless_normal([4, 64, 3], [0, 0])
    scores = [critic([windows, tf.one_hot([layer] * 4, 4, 2, 0, dtype=tf.int32)]).numpy() for layer in range(4)]
    scores.append(critic([windows, tf.zeros([4, 4], tf.int32)]).numpy())
    assert len({tuple(score) for score in scores}) == 5
