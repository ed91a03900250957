import warnings

import numpy as np
import pytest
from oasis.functions import GetSn

from calciumgan_tf.spikes import autoregressive, noise


@pytest.mark.parametrize("level", [0.15, 0.4])
@pytest.mark.parametrize(
    "rise, decay, rate", [(0.0, 0.25, 30.0), (0.05, 0.5, 30.0), (1.2, 2.45, 2.2), (0.5, 3.0, 2.2), (0.0, 0.8, 2.2)]
)
def test_noise_level_of_simulated_calcium(rise, decay, rate, level):
    """At 2.2 Hz the plain estimate holds up to half as much again of the signal."""
    generator = np.random.default_rng(0)
    roots = [np.full(4, float(root)) for root in autoregressive.roots(rise, decay, rate)]
    sizes = (generator.random((4, 4000)) < 0.04) * generator.gamma(4, 0.25, (4, 4000))
    traces = (autoregressive.calcium(sizes, *roots) + level * generator.standard_normal((4, 4000))).T
    np.testing.assert_allclose(noise.noise_level(traces, *roots), level, rtol=0.15)


@pytest.mark.parametrize("frames", [30, 255, 256, 1000])
def test_noise_level_without_a_kernel_is_that_of_oasis_also_of_short_traces(frames):
    traces = np.random.default_rng(0).normal(size=(frames, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # OASIS' own warns of a segment longer than the trace
        expected = [GetSn(trace) for trace in traces.T]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(noise.noise_level(traces), expected, rtol=1e-12)


def test_without_a_kernel_signal_counts_as_noise():
    generator = np.random.default_rng(0)
    roots = [np.full(1, float(root)) for root in autoregressive.roots(0.0, 0.8, 2.2)]
    sizes = (generator.random((1, 4000)) < 0.05) * 1.0
    traces = (autoregressive.calcium(sizes, *roots) + 0.15 * generator.standard_normal((1, 4000))).T
    assert noise.noise_level(traces) > 1.3 * 0.15


@pytest.mark.parametrize("slope", [0.0, 0.02, 0.1])
def test_signal_dependent_noise_is_recovered(slope):
    """Noise of variance .01 + slope * calcium, with the true events."""
    generator = np.random.default_rng(0)
    roots = [np.full(3, float(root)) for root in autoregressive.roots(0.05, 0.8, 30.0)]
    events = (generator.random((3, 30_000)) < 0.01) * generator.uniform(0.5, 2, (3, 30_000))
    calcium = autoregressive.calcium(events, *roots)
    traces = calcium + np.sqrt(0.01 + slope * calcium) * generator.standard_normal(calcium.shape)
    constant, found = noise.signal_dependent_noise(traces, events, calcium)
    np.testing.assert_allclose(constant, 0.01, rtol=0.1)
    np.testing.assert_allclose(found, slope, rtol=0.1, atol=0.001)


def test_a_silent_trace_has_no_slope():
    traces = np.random.default_rng(0).normal(0, 0.2, (1, 5000))
    constant, slope = noise.signal_dependent_noise(traces, np.zeros_like(traces), np.zeros_like(traces))
    assert constant == pytest.approx(0.04, rel=0.1) and slope == 0


def test_slow_changes_are_unexplained_but_no_noise():
    generator = np.random.default_rng(0)
    white = generator.normal(0, 0.1, (1, 20_000))
    slow = np.repeat(generator.normal(0, 0.3, (1, 100)), 200, axis=1)
    level = np.array([0.1])
    assert noise.unexplained_level(white, level) == pytest.approx(0.1, rel=0.03)
    assert noise.unexplained_level(white + slow, level) > 0.25
