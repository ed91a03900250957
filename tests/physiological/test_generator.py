import dataclasses
import math

import keras
import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.physiological import generator
from calciumgan_tf.randomness import RandomInputs
from calciumgan_tf.training.builders import Builder


def build(options, statistics, **changes):
    keras.utils.set_random_seed(0)
    return Builder(Config.of(**options | changes), len(statistics.noise), statistics).generator()


def sample(model, count=400):
    return model.keras(model.random.draw(count, [0, 0])).numpy()


@pytest.fixture
def options(tiny_of):
    return tiny_of("physiological")


@pytest.mark.parametrize("decay, unit, frames", [(0.5, 32, 32), (0.9, 32, 32), (0.95, 32, 64), (0.96, 32, 96)])
def test_warm_up_of_the_default_stride(decay, unit, frames):
    assert generator.warm_up(decay, unit) == frames


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("decay", [0.5, 0.9, 0.99])
def test_warm_up_is_three_decay_times_and_whole_units(stride, decay):
    unit = stride**5
    frames = generator.warm_up(decay, unit)
    assert frames % unit == 0 and decay**frames <= math.exp(-3) and decay ** (frames - unit) > math.exp(-3)


@pytest.mark.parametrize("stride, window", [(2, 64), (3, 243), pytest.param(4, 1024, marks=pytest.mark.slow)])
def test_calcium_of_the_first_frame_is_at_its_stationary_level(options, neuron_statistics, stride, window):
    """E[c] = p s / (1 - g), and not the p s of a single frame that a start from nothing would give."""
    statistics = dataclasses.replace(neuron_statistics, baseline=np.zeros(3), noise=np.full(3, 1e-3))
    windows = sample(build(options, statistics, stride=stride, window_frames=window, slow_noise=False), 200)
    expected = statistics.event_probability * statistics.event_size / (1 - statistics.decay)
    np.testing.assert_allclose(windows[:, 0].mean(axis=0), expected, rtol=0.35)
    np.testing.assert_allclose(windows.mean(axis=(0, 1)), expected, rtol=0.25)


def test_it_starts_with_the_recordings_rates_and_noise(options, neuron_statistics):
    """Silent frames show baseline and noise; mean calcium is that of events as often and as large as recorded."""
    statistics, windows = neuron_statistics, sample(build(options, neuron_statistics))
    expected = statistics.baseline + statistics.event_probability * statistics.event_size / (1 - statistics.decay)
    np.testing.assert_allclose(windows.mean(axis=(0, 1)), expected, atol=0.2)
    innovations = windows[:, 1:] - statistics.decay * windows[:, :-1]
    low = np.quantile(innovations, 0.1, axis=(0, 1)) - np.quantile(innovations, 0.5, axis=(0, 1))
    np.testing.assert_allclose(low, -1.28 * statistics.noise * np.hypot(1, statistics.decay), rtol=0.1)


def test_neurons_start_independent(options, neuron_statistics):
    windows = sample(build(options, neuron_statistics))
    innovations = (windows[:, 1:] - neuron_statistics.decay * windows[:, :-1]).reshape(-1, 3)
    assert np.abs(np.corrcoef(innovations.T) - np.eye(3)).max() < 0.05


@pytest.mark.parametrize("frame_rate", [0.1, 1.0, 24.0])
def test_slow_noise_has_variance_1_everywhere_and_the_right_correlation(frame_rate):
    """Exact, from the response to unit impulses: C[s, t] = sum over inputs of their responses at s and t."""
    frames, random = 50, RandomInputs()
    noise = generator._Noise(random, 1, frame_rate, shared=0, slow=True, built_in=False)
    outputs = noise.slow("slow_noise", frames, 1)
    model = keras.Model(random.inputs, outputs)
    responses = model([np.eye(frames, dtype=np.float32)[:, :, None]] * 3)
    lags = np.abs(np.arange(frames) - np.arange(frames)[:, None])
    for seconds, response in zip(generator.SLOW_SECONDS, responses):
        decay = math.exp(-1 / max(seconds * frame_rate, 0.1))
        np.testing.assert_allclose(response[:, :, 0].numpy().T @ response[:, :, 0].numpy(), decay**lags, atol=1e-5)


def test_what_is_trained(options, neuron_statistics):
    model = build(options, neuron_statistics).keras
    names = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert not {name for name in names if name == "decay" or name.endswith(("_smooth", "_start"))}
    assert {"gain", "observation_noise_level", "latent", "latent_noise_level", "steepness", "size"} <= names
    assert {"drift_level", "loadings", "slow_level1", "slow_level2", "slow_level3", "hidden"} <= names


def test_without_shared_noise(options, neuron_statistics):
    model = build(options, neuron_statistics, shared_noise=0)
    assert not [x.name for x in model.keras.inputs if x.name.startswith("shared")]
    assert sample(model, 2).shape == (2, 64, 3)


def test_without_slow_noise(options, neuron_statistics):
    model = build(options, neuron_statistics, slow_noise=False)
    assert not [x.name for x in model.keras.inputs if "slow" in x.name]
    assert sample(model, 2).shape == (2, 64, 3)
