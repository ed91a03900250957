import keras
import numpy as np
import pytest

from calciumgan_tf.physiological import slow_noise, waves
from calciumgan_tf.randomness import RandomInputs


@pytest.mark.parametrize("frames, number", [(8, 4), (64, 32), (128, 60), (256, 60), (352, 70), (2048, 256)])
def test_number_of_frequencies(frames, number):
    assert waves.frequencies(frames) == number
    assert waves.waves(frames, range(number)).shape == (2 * number, frames)


@pytest.mark.parametrize("frames, numbers", [(8, [0, 3]), (256, [1, 2, 90, 255]), (4096, [0, 1, 4095])])
def test_waves_tell_their_frequencies(frames, numbers):
    assert waves.numbers(waves.waves(frames, numbers).astype(np.float32)).tolist() == numbers


@pytest.mark.parametrize("seconds", [1.0, 3.0, 10.0])
def test_autoregressive_noise_has_its_covariance_in_every_frame(seconds):
    """Exact: C[s, t] = sum over waves of their products, which depends on s - t alone."""
    frames, rate = 256, 10.0
    power = np.tile(waves.autoregressive_power(seconds, rate, frames), 2)
    made = waves.waves(frames, range(60))
    covariance = made.T @ (made * power[:, None])
    expected = np.exp(-np.abs(np.arange(frames) - np.arange(frames)[:, None]) / (seconds * rate))
    np.testing.assert_allclose(np.diag(covariance), covariance[0, 0], rtol=1e-9)
    assert np.abs(covariance - expected).max() < 0.15


@pytest.mark.parametrize("frames, bands", [(8, 1), (16, 2), (64, 3)])
def test_noise_has_the_given_spectrum(frames, bands):
    """Exact, from the response to unit impulses of every input; both groups of channels."""
    count = frames // 2
    sds = {"a": np.random.default_rng(0).uniform(0.5, 2, (count, 2)), "b": np.ones((count, 3))}
    edges = [0, 4, 16][:bands] + [count]
    for built_in in (False, True):
        random = RandomInputs()
        terms = slow_noise.slow_noise(random, "slow", frames, sds, built_in)
        model = keras.Model(random.inputs, [*terms["a"], *terms["b"]])
        assert len(terms["a"]) == bands and len(model.trainable_variables) == bands
        for band in range(bands):
            rows = random.inputs[band].shape[1]
            zeros = [np.zeros((rows, *x.shape[1:]), np.float32) for x in random.inputs]
            zeros[band][np.arange(rows), np.arange(rows)] = 1
            first, last = edges[band], edges[band + 1]
            wanted = waves.waves(frames, range(first, last))[:, :, None]
            for group, made in zip(("a", "b"), (model(zeros)[band], model(zeros)[bands + band])):
                sd = np.tile(sds[group][first:last], (2, 1))[:, None]
                np.testing.assert_allclose(made, wanted * sd, atol=1e-5)
