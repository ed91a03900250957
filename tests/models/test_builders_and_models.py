import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.customary import MODELS
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.models import fourier
from calciumgan_tf.training import builders

PAPER = {"window_frames": 2048, "readout": "convolution", "units": 64, "critic_units": 64, "critic_kernel_size": 24}


def test_parameters_of_the_paper():
    """Counted by the original at (2048, 102): its README's training command."""
    assert builders.generator(Config(**PAPER), 102).count_params() == 4_375_740
    assert builders.critic(Config(**PAPER), 102).count_params() == 4_110_273


def affine(*sizes):
    """Weights and offsets of layers from each size to the next."""
    return sum(before * after + after for before, after in zip(sizes, sizes[1:]))


def convolutions(kernel, *sizes):
    """The same, with so many taps."""
    return sum(kernel * before * after + after for before, after in zip(sizes, sizes[1:]))


def test_parameters_of_wavegan():
    """Its paper's tables 3 and 4: 16,384 samples, one channel, 100 random numbers, d = 64."""
    config = Config(model="wavegan", window_frames=16384, units=64, critic_units=64, noise_dim=100)
    layers = convolutions(25, 1024, 512, 256, 128, 64, 1)
    assert builders.generator(config, 1).count_params() == affine(100, 16 * 1024) + layers
    layers = convolutions(25, 1, 64, 128, 256, 512, 1024)
    assert builders.critic(config, 1).count_params() == layers + affine(16 * 1024, 1)


def test_parameters_of_the_two_dimensional_model():
    """At the original's defaults, U = 32, kernels of 24 x 24 and 16 x 16, for 2048 frames x 102 neurons."""
    config = Config(
        model="calciumgan2d", window_frames=2048, units=32, critic_units=32, kernel_size=24, critic_kernel_size=16
    )
    norms = 2 * (160 + 96 + 64 + 32)
    layers = convolutions(24**2, 32, 160, 96, 64, 32, 1) + affine(1, 1)
    assert builders.generator(config, 102).count_params() == affine(32, 64 * 51 * 32) + layers + norms
    layers = convolutions(16**2, 1, 32, 64, 96, 128, 160)
    assert builders.critic(config, 102).count_params() == layers + affine(2 * 102 * 160, 1)


def test_parameters_of_the_dense_model():
    """At the original's defaults, U = 32, for 2048 frames x 102 neurons."""
    config = Config(model="mlp", window_frames=2048, units=32, critic_units=32)
    generator = affine(32, 2048 * 32) + affine(32, 32, 64, 96, 102)
    assert builders.generator(config, 102).count_params() == generator
    assert builders.critic(config, 102).count_params() == affine(102, 128, 96, 64, 32) + affine(2048 * 32, 1)


