import numpy as np
import pytest
from oasis.oasis_methods import oasisAR2

from calciumgan_tf.spikes import autoregressive

KERNELS = [(0.03, 0.4, 30.0), (0.1, 1.0, 30.0), (1.2, 2.45, 2.2)]  # rise, decay, frame rate


def simulated(rise, decay, rate, traces=8, frames=700, noise=0.1):
    """Noisy traces (trace, frame) and the roots of their kernel."""
    generator = np.random.default_rng(0)
    roots = [np.full(traces, float(root)) for root in autoregressive.roots(rise, decay, rate)]
    sizes = (generator.random((traces, frames)) < 0.02) * generator.uniform(0.5, 2, (traces, frames))
    calcium = autoregressive.calcium(sizes, *roots)
    return calcium + noise * generator.standard_normal(calcium.shape), sizes, roots


@pytest.mark.parametrize("rise, decay, rate", KERNELS)
def test_response_is_the_kernel_at_the_frames(rise, decay, rate):
    """(1 - exp(-t / rise)) exp(-t / decay), up to a factor."""
    time = np.arange(1, 50) / rate
    expected = (1 - np.exp(-time / rise)) * np.exp(-time / decay)
    response = autoregressive.response(*autoregressive.roots(rise, decay, rate), 49)
    np.testing.assert_allclose(response / response[0], expected / expected[0])


def test_a_rise_that_is_not_resolved_is_0():
    decay, rise = autoregressive.roots([0.0, 0.01, 0.012], 0.5, 30.0)
    assert (rise > 0).tolist() == [False, False, True]
    np.testing.assert_allclose(decay, np.exp(-1 / 15))


@pytest.mark.parametrize("rise, decay, rate", [(0.0, 0.8, 24.0), *KERNELS])
def test_peak_and_energy_are_those_of_the_response(rise, decay, rate):
    roots = autoregressive.roots(rise, decay, rate)
    response = autoregressive.response(*roots, 5000)
    peak, energy = autoregressive.peak_and_energy(*roots)
    assert peak == pytest.approx(response.max()) and energy == pytest.approx((response**2).sum() / response.max() ** 2)


def test_an_event_has_its_size_at_the_peak():
    events = np.zeros((1, 100))
    events[0, 10] = 3
    roots = [np.array([float(root)]) for root in autoregressive.roots(0.1, 0.5, 30.0)]
    assert autoregressive.calcium(events, *roots).max() == pytest.approx(3)


@pytest.mark.parametrize("rise, decay, rate", KERNELS)
@pytest.mark.parametrize("s_min", [0.0, 0.3])
def test_second_order_is_oasis_own(rise, decay, rate, s_min):
    """oasis-deconv's oasisAR2, trace by trace, is the oracle."""
    check_against_oasis(*simulated(rise, decay, rate)[::2], s_min)


def test_silence_longer_than_a_transient_is_like_any_other():
    """Powers and sums are tabulated for a transient only."""
    traces, _, (d, r) = simulated(0.05, 0.1, 30.0, traces=3, frames=2000)
    assert autoregressive._reach(d, 2000) < 200
    traces[:, :1500] = np.abs(traces[:, :1500]) * 0.1
    check_against_oasis(traces, (d, r), 0.3)


def check_against_oasis(traces, roots, s_min):
    d, r = roots
    peak, _ = autoregressive.peak_and_energy(d, r)
    found = autoregressive.jumps(traces, d, r, np.full(len(traces), s_min))
    assert found.any()
    for trace, events, root_d, root_r, top in zip(traces, found, d, r, peak):
        _, jumps = oasisAR2(trace, root_d + root_r, -root_d * root_r, 0.0, s_min / top)
        jumps = np.where(jumps < s_min / top / 2, 0, jumps)
        np.testing.assert_allclose(events, np.maximum(top * jumps, 0), atol=1e-9)


def test_traces_do_not_depend_on_each_other(monkeypatch):
    first, _, roots = simulated(0.05, 0.4, 30.0)
    second, _, others = simulated(0.0, 0.8, 30.0)
    traces, s_min = np.concatenate([first, second]), np.full(16, 0.3)
    decay, rise = (np.concatenate(pair) for pair in zip(roots, others))
    together = autoregressive.jumps(traces, decay, rise, s_min)
    monkeypatch.setattr(autoregressive, "TRACES", 3)
    monkeypatch.setattr(autoregressive, "POOLS", 1)  # grows many times
    np.testing.assert_allclose(autoregressive.jumps(traces, decay, rise, s_min), together)
    for i in (0, 9):
        alone = autoregressive.jumps(traces[i : i + 1], decay[i : i + 1], rise[i : i + 1], s_min[:1])
        np.testing.assert_allclose(alone[0], together[i])


@pytest.mark.parametrize("rise, decay, rate", KERNELS)
def test_events_of_noiseless_traces_are_the_true_ones(rise, decay, rate):
    """But for those of the first frames."""
    traces, sizes, roots = simulated(rise, decay, rate, noise=0)
    sizes[:, :2] = 0
    traces = autoregressive.calcium(sizes, *roots)
    np.testing.assert_allclose(autoregressive.jumps(traces, *roots, np.full(8, 0.1)), sizes, atol=1e-6)
