"""Parameters of the other published models, counted by hand from the tables of their papers and public code."""

import itertools

from calciumgan_tf.config import Config
from calciumgan_tf.training.builders import Builder


def parameters(neurons, **options):
    """Numbers of parameters of the generator and the critic."""
    builder = Builder(Config.of(**options), neurons)
    return builder.generator().keras.count_params(), builder.critic().keras.count_params()


def affine(*sizes):
    """Weights and offsets of dense layers from each size to the next."""
    return sum(before * after + after for before, after in itertools.pairwise(sizes))


def convolutions(taps, *sizes):
    """Weights and offsets of convolutions from each number of channels to the next."""
    return sum(taps * before * after + after for before, after in itertools.pairwise(sizes))


def test_parameters_of_wavegan():
    """Its paper's tables 3 and 4: 16,384 samples, a single channel, 100 random numbers, d = 64."""
    generator, critic = parameters(1, model="wavegan", window_frames=16384, units=64, critic_units=64, noise_dim=100)
    assert generator == affine(100, 16 * 1024) + convolutions(25, 1024, 512, 256, 128, 64, 1)
    assert critic == convolutions(25, 1, 64, 128, 256, 512, 1024) + affine(16 * 1024, 1)


def test_parameters_of_the_two_dimensional_model():
    """At the original's defaults, U = 32, kernels of 24 x 24 and 16 x 16, for 2048 frames x 102 neurons."""
    options = {"window_frames": 2048, "units": 32, "critic_units": 32, "kernel_size": 24, "critic_kernel_size": 16}
    generator, critic = parameters(102, model="calciumgan2d", **options)
    norms = 2 * (160 + 96 + 64 + 32)
    layers = convolutions(24**2, 32, 160, 96, 64, 32, 1) + affine(1, 1)
    assert generator == affine(32, 64 * 51 * 32) + layers + norms
    assert critic == convolutions(16**2, 1, 32, 64, 96, 128, 160) + affine(2 * 102 * 160, 1)


def test_parameters_of_the_dense_model():
    """At the original's defaults, U = 32, for 2048 frames x 102 neurons."""
    generator, critic = parameters(102, model="mlp", window_frames=2048, units=32, critic_units=32)
    assert generator == affine(32, 2048 * 32) + affine(32, 32, 64, 96, 102)
    assert critic == affine(102, 128, 96, 64, 32) + affine(2048 * 32, 1)
