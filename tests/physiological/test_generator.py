import dataclasses

import keras
import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.physiological import calibration, kernel, noise, saturation, sizes, transients
from calciumgan_tf.physiological.waves import frequencies
from calciumgan_tf.randomness import RandomInputs
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.run import Run


def build(options, statistics, **changes):
    keras.utils.set_random_seed(0)
    return Builder(Config.of(**options | changes), len(statistics.noise), statistics).generator()


def sample(model, count=400):
    return model.keras(model.random.draw(count, [0, 0])).numpy()


@pytest.fixture
def options(tiny_of):
    return tiny_of("physiological")


@pytest.fixture
def quiet(neuron_statistics):
    """The same neurons with hardly any noise and a baseline of 0."""
    little = {"noise": np.full(3, 1e-3), "slow_noise": np.full((32, 3), 1e-3), "baseline": np.zeros(3)}
    little["neuropil_loadings"] = np.zeros((4, 3))
    return dataclasses.replace(neuron_statistics, **little)


@pytest.mark.parametrize("decay, unit, frames", [(0.5, 32, 32), (0.9, 32, 32), (0.95, 32, 64), (0.96, 32, 96)])
def test_warm_up_is_three_decay_times_and_whole_units(decay, unit, frames):
    assert kernel.warm_up([0.3, decay], unit, 256) == frames


def test_warm_up_is_not_longer_than_a_window():
    assert kernel.warm_up([0.999], 32, 256) == 256 and kernel.warm_up([0.999], 243, 250) == 486


def test_calcium_of_the_first_frame_is_at_its_stationary_level(options, quiet):
    """E[c] = p s sum(k), and not the p s k(0) of a single frame that a start from nothing would give."""
    windows = sample(build(options, quiet), 1500)
    area = transients.responses(quiet.decay, quiet.rise, quiet.kernels, 300).sum(axis=0)
    expected = quiet.event_probability * quiet.event_size * area
    np.testing.assert_allclose(windows[:, 0].mean(axis=0), windows.mean(axis=(0, 1)), rtol=0.25)
    np.testing.assert_allclose(windows.mean(axis=(0, 1)), expected, rtol=0.15)


def test_it_starts_with_the_recordings_noise(options, neuron_statistics):
    """Without events, traces are baseline, fast noise and slow noise, more in some windows than in others."""
    statistics = dataclasses.replace(neuron_statistics, event_probability=np.full(3, 1e-7))
    windows = sample(build(options, statistics))
    np.testing.assert_allclose(windows.mean(axis=(0, 1)), statistics.baseline, atol=0.1)
    steps = np.diff(windows, axis=1)
    neuropil = (statistics.neuropil_loadings**2).sum(axis=0)
    fast = statistics.noise**2 * np.exp(2 * noise.FAST_SPREAD**2)
    slow = ((statistics.slow_noise**2).sum(axis=0) / 64 - neuropil) * np.exp(2 * noise.SLOW_SPREAD**2) + neuropil
    assert (steps.var(axis=(0, 1)) > 2 * fast).all() and (steps.var(axis=(0, 1)) < 2.6 * (fast + slow)).all()
    np.testing.assert_allclose(windows.var(axis=(0, 1)), fast + slow, rtol=0.05)


@pytest.mark.parametrize("built_in", [False, True])
def test_rhythms_have_their_frequencies_and_their_power(neuron_statistics, built_in):
    sds = np.zeros((64, 3))
    sds[[20, 50], [0, 2]] = 3.0, 1.0
    random, calcium = RandomInputs(), keras.Input((64, 3))
    terms = noise.noise(random, calcium, dataclasses.replace(neuron_statistics, rhythms=sds), built_in)
    model = keras.Model([calcium, *random.inputs], terms[-1])
    made = model([keras.ops.zeros((4000, 64, 3)), *random.draw(4000, [0, 0])]).numpy()
    np.testing.assert_allclose(
        made.var(axis=(0, 1)), (sds**2).sum(axis=0) / 64 * np.exp(2 * noise.SLOW_SPREAD**2), rtol=0.1
    )
    for neuron, number in ((0, 20), (2, 50)):
        angle = np.pi * number / 64 * np.arange(64)
        parts = np.stack([np.cos(angle), np.sin(angle)]) / np.sqrt(64)
        inverse = np.linalg.pinv(parts.T) @ made[:, :, neuron].T
        np.testing.assert_allclose(parts.T @ inverse, made[:, :, neuron].T, atol=1e-4)


def test_fast_noise_has_its_filters_spectrum_and_grows_with_calcium(neuron_statistics):
    """With a filter of two taps, neighbouring frames have a correlation of .5; the variance is a line over calcium."""
    taps = np.tile([[0.5**0.5], [0.5**0.5]], 3)
    statistics = dataclasses.replace(neuron_statistics, noise_filter=taps)
    random, calcium = RandomInputs(), keras.Input((64, 3))
    terms = noise.noise(random, calcium, statistics, False)
    model = keras.Model([calcium, *random.inputs], terms)
    sd = []
    for level in (0.0, 10.0):
        windows = model([keras.ops.full((400, 64, 3), level), *random.draw(400, [0, 0])])[0].numpy()
        sd.append(windows.std(axis=(0, 1)))
        products = (windows[:, 1:] * windows[:, :-1]).mean(axis=(0, 1)) / windows.var(axis=(0, 1))
        np.testing.assert_allclose(products, 0.5, atol=0.02)
    np.testing.assert_allclose(sd[0], statistics.noise, rtol=0.03)
    np.testing.assert_allclose(sd[1] / sd[0], np.sqrt(1 + 10 * statistics.noise_growth), rtol=0.03)


