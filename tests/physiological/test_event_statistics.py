import numpy as np
import pytest
import scipy.signal

from calciumgan_tf.physiological import event_statistics
from calciumgan_tf.physiological.dichotomised import thresholds

RATE, FRAMES, NEURONS = 24.0, 60_000, 12
SHARED = np.where(np.arange(NEURONS) < 6, 0.3, 0.0)  # share of a latent's variance, of one channel of 3 s


def slow(random, seconds, *size):
    decay = np.exp(-1 / (seconds * RATE))
    return scipy.signal.lfilter([np.sqrt(1 - decay**2)], [1, -decay], random.normal(size=(FRAMES, *size)), axis=0)


@pytest.fixture(scope="module")
def found():
    """What is found in events of latents with a shared channel, and own noise of .3 s in the other neurons."""
    random = np.random.default_rng(0)
    latents = np.sqrt(0.7) * random.normal(size=(FRAMES, NEURONS))
    latents += np.sqrt(SHARED) * slow(random, 3.0)[:, None] + np.sqrt(0.3 - SHARED) * slow(random, 0.3, NEURONS)
    events = latents > thresholds(0.05)
    windows = events[: FRAMES // 240 * 240].reshape(-1, 240, NEURONS)
    return event_statistics.slow_and_shared([events], windows, RATE, 2)


def test_factors_give_the_correlations():
    loadings = np.random.default_rng(0).uniform(-0.6, 0.6, (2, 10))
    matrix = loadings.T @ loadings
    np.fill_diagonal(matrix, 1)
    made = event_statistics.factors(matrix, 2)
    off = ~np.eye(10, dtype=bool)
    np.testing.assert_allclose((made.T @ made)[off], matrix[off], atol=0.01)


def test_loadings_of_the_shared_channel(found):
    _, mix, loadings = found
    common = loadings.T @ loadings  # in variances of white noise, .7
    np.testing.assert_allclose(common[:6, :6][~np.eye(6, dtype=bool)], 0.3 / 0.7, atol=0.15)
    assert np.abs(common[6:, :6]).max() < 0.05
    assert mix[:, 0].argmax() == 1  # 3 s


def test_variance_of_own_slow_noise(found):
    """A little low: events forget faster than latents do."""
    own, _, _ = found
    np.testing.assert_allclose(own[0, 6:], 0.75 * 0.3 / 0.7, atol=0.1)
    assert own[:, :6].sum(axis=0).max() < 0.15 and own[1:, 6:].max() < 0.15


def test_independent_events_have_independent_latents():
    events = np.random.default_rng(1).random((FRAMES, NEURONS)) < 0.03
    own, _, loadings = event_statistics.slow_and_shared([events], events.reshape(-1, 240, NEURONS), RATE, 2)
    assert own.max() < 0.05 and np.abs(loadings).max() < 0.3


def test_one_neuron_shares_nothing():
    events = np.random.default_rng(1).random((2400, 1)) < 0.03
    own, mix, loadings = event_statistics.slow_and_shared([events], events.reshape(-1, 240, 1), RATE, 2)
    assert own.shape == (3, 1) and mix.shape == (3, 2) and (loadings == 0).all()
