"""Dynamics of traces and events, each statistic by closed form or against another library."""

import types

import numpy as np
import pytest
import scipy.stats

from calciumgan_tf.evaluation import dynamics, dynamics_metrics

RATE, TAU_DECAY, FRAMES, NEURONS = 24.0, 0.812, 256, 3
GRID = dynamics.Grid(RATE, TAU_DECAY, np.array([1.0, 0.0, -1.0]), FRAMES)
GENERATOR = np.random.default_rng(0)


def described(traces, spikes=None):
    spikes = np.zeros(traces.shape, np.uint8) if spikes is None else spikes
    return dynamics.describe(traces.astype(np.float32), spikes, GRID)


def statistic(name, traces, spikes=None):
    """A statistic of a set of windows."""
    return getattr(dynamics_metrics, name)(described(traces, spikes).pooled()).squeeze(axis=-2)


@pytest.fixture(scope="module")
def traces():
    """float32 (40, 256, 3), skewed, correlated in time, far from 0."""
    noise = GENERATOR.gamma(0.5, 1.0, (40, FRAMES, NEURONS))
    noise[:, 1:] += 0.9 * noise[:, :-1]
    return (noise + [5.0, 0.0, -2.0]).astype(np.float32)


@pytest.fixture(scope="module")
def spikes():
    return (GENERATOR.random((40, FRAMES, NEURONS)) < [0.02, 0.1, 0.3]).astype(np.uint8)


def test_moments_equal_scipys(traces):
    flat = traces.reshape(-1, NEURONS).astype(np.float64)
    np.testing.assert_allclose(statistic("skewness", traces), scipy.stats.skew(flat), rtol=1e-3)
    steps = np.diff(traces.astype(np.float64), axis=1).reshape(-1, NEURONS)
    expected = (steps**3).mean(axis=0) / (steps**2).mean(axis=0) ** 1.5
    np.testing.assert_allclose(statistic("asymmetry", traces), expected, rtol=1e-3)


def test_asymmetry_changes_its_sign_when_time_is_reversed(traces):
    forwards, backwards = (statistic("asymmetry", t) for t in (traces, traces[:, ::-1]))
    np.testing.assert_allclose(forwards, -backwards, rtol=1e-4)


def test_autocorrelation_of_an_autoregressive_trace_decays_as_it_should():
    noise = GENERATOR.normal(size=(200, FRAMES + 100, NEURONS))
    for frame in range(1, FRAMES + 100):
        noise[:, frame] += 0.9 * noise[:, frame - 1]
    found = statistic("autocorrelation", noise[:, 100:])
    np.testing.assert_allclose(found, np.repeat(0.9 ** GRID.lags[:, None], NEURONS, axis=1), atol=0.04)


def test_spike_autocorrelation_of_regular_and_of_silent_neurons():
    spikes = np.zeros((4, FRAMES, NEURONS), np.uint8)
    spikes[:, :: GRID.lags[0], 0] = 1  # one at each multiple of the first lag
    spikes[:, ::2, 1] = 1
    found = statistic("spike_autocorrelation", np.zeros(spikes.shape), spikes)
    assert found[0, 0] == pytest.approx(1, abs=0.02) or GRID.lags[0] == 1
    even = GRID.lags % 2 == 0
    assert (found[even, 1] > 0.98).all() and (found[~even, 1] < -0.98).all()
    assert np.isnan(found[:, 2]).all()


def test_noise_and_spectrum_of_white_noise():
    sd = np.array([0.1, 0.3, 1.0])
    white = GENERATOR.normal(0, sd, (100, FRAMES, NEURONS))
    np.testing.assert_allclose(statistic("noise", white), sd, rtol=0.03)
    flat = 10 * np.log10(sd**2 / (RATE / 2))
    np.testing.assert_allclose(np.median(statistic("spectrum", white), axis=0), flat, atol=0.2)


@pytest.fixture(scope="module")
def transients():
    """Windows with one event of 2 dF/F each, rising for three frames, decaying with TAU_DECAY; neuron 2 has none."""
    traces = np.zeros((10, FRAMES, NEURONS))
    spikes = np.zeros(traces.shape, np.uint8)
    shape = np.concatenate([[0.5, 1.0, 1.5], 2 * np.exp(-np.arange(FRAMES) / (TAU_DECAY * RATE))])
    for neuron in (0, 1):
        traces[:, 97:, neuron] += shape[: FRAMES - 97]
        spikes[:, 100, neuron] = 1
    return traces, spikes


def test_transients_have_their_rise_and_decay_times(transients):
    rise, decay = (statistic(name, *transients) for name in ("rise_time", "decay_time"))
    level = (0.5 + 1.0 + 1.5) / GRID.before  # what the rise adds to the level before the event
    low = sum(one - level < 0.1 * (2 - level) for one in (0.5, 1.0, 1.5))
    np.testing.assert_allclose(rise[:2], (4 - low) / RATE)
    frames = -TAU_DECAY * RATE * np.log(((2 - level) / np.e + level) / 2)
    np.testing.assert_allclose(decay[:2], frames / RATE, rtol=2e-3)
    assert np.isnan(rise[2]) and np.isnan(decay[2])