def test_batches_of_the_calibration_are_larger_but_not_too_large():
    assert calibration.batch_size(32, 256 * 16) == 128
    assert calibration.batch_size(8, 2048 * 102) == 32
    assert calibration.batch_size(32, 256 * 400) == 64
    assert calibration.batch_size(32, 256 * 1000) == 32


def test_neurons_start_nearly_independent(options, neuron_statistics):
    windows = sample(build(options, neuron_statistics)).reshape(-1, 3)
    assert np.abs(np.corrcoef(windows.T) - np.eye(3)).max() < 0.25


def test_gates_open_as_often_as_there_are_events(options, neuron_statistics):
    rates = np.array([0.002, 0.02, 0.2])
    model = build(options, dataclasses.replace(neuron_statistics, event_probability=rates))
    opened = keras.Model(model.keras.inputs, model.keras.get_layer("gate").output)
    found = opened(model.random.draw(2000, [0, 0])).numpy().mean(axis=(0, 1))
    np.testing.assert_allclose(found, rates, rtol=0.15)


def test_gates_are_flatter_where_sizes_differ_more(options, neuron_statistics):
    statistics = dataclasses.replace(neuron_statistics, event_spread=np.array([0.1, 0.4, 0.7]))
    slopes = build(options, statistics).keras.get_layer("steepness").get_weights()[0]
    np.testing.assert_allclose(slopes / slopes[1], [40 / 10, 1, 4 / 7], rtol=1e-5)


def test_fluorescence_is_calcium_while_that_is_small_and_has_a_limit(neuron_statistics):
    limit = neuron_statistics.largest_calcium
    calcium = np.linspace(0, 10, 101)[:, None] * limit
    given = keras.Input((101, 3))
    model = keras.Model(given, saturation.saturated(given, neuron_statistics, False))
    found = model(calcium[None]).numpy()[0]
    np.testing.assert_allclose(found[:6], calcium[:6], rtol=0.01, atol=1e-3 * limit.max())
    np.testing.assert_allclose(found[10], limit * (1 - np.log(2) / 8), rtol=1e-5)
    assert (np.diff(found, axis=0) >= 0).all() and (found <= limit * (1 + 1e-6)).all()


def test_sizes_have_the_recordings_mean_and_are_bounded(neuron_statistics):
    random = RandomInputs()
    states = random.normal("states", 64, 3)
    model = keras.Model(random.inputs, sizes.sizes(random, states, neuron_statistics, False))
    made = model(random.draw(400, [0, 0])).numpy() / neuron_statistics.event_size
    np.testing.assert_allclose(made.mean(axis=(0, 1)), 1, rtol=0.03)
    assert made.max() <= np.exp(1.5 * 0.3 - 0.3**2 / 2) + 1e-3


def test_what_is_trained_and_what_is_calibrated(options, neuron_statistics):
    model = build(options, neuron_statistics).keras
    names = {variable.path.split("/")[0] for variable in model.trainable_variables}
    fixed = ("kernel", "fast_growth", "fast_skewness")
    assert not {name for name in names if name in fixed or name.endswith(("_waves", "_sd"))}
    calibrated = {variable.path.split("/")[0] for variable in calibration.variables(model)}
    readout = {"calcium", "fast_level", "latent", "latent_noise_level", "steepness", "size", "size_states"}
    readout |= {"fast_spread", "slow_spread", "loadings", "latent_noise_tail", "hidden"}
    assert readout <= calibrated < names
    assert "neuropil_loadings" in names - calibrated
    assert not {name for name in calibrated if "project" in name or "upsample" in name}


@pytest.mark.parametrize("neurons, frames, megabytes", [(24, 256, 1), (102, 2048, 20)])
def test_size_of_the_saved_generator(neuron_statistics, tmp_path, neurons, frames, megabytes):
    arrays = {
        field.name: np.repeat(getattr(neuron_statistics, field.name)[..., :1], neurons, axis=-1)
        for field in dataclasses.fields(neuron_statistics)
        if field.name not in ("frame_rate", "slow_noise", "channels", "tuning", "untuned", "rhythms")
    }
    statistics = dataclasses.replace(
        neuron_statistics, **arrays, slow_noise=np.full((frequencies(frames), neurons), 0.2)
    )
    builder = Builder(Config.of(model="physiological", window_frames=frames), neurons, statistics)
    scaling = Scaling(np.zeros(neurons, np.float32), np.ones(neurons, np.float32))
    run = Run(tmp_path)
    run.save_generator(builder.exported_generator(scaling), {"model": "physiological", "step": 0})
    assert run.generator_file.stat().st_size < megabytes * 1e6
