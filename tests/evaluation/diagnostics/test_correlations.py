"""Correlations against NumPy's, and the number of dimensions of populations that have a known one."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics.correlations import EventCorrelations, TraceCorrelations
from calciumgan_tf.evaluation.diagnostics.statistic import Context

RATE, FRAMES = 24.0, 96
BINS = {"0.5s": 12, "2s": 48}  # frames


def values(traces, events=None, weights=None, training=None):
    """{row: (value,)} of windows, each of which may count several times."""
    events = np.zeros(traces.shape, np.uint8) if events is None else events
    context = Context(RATE, traces if training is None else training)
    weights = np.ones(len(traces)) if weights is None else weights
    found = {}
    for statistic in (TraceCorrelations(context), EventCorrelations(context)):
        means = weights @ statistic.sums(traces, events) / weights.sum()
        found |= {row: one[0] for row, one in statistic.values(means[None]).items()}
    return found


def numpys(windows, size):
    """Correlations of all pairs over the concatenated bins."""
    bins = windows.reshape(len(windows), -1, size, windows.shape[2]).mean(axis=2, dtype=np.float64)
    return np.corrcoef(bins.reshape(-1, windows.shape[2]).T)[np.triu_indices(windows.shape[2], 1)]


def correlated(windows=30, neurons=4, seed=0):
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(windows, FRAMES, 1)) + generator.normal(size=(windows, 1, 1))
    traces = shared + generator.normal(size=(windows, FRAMES, neurons)) * np.arange(1, neurons + 1)
    return traces.astype(np.float32), (traces > 2).astype(np.uint8)


@pytest.mark.parametrize("repeated", [False, True])
def test_correlations_equal_numpys_over_the_bins_of_all_windows(repeated):
    traces, events = correlated()
    weights = np.random.default_rng(1).integers(0, 4, len(traces)) if repeated else np.ones(len(traces), int)
    found = values(traces, events, weights)
    for of, windows in (("trace", traces), ("event", events)):
        for name, size in BINS.items():
            expected = numpys(np.repeat(windows, weights, axis=0), size)
            np.testing.assert_allclose(found[f"{of}_correlations_{name}"], expected, atol=1e-9)


def test_level_and_scale_of_a_neuron_do_not_matter():
    """Far from 0, mean products would be rounded if they were not taken around the training part's mean."""
    traces = np.round(8 * correlated()[0]) / 8  # float32 holds them exactly, with and without the level
    for row, expected in values(traces).items():
        np.testing.assert_allclose(values(traces + np.float32(2**20))[row], expected, atol=1e-9)
        np.testing.assert_allclose(values(4 * traces)[row], expected, atol=1e-9)


def test_constant_neurons_are_uncorrelated():
    traces, events = correlated(neurons=3)
    traces[..., 1], events[..., 1] = 0.7, 0
    found = values(traces, events, training=correlated(neurons=3)[0])
    for row in found:
        if "correlations" in row:
            np.testing.assert_array_equal(found[row][[0, 2]], 0)  # pairs 0-1 and 1-2
            assert found[row][1] > 0.1
    silent = values(0 * traces)
    assert silent["dimensions"] == pytest.approx(np.log(3))
    assert not silent["trace_correlations_2s"].any()


def test_dimensions():
    """n independent neurons have n, equal ones 1, and two groups of equal ones two."""
    independent = np.random.default_rng(0).normal(size=(2000, FRAMES, 6)).astype(np.float32)
    assert values(independent)["dimensions"] == pytest.approx(np.log(6), abs=0.01)
    equal = np.repeat(independent[:20, :, :1], 6, axis=2) * np.arange(1, 7, dtype=np.float32)
    assert values(equal)["dimensions"] == pytest.approx(0, abs=1e-6)
    groups = independent[..., [0, 0, 0, 1, 1, 1]]
    assert values(groups)["dimensions"] == pytest.approx(np.log(2), abs=0.01)


def test_dimensions_follow_from_the_correlations():
    """Of n neurons, the participation ratio is n / (1 + (n - 1) r^2), where r^2 is the mean over pairs."""
    traces, _ = correlated(neurons=5)
    found = values(traces)
    squares = (found["trace_correlations_0.5s"] ** 2).mean()
    assert np.exp(found["dimensions"][0]) == pytest.approx(5 / (1 + 4 * squares))


def test_large_populations_are_represented_by_200_neurons():
    traces = np.random.default_rng(0).normal(size=(3, FRAMES, 250)).astype(np.float32)
    found = values(traces)["trace_correlations_2s"]
    chosen = np.linspace(0, 249, 200).round().astype(int)
    assert len(found) == 200 * 199 // 2
    np.testing.assert_allclose(found, numpys(traces[..., chosen], 48), atol=1e-9)


def test_short_windows_have_two_bins():
    """Windows of 1 s cannot hold bins of 2 s; theirs are half a window long."""
    traces, _ = correlated()
    short = traces[:, :24]
    np.testing.assert_allclose(values(short)["trace_correlations_2s"], numpys(short, 12), atol=1e-9)
