"""Rates and Fano factors of point processes that have them in closed form."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics.event_counts import EventCounts
from calciumgan_tf.evaluation.diagnostics.statistic import Context

RATE, FRAMES, WINDOWS = 24.0, 192, 400  # windows of 8 s hold two bins of the longest time scale
BINS = (12, 24, 48, 96)  # frames


def found(events):
    """Rates (neuron,) and Fano factors (bin, neuron)."""
    counts = EventCounts(Context(RATE, np.zeros(events.shape, np.float32)))
    values = counts.values(counts.sums(None, events.astype(np.uint8)).mean(axis=0)[None])
    return values["rates"][0], values["fano_factors"][0].reshape(-1, events.shape[2])


def test_rates_are_events_a_second():
    events = np.zeros((2, FRAMES, 3), np.uint8)
    events[0, [3, 4, 90], 0] = 1
    events[:, ::2, 1] = 1
    np.testing.assert_allclose(found(events)[0], [3 / (2 * FRAMES / RATE), RATE / 2, 0])


@pytest.mark.parametrize("p", [0.01, 0.3])
def test_independent_frames_have_the_binomial_fano_factor(p):
    """Variance over mean of a binomial count is 1 - p; it is estimated with a relative SD of about sqrt(2 / bins)."""
    _, fano = found(np.random.default_rng(0).random((WINDOWS, FRAMES, 2)) < p)
    for size, factors in zip(BINS, fano, strict=True):
        bins = WINDOWS * FRAMES // size
        kurtosis = (1 - 6 * p * (1 - p)) / (size * p * (1 - p))  # excess, of a binomial distribution
        np.testing.assert_allclose(factors, 1 - p, atol=4 * np.sqrt((2 + kurtosis) / bins))


def test_bursts_of_k_events_have_k_times_the_fano_factor():
    """A burst lies inside of the shortest bin, so that all counts are k times binomial ones."""
    k, p = 5, 0.1
    bursts = np.random.default_rng(0).random((WINDOWS, FRAMES // BINS[0], 1, 2)) < p
    inside = np.arange(BINS[0])[None, None, :, None] < k
    _, fano = found((bursts & inside).reshape(WINDOWS, FRAMES, 2))
    for size, factors in zip(BINS, fano, strict=True):
        bins = WINDOWS * FRAMES // size
        np.testing.assert_allclose(factors, k * (1 - p), rtol=4 * np.sqrt((2 + 10 * BINS[0] / size) / bins))


def test_a_clock_does_not_vary_and_a_silent_neuron_counts_as_poisson():
    events = np.zeros((3, FRAMES, 2))
    events[:, :: BINS[0], 0] = 1
    _, fano = found(events)
    np.testing.assert_allclose(fano[:, 0], 0, atol=1e-9)
    np.testing.assert_array_equal(fano[:, 1], 1)


@pytest.mark.parametrize(("frames", "scales"), [(192, 4), (96, 3), (72, 3), (48, 2), (20, 1), (1, 1)])
def test_time_scales_are_those_of_which_a_window_holds_two_bins(frames, scales):
    """Windows of 3 s hold two bins of 1.5 s, which then take the place of those of 2 and of 4 s."""
    assert len(found(np.zeros((3, frames, 2)))[1]) == scales
