"""Coherence of pairs of signals that have a known one."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics.coherence import BANDS, MOST_NEURONS, Coherence
from calciumgan_tf.evaluation.diagnostics.statistic import Context

RATE = 24.0


def coherence(windows):
    """(band, pair)."""
    statistic = Coherence(Context(RATE, windows))
    found = statistic.values(statistic.sums(windows, None).mean(axis=0)[None])["coherence"]
    return found[0].reshape(BANDS, -1)


def noise(windows, frames, neurons, seed=0):
    return np.random.default_rng(seed).normal(size=(windows, frames, neurons)).astype(np.float32)


def test_signals_that_are_proportional_or_delayed_are_coherent():
    """A delay of one frame in a circle changes the phase of each frequency, and so little across a band of few."""
    one = noise(50, 64, 1)
    np.testing.assert_allclose(coherence(np.concatenate([one, -3 * one + 2], axis=2)), 1, atol=1e-5)
    slow = np.cumsum(noise(50, 65, 1), axis=1)
    delayed = np.concatenate([slow[:, 1:], slow[:, :-1]], axis=2)
    assert coherence(delayed)[0, 0] > 0.99


@pytest.mark.parametrize("windows", [10, 40])
def test_independent_signals_have_the_bias_of_so_many_windows(windows):
    """Windows of six frames have one frequency a band: the squared cosine of n random directions is 1 / n on average.

    Complex ones have a beta distribution with parameters 1 and n - 1, real ones (Nyquist) of 1/2 and (n - 1) / 2.
    """
    found = coherence(noise(windows, 6, 60))
    sd = np.sqrt(2) / windows  # of the real ones, at most
    np.testing.assert_allclose(found.mean(axis=1), 1 / windows, atol=4 * sd / np.sqrt(60 * 59 / 2))


@pytest.mark.parametrize("shared", [0.3, 0.8])
def test_a_shared_part_of_the_variance_is_the_root_of_the_coherence(shared):
    """x and y share white noise of that variance: the cross-spectrum is it, the coherence its square."""
    windows = noise(4000, 64, 3)
    pair = np.sqrt(shared) * windows[..., :1] + np.sqrt(1 - shared) * windows[..., 1:]
    sd = np.sqrt(2 * shared**2) * (1 - shared**2) / np.sqrt(4000)  # Carter 1987, of a single frequency
    np.testing.assert_allclose(coherence(pair), shared**2, atol=4 * sd + 1 / 4000)


def test_only_the_shared_band_is_coherent():
    """Between two frequencies of the transform, a strong sine reaches all others where windows are not tapered."""
    windows, frames = 300, 96
    t = np.arange(frames)[:, None]
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, (windows, 1, 1))
    shared = 10 * np.sin(2 * np.pi * 30.5 * t / frames + phases)
    low, middle, high = coherence((noise(windows, frames, 2) + shared).astype(np.float32))[:, 0]
    assert high > 0.3 and max(low, middle) < 0.05


def test_level_and_scale_of_a_neuron_do_not_matter():
    windows = noise(20, 64, 4)
    scaled = windows * np.array([1, 10, 0.1, 3], np.float32) + np.array([0, 5, 0, -5], np.float32)
    np.testing.assert_allclose(coherence(scaled), coherence(windows), atol=1e-4)


def test_a_constant_neuron_is_incoherent():
    windows = noise(20, 64, 3)
    windows[..., 1] = 2.0
    assert not coherence(windows)[:, [0, 2]].any()


def test_large_populations_are_represented_by_100_neurons():
    assert coherence(noise(2, 16, 150)).shape == (BANDS, MOST_NEURONS * (MOST_NEURONS - 1) // 2)