OPTIONS = [
    {},
    {"scaling": "neuron"},
    {"upsample": "nearest"},
    {"generator_norm": "batch"},
    {"generator_norm": "none", "activation": "tanh", "noise": "uniform"},
    {"representation": "fourier"},
    {"post_filter": 9},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("neurons", [1, 3])
def test_shapes(tiny, model, neurons, options):
    if model == "mlp" and "upsample" in options:
        pytest.skip("mlp has no convolutions")
    shuffle = 0 if model in ("mlp", "calciumgan2d") else 1  # the critic of the latter ends with one frame here
    config = Config(**{**tiny, "phase_shuffle": shuffle, "model": model, "readout": "convolution", **options})
    generator = builders.generator(config, neurons)
    windows = generator(builders.draw_noise(generator, 5, [0, 0]))
    assert windows.shape == (5, 64, neurons)
    if options.get("scaling") == "neuron":
        assert 0 <= tf.reduce_min(windows) and tf.reduce_max(windows) <= 1
    shifts = tf.zeros([5, len(builders.largest_shifts(config, neurons))], tf.int32)
    assert builders.critic(config, neurons)([windows, shifts]).shape == (5,)


def test_stride_1_takes_windows_of_any_length(tiny):
    config = Config(**{**tiny, "window_frames": 6, "stride": 1, "phase_shuffle": 1, "readout": "convolution"})
    generator = builders.generator(config, 2)
    windows = generator(builders.draw_noise(generator, 5, [0, 0]))
    assert windows.shape == (5, 6, 2)
    assert builders.critic(config, 2)([windows, tf.zeros([5, 4], tf.int32)]).shape == (5,)


def test_uniform_noise_is_uniform():
    numbers = tf.math.erf(
        tf.random.stateless_normal([20000], [0, 0]) / np.sqrt(2)
    ).numpy()  # as builders.generator does
    assert scipy.stats.kstest(numbers, scipy.stats.uniform(-1, 2).cdf).pvalue > 0.01


def test_fourier_coefficients_are_those_of_numpy():
    windows = np.random.default_rng(0).standard_normal((2, 16, 3)).astype(np.float32)
    found = fourier.coefficients(keras.ops.convert_to_tensor(windows), "float32")
    assert found.shape == (2, 8, 6)
    expected = np.fft.rfft(windows, axis=1, norm="ortho")[:, 1:8] * np.sqrt(2)
    np.testing.assert_allclose(found[:, 1:, :3], expected.real, atol=1e-5)
    np.testing.assert_allclose(found[:, 1:, 3:], expected.imag, atol=1e-5)
    np.testing.assert_allclose(fourier.traces(found, "float32"), windows, atol=1e-5)


@pytest.mark.parametrize("frames", [2, 6, 64])
def test_fourier_matrix_is_orthogonal(frames):
    np.testing.assert_allclose(fourier.matrix(frames).T @ fourier.matrix(frames), np.eye(frames), atol=1e-12)


@pytest.mark.parametrize("readout", ["calcium", "convolution"])
def test_generator_in_delta_f_over_f(tiny, physiology, readout):
    scaling = Scaling(np.array([1, 2, 3], np.float32), np.array([10, 20, 30], np.float32))
    config = Config(**tiny, readout=readout)
    scaled, dff = (builders.generator(config, 3, scale, physiology) for scale in (None, scaling))
    dff.set_weights(scaled.get_weights())
    noise = builders.draw_noise(scaled, 2, [0, 0])
    np.testing.assert_allclose(scaling.scaled(dff(noise)), scaled(noise), atol=1e-5)


def test_every_noise_input_and_example_has_its_own_numbers(tiny, physiology):
    generator = builders.generator(Config(**tiny), 3, physiology=physiology)
    drawn = builders.draw_noise(generator, 6, [0, 0])
    assert [part.shape[1:] for part in drawn] == [one.shape[1:] for one in generator.inputs]
    numbers = np.concatenate([part.numpy().ravel() for part in drawn])
    assert len(np.unique(numbers)) > 0.99 * len(numbers)  # float32 numbers meet by chance
    again, other = (builders.draw_noise(generator, 6, [0, seed])[0] for seed in (0, 1))
    np.testing.assert_array_equal(again, drawn[0])
    assert np.isin(other, drawn[0]).mean() < 0.01


@pytest.mark.parametrize("model", ["calciumgan", "calciumgan2d", "wavegan"])
def test_critic_uses_the_shift_of_every_layer(tiny, model):
    options = {"phase_shuffle_neurons": 1} if model == "calciumgan2d" else {}
    config = Config(**{**tiny, "window_frames": 256, "phase_shuffle": 1, "model": model, **options})
    critic, windows = builders.critic(config, 3), tf.random.stateless_normal([4, 256, 3], [0, 0])
    number = len(builders.largest_shifts(config, 3))
    scores = [critic([windows, tf.one_hot([i] * 4, number, 1, 0, dtype=tf.int32)]).numpy() for i in range(number)]
    scores.append(critic([windows, tf.zeros([4, number], tf.int32)]).numpy())
    assert len({tuple(score) for score in scores}) == number + 1
