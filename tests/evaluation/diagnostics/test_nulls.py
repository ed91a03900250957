"""Faults: what each keeps of a set of windows, and what it destroys."""

import numpy as np
import pytest
from scipy import stats

from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS
from calciumgan_tf.evaluation.diagnostics.nulls import NULLS

pytestmark = pytest.mark.filterwarnings("error")


def example(windows=40, frames=60, neurons=4, seed=0):
    """Windows with a level that all neurons share, transients, and events where they begin."""
    generator = np.random.default_rng(seed)
    events = (generator.random((windows, frames, neurons)) < 0.05).astype(np.uint8)
    traces = generator.exponential(size=(windows, 1, 1)) + np.zeros(events.shape)
    for frame in range(frames):
        traces[:, frame:] += 0.8 ** np.arange(frames - frame)[None, :, None] * events[:, frame : frame + 1]
    traces += generator.normal(0, 0.05, traces.shape) + np.arange(neurons)
    return traces.astype(np.float32), events


def faulty(name, traces, events, seed=0):
    before = traces.copy(), events.copy()
    changed = NULLS[name](traces, events, np.random.default_rng(seed))
    np.testing.assert_array_equal(traces, before[0])
    np.testing.assert_array_equal(events, before[1])
    return changed


def in_order(windows):
    """Windows (window, ...) as rows in lexical order, which two equal sets share."""
    flat = windows.reshape(len(windows), -1)
    return flat[np.lexsort(flat.T)]


def test_every_row_names_a_fault_and_every_fault_has_a_row():
    assert {row.null for row in ROWS} == set(NULLS)


@pytest.mark.parametrize("name", NULLS)
@pytest.mark.parametrize("neurons", [1, 4])
@pytest.mark.parametrize("frames", [59, 60])
def test_faults_keep_shapes_types_and_the_number_of_events(name, neurons, frames):
    traces, events = example(neurons=neurons, frames=frames)
    changed, inferred = faulty(name, traces, events)
    assert changed.shape == traces.shape and changed.dtype == np.float32
    assert inferred.shape == events.shape and inferred.dtype == np.uint8
    assert inferred.sum() == events.sum()


@pytest.mark.parametrize("name", NULLS)
def test_equal_generators_give_equal_faults(name):
    traces, events = example()
    for one, again in zip(faulty(name, traces, events), faulty(name, traces, events)):
        np.testing.assert_array_equal(one, again)


def test_shuffled_neurons_keep_their_windows_and_lose_what_they_share():
    traces, events = example()
    changed, inferred = faulty("neurons shuffled", traces, events)
    joint = np.concatenate([traces, events], axis=1), np.concatenate([changed, inferred], axis=1)
    for neuron in range(4):
        np.testing.assert_array_equal(in_order(joint[1][..., neuron]), in_order(joint[0][..., neuron]))
    levels = [np.corrcoef(np.median(one, axis=1).T)[np.triu_indices(4, 1)] for one in (traces, changed)]
    assert levels[0].min() > 0.8
    assert abs(levels[1]).max() < 4 / np.sqrt(40)


def test_renamed_neurons_are_their_neighbours():
    traces, events = example()
    changed, inferred = faulty("neurons renamed", traces, events)
    for neuron in range(4):
        np.testing.assert_array_equal(changed[..., neuron], traces[..., neuron - 1])
        np.testing.assert_array_equal(inferred[..., neuron], events[..., neuron - 1])


@pytest.mark.parametrize("frames", [60, 59])
def test_random_phases_keep_the_amplitudes_of_all_frequencies(frames):
    """Of an even number of frames, the highest frequency has no phase but a sign, so that it is kept by chance only."""
    traces, events = example(windows=300, frames=frames)
    traces -= 3  # windows with levels of either sign
    changed, inferred = faulty("gaussian", traces, events)
    before, after = (np.fft.rfft(one, axis=1)[:, : (frames + 1) // 2] for one in (traces, changed))
    np.testing.assert_allclose(abs(after), abs(before), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(after[:, 0], before[:, 0], rtol=1e-4, atol=1e-3)  # the mean, with its sign
    skewness = [stats.skew(one - one.mean(axis=1, keepdims=True), axis=None) for one in (traces, changed)]
    assert skewness[0] > 1 and abs(skewness[1]) < 0.1
    np.testing.assert_array_equal(inferred, events)


def test_random_phases_differ_between_neurons_and_windows():
    traces, events = example(frames=59)
    traces[:] = traces[:1, :, :1]
    changed, _ = faulty("gaussian", traces, events)
    assert abs(np.corrcoef(changed.swapaxes(1, 2).reshape(160, -1))[np.triu_indices(160, 1)]).max() < 0.95


def test_backwards_twice_is_forwards():
    traces, events = example()
    once = faulty("time reversed", traces, events)
    np.testing.assert_array_equal(once[0][:, 0], traces[:, -1])
    for one, before in zip(faulty("time reversed", *once), (traces, events)):
        np.testing.assert_array_equal(one, before)


def test_frames_in_random_order_stay_together():
    """A frame keeps the values and events of all its neurons, and its window; neighbours are no more alike."""
    traces, events = example()
    changed, inferred = faulty("frames in random order", traces, events)
    for window in range(len(traces)):
        before, after = (
            in_order(np.concatenate([one[window], two[window]], axis=1))
            for one, two in ((traces, events), (changed, inferred))
        )
        np.testing.assert_array_equal(after, before)
    around = changed - changed.mean(axis=1, keepdims=True)
    autocorrelation = (around[:, 1:] * around[:, :-1]).sum() / (around**2).sum()
    assert abs(autocorrelation + 1 / 60) < 4 / np.sqrt(around.size)


def test_events_in_random_order_are_independent_and_traces_stay():
    """Each neuron keeps its number of events; all windows have the binomial variance of counts."""
    traces, events = example(windows=400)
    events[:200, :, 0] = 0
    changed, inferred = faulty("events in random order", traces, events)
    np.testing.assert_array_equal(changed, traces)
    np.testing.assert_array_equal(inferred.sum(axis=(0, 1)), events.sum(axis=(0, 1)))
    counts, share = inferred[..., 0].sum(axis=1), events[..., 0].mean()
    assert counts.var() / counts.mean() == pytest.approx(1 - share, abs=4 * np.sqrt(2 / 400))
    assert abs(np.corrcoef(inferred.reshape(-1, 4).T)[np.triu_indices(4, 1)]).max() < 4 / np.sqrt(400 * 60)


@pytest.mark.parametrize("name", NULLS)
def test_silent_neurons_stay_silent(name):
    traces, events = np.zeros((5, 20, 3), np.float32), np.zeros((5, 20, 3), np.uint8)
    for one in faulty(name, traces, events):
        assert not one.any()


def test_random_phases_keep_the_power_of_every_frequency():
    traces = np.random.default_rng(0).normal(1, 1, (300, 60, 4)).astype(np.float32)
    changed, _ = NULLS["gaussian"](traces, np.zeros(traces.shape, np.uint8), np.random.default_rng(0))
    np.testing.assert_allclose(abs(np.fft.rfft(changed, axis=1)), abs(np.fft.rfft(traces, axis=1)), atol=1e-3)
