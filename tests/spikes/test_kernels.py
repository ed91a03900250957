import numpy as np
import pytest

from calciumgan_tf.spikes import autoregressive, kernels

NEURONS = 4


def simulated(rise, decay, rate, frames, events=0.02, noise=0.15, seed=0):
    """Traces (frame, neuron) of events of different sizes."""
    generator = np.random.default_rng(seed)
    roots = [np.full(NEURONS, float(root)) for root in autoregressive.roots(rise, decay, rate)]
    sizes = (generator.random((NEURONS, frames)) < events) * generator.uniform(0.5, 2, (NEURONS, frames))
    calcium = autoregressive.calcium(sizes, *roots)
    return (calcium + noise * generator.standard_normal(calcium.shape)).T


@pytest.mark.parametrize(
    "rise, decay, rate, frames",
    [(0.0, 0.25, 30.0, 6000), (0.05, 0.5, 30.0, 6000), (0.0, 0.812, 24.0, 6000), (0.5, 3.0, 2.2, 2500)],
)
def test_kernel_of_simulated_calcium(rise, decay, rate, frames):
    found = kernels.estimate(simulated(rise, decay, rate, frames), ((0, frames),), rate)
    np.testing.assert_allclose(found.tau_decay, decay, rtol=0.3)
    tolerance = max(0.6 * rise, autoregressive.RESOLVED_FRAMES / rate * 1.5)
    np.testing.assert_allclose(found.tau_rise, rise, atol=tolerance)


def test_bursts_are_not_taken_for_a_slow_decay():
    """The autocovariance of activity in states of two seconds decays within more than a second."""
    generator, rate = np.random.default_rng(0), 30.0
    active = np.repeat(generator.random((100, NEURONS)) < 0.2, 60, axis=0)
    sizes = (active & (generator.random(active.shape) < 0.1)).T * 1.0
    roots = [np.full(NEURONS, float(root)) for root in autoregressive.roots(0.0, 0.4, rate)]
    traces = (autoregressive.calcium(sizes, *roots) + 0.1 * generator.standard_normal(sizes.shape)).T
    found = kernels.estimate(traces, ((0, len(traces)),), rate)
    np.testing.assert_allclose(np.median(found.tau_decay), 0.4, rtol=0.3)


def own(decays, events):
    zeros = np.zeros(len(decays))
    return kernels.Kernels(zeros, zeros, zeros, np.array(decays), np.array(events))


def test_many_events_keep_a_neurons_own_kernel_and_few_do_not():
    found = kernels.shrunk(own([0.2, 0.8, 0.8], [100_000, 100_000, 0]), 30.0)
    np.testing.assert_allclose(found.tau_decay, [0.2, 0.8, 0.4], rtol=0.01)  # .4: the geometric mean of .2 and .8
    assert (found.tau_rise == 0).all()


def test_as_many_events_as_the_prior_shrink_half_way():
    found = kernels.shrunk(own([0.2, 0.8], [kernels.PRIOR_EVENTS] * 2), 30.0)
    np.testing.assert_allclose(found.tau_decay, [0.2 * 2**0.5, 0.8 / 2**0.5])


def test_equal_kernels_stay():
    np.testing.assert_allclose(kernels.shrunk(own([0.5] * 3, [3, 0, 40]), 30.0).tau_decay, 0.5)


def test_silence_has_a_kernel_that_finds_nothing():
    found = kernels.estimate(np.random.default_rng(0).normal(0, 1e-9, (2000, 2)) * 0, ((0, 2000),), 30.0)
    assert not found.events.any() and np.isfinite(found.tau_decay).all()


def test_a_segment_is_within_a_block():
    """What lies between blocks is never looked at."""
    traces = simulated(0.0, 0.4, 30.0, 6000)
    blocks = ((0, 2500), (3500, 6000))
    before = kernels.estimate(traces, blocks, 30.0)
    traces[2500:3500] = 100
    np.testing.assert_array_equal(kernels.estimate(traces, blocks, 30.0).tau_decay, before.tau_decay)