def test_a_jump_rises_within_a_frame_and_a_plateau_lasts_as_long_as_is_looked_at():
    traces = np.zeros((10, FRAMES, NEURONS))
    spikes = np.zeros(traces.shape, np.uint8)
    traces[:, 100:], spikes[:, 100] = 1, 1
    np.testing.assert_allclose(statistic("rise_time", traces, spikes), 1 / RATE)
    np.testing.assert_allclose(statistic("decay_time", traces, spikes), (GRID.after - 1) / RATE)


def test_too_few_events_have_no_transient(transients):
    traces, spikes = (one[: dynamics_metrics.FEWEST - 1] for one in transients)
    assert np.isnan(statistic("transient", traces, spikes)).all()
    repeated = dynamics.describe(*(np.repeat(one, 5, axis=0) for one in (traces, spikes)), GRID, independent=9)
    assert np.isnan(dynamics_metrics.transient(repeated.pooled())).all()  # the same events in more windows


def test_event_sizes(transients):
    np.testing.assert_allclose(statistic("event_size", *transients)[:2], 0.5, rtol=1e-5)
    np.testing.assert_allclose(statistic("event_size_sd", *transients)[:2], 0, atol=1e-3)
    assert np.isnan(statistic("event_size", *transients)[2])


def test_events_with_others_around_them_are_not_isolated():
    spikes = np.zeros((1, FRAMES, NEURONS), np.uint8)
    spikes[0, [60, 62, 120, 120 + GRID.before + 1], 0] = 1  # 60 and 62 are one transient; another follows on 120
    spikes[0, [60, 60 + GRID.after], 1] = 1  # the first is alone as far as it is looked at, the second too
    spikes[0, [0, FRAMES - 1], 2] = 1  # too near to the ends
    assert described(np.zeros(spikes.shape), spikes).isolated[0, 0].tolist() == [2, 2, 0]


def test_lagged_correlation_equals_numpys_and_finds_the_delay(traces):
    binned = traces[:, :252].reshape(40, 21, 12, NEURONS).mean(axis=2)
    binned[:, 1:, 2], binned[:, 0, 2] = binned[:, :-1, 0].copy(), binned[:, -1, 0]
    expected = np.corrcoef(binned[:, :-1].reshape(-1, NEURONS).T, binned[:, 1:].reshape(-1, NEURONS).T)[
        :NEURONS, NEURONS:
    ]
    found = statistic("lagged_correlation", np.pad(np.repeat(binned, 12, axis=1), ((0, 0), (0, 4), (0, 0))))[0].reshape(
        NEURONS, NEURONS
    )
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert found[0, 2] > 0.9 and abs(found[2, 0]) < 0.4


def test_dimensions_and_synchrony_of_independent_and_of_equal_neurons(spikes):
    independent = GENERATOR.normal(size=spikes.shape), spikes
    assert statistic("participation_ratio", *independent)[0] == pytest.approx(NEURONS, rel=0.05)
    assert statistic("synchrony", *independent)[0] == pytest.approx(1, abs=0.15)
    same = np.repeat(spikes[:, :, 1:2], NEURONS, axis=2)
    equal = same + GENERATOR.normal(size=(40, FRAMES, 1)), same
    assert statistic("participation_ratio", *equal)[0] == pytest.approx(1, abs=1e-3)
    assert statistic("synchrony", *equal)[0] == pytest.approx(NEURONS)


def compared(reference, candidate):
    """{metric: value}."""
    sides = types.SimpleNamespace(dynamics=(reference.pooled(), candidate.pooled()))
    return {metric.name: metric.function(sides)[0] for metric in dynamics_metrics.METRICS}


def test_all_dynamics_metrics_of_equal_sets_are_zero_and_of_others_positive(traces, spikes):
    reference = described(traces, spikes)
    np.testing.assert_allclose(list(compared(reference, reference).values()), 0, atol=1e-9)
    fewer = spikes & (GENERATOR.random(spikes.shape) < 0.5)
    different = compared(reference, described(GENERATOR.normal(size=traces.shape), fewer))
    no_transient = {"rise_time_rmse", "decay_time_rmse"}  # of events that are hardly ever alone
    assert all(value > 0 for name, value in different.items() if name not in no_transient)


def test_shuffling_and_taking_windows_are_what_they_would_be_for_the_traces(traces, spikes):
    one, order = described(traces, spikes), GENERATOR.permuted(np.tile(np.arange(40), (NEURONS, 1)), axis=1).T
    again = described(*(np.take_along_axis(a, order[:, None], axis=0) for a in (traces, spikes)))
    for name in dynamics.ARRAYS:
        np.testing.assert_allclose(getattr(one.shuffled(order), name), getattr(again, name), atol=1e-5)
    np.testing.assert_array_equal(one.take(np.array([3, 3])).moments, one.moments[[3, 3]])


def test_weights_are_repetitions_of_windows(traces, spikes):
    weights = GENERATOR.integers(0, 4, (2, 40))
    weighted = described(traces, spikes).pooled(weights)
    for number, counts in enumerate(weights):
        repeated = described(*(np.repeat(side, counts, axis=0) for side in (traces, spikes))).pooled()
        for name in set(vars(weighted)) - {"grid", "independent"}:
            axis = {"level": 0}.get(name, 1)
            found, expected = np.take(getattr(weighted, name), number, axis), np.take(getattr(repeated, name), 0, axis)
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5, err_msg=name)
