import keras
import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.physiological import readout
from calciumgan_tf.training import builders

DECAY = 0.9


@pytest.fixture
def generator(tiny, physiology):
    keras.utils.set_random_seed(0)
    return builders.generator(Config(**tiny), 3, physiology=physiology)


def test_calcium_is_the_recursion_written_out():
    """c[t] = g c[t-1] + e[t], from before the window on."""
    events = np.random.default_rng(0).random((2, 40, 3))
    calcium = np.zeros((2, 40, 3))
    for frame in range(40):
        calcium[:, frame] = DECAY * calcium[:, frame - 1] * (frame > 0) + events[:, frame]
    kernel = readout.ar1_kernel(10, 30, DECAY)
    np.testing.assert_allclose(np.einsum("btn,ts->bsn", events, kernel), calcium[:, 10:], rtol=1e-12)


@pytest.mark.parametrize("stays", [0.1, 0.9, 0.999])
def test_slow_noise_has_variance_1_everywhere_and_the_right_correlation(stays):
    kernel = readout.smoothing_kernel(50, stays)
    covariance = kernel.T @ kernel
    apart = np.abs(np.arange(50) - np.arange(50)[:, None])
    np.testing.assert_allclose(covariance, stays**apart, atol=1e-9)


@pytest.mark.parametrize("decay, frames", [(0.5, 32), (0.9, 32), (0.95, 64), (0.96, 96)])
def test_warm_up_is_long_enough(decay, frames):
    assert readout.warm_up(decay) == frames and decay**frames < np.exp(-readout.FORGOTTEN)


def test_generator_starts_with_the_recordings_rates_and_noise(generator, physiology):
    """Silent frames show baseline and noise; mean calcium is that of events as often and as large as recorded."""
    windows = generator(builders.draw_noise(generator, 400, [0, 0])).numpy()
    expected = physiology.baseline + physiology.event_probability * physiology.event_size / (1 - DECAY)
    np.testing.assert_allclose(windows.mean(axis=(0, 1)), expected, atol=0.2)
    innovations = windows[:, 1:] - DECAY * windows[:, :-1]
    low = np.quantile(innovations, 0.1, axis=(0, 1)) - np.quantile(innovations, 0.5, axis=(0, 1))
    np.testing.assert_allclose(low, -1.28 * physiology.noise * np.hypot(1, DECAY), rtol=0.1)


def test_neurons_start_independent(generator):
    windows = generator(builders.draw_noise(generator, 400, [0, 0])).numpy()
    innovations = (windows[:, 1:] - DECAY * windows[:, :-1]).reshape(-1, 3)
    assert np.abs(np.corrcoef(innovations.T) - np.eye(3)).max() < 0.05


def test_what_is_trained(generator):
    names = {variable.path.split("/")[0] for variable in generator.trainable_variables}
    assert not {"decay", "smooth1", "smooth2", "smooth3"} & names
    assert {"gain", "observation_level", "occurs_latent", "size", "drift_level1"} <= names


def test_without_shared_noise(tiny, physiology):
    model = builders.generator(Config(**{**tiny, "shared_noise": 0}), 3, physiology=physiology)
    assert not [one.name for one in model.inputs if one.name.startswith("shared")]
    assert model(builders.draw_noise(model, 2, [0, 0])).shape == (2, 64, 3)


def test_without_slow_noise(tiny, physiology):
    model = builders.generator(Config(**{**tiny, "slow_noise": False}), 3, physiology=physiology)
    assert [one.name for one in model.inputs if "slow" in one.name] == []
    assert model(builders.draw_noise(model, 2, [0, 0])).shape == (2, 64, 3)
