"""Amplitudes and tails against the quantiles and mean excesses of known distributions."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics.amplitudes import LEAST_EXCESS, LEVELS, Amplitudes
from calciumgan_tf.evaluation.diagnostics.statistic import Context

FRAMES, RATE = 50, 24.0


def evenly_distributed(quantile, count, seed):
    """Windows of one neuron with exactly the distribution of a quantile function, in random order."""
    values = quantile((np.arange(count) + 0.5) / count)
    return np.random.default_rng(seed).permutation(values).reshape(-1, FRAMES, 1).astype(np.float32)


def exponential(share):
    return -np.log1p(-share)


def found(training, windows):
    statistic = Amplitudes(Context(RATE, training))
    values = statistic.values(statistic.sums(windows, None).mean(axis=0)[None])
    return values["amplitudes"][0].reshape(len(LEVELS), -1), values["tails"][0].reshape(2, -1)


def test_shares_of_a_known_distribution():
    """The transformed share of n independent frames has the SD 1 / (2 sqrt n), whatever the share."""
    training = evenly_distributed(exponential, 100_000, 0)
    count = 40_000
    fresh = np.random.default_rng(1).exponential(size=(count // FRAMES, FRAMES, 1)).astype(np.float32)
    shares, _ = found(training, fresh)
    expected = np.arcsin(np.sqrt(1 - np.array(LEVELS)))
    np.testing.assert_array_less(abs(shares[:, 0] - expected), 3 / (2 * np.sqrt(count)))


def test_mean_excess_of_an_exponential_is_its_sd():
    """An exponential distribution has no memory: the mean excess is its mean, 1, which is also its SD."""
    training = evenly_distributed(exponential, 200_000, 0)
    _, (above, below) = found(training, training)
    assert above[0] == pytest.approx(np.log(LEAST_EXCESS + 1), abs=0.005)
    # Below the 1 % quantile the density is nearly 1, so that the mean excess is half of the quantile, .005.
    assert below[0] == pytest.approx(np.log(LEAST_EXCESS + 0.005), abs=0.002)


@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0])
def test_a_stretched_tail_changes_that_tail_of_that_neuron_alone(factor):
    training = np.random.default_rng(0).normal(size=(100, FRAMES, 3)).astype(np.float32)
    changed = training.copy()
    high = np.quantile(training[..., 1], 0.99)
    changed[..., 1] = np.minimum(training[..., 1], high) + factor * np.maximum(training[..., 1] - high, 0)
    before, after = found(training, training)[1], found(training, changed)[1]
    excess = np.exp(before[0, 1]) - LEAST_EXCESS
    expected = before.copy()
    expected[0, 1] = np.log(LEAST_EXCESS + factor * excess)
    np.testing.assert_allclose(after, expected, atol=1e-5)


def test_mirrored_traces_have_mirrored_tails_and_shares():
    training, windows = np.random.default_rng(0).gamma(2, size=(2, 40, FRAMES, 2)).astype(np.float32)
    shares, tails = found(training, windows)
    mirrored_shares, mirrored_tails = found(-training, -windows)
    np.testing.assert_allclose(mirrored_tails, tails[::-1], rtol=1e-5)
    np.testing.assert_allclose(mirrored_shares, np.pi / 2 - shares[::-1], atol=1e-6)  # arcsin sqrt(1 - p)


def test_offset_and_scale_of_a_neuron_do_not_matter():
    training, windows = np.random.default_rng(0).integers(0, 512, (2, 40, FRAMES, 2)).astype(np.float32)
    for one, other in zip(found(training, windows), found(8 * training - 64, 8 * windows - 64)):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_neuron_that_is_constant_in_the_training_part_has_finite_values():
    training = np.ones((40, FRAMES, 1), np.float32)
    shares, tails = found(training, training)
    np.testing.assert_array_equal(shares, 0)
    np.testing.assert_allclose(tails, np.log(LEAST_EXCESS))
    assert np.isfinite(found(training, 0 * training)[1]).all()
