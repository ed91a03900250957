import dataclasses

import numpy as np
import pytest

from calciumgan_tf.dataset import scaling
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import Recording

ALL = ((0, 2000),)


def test_global_without_quantile_is_the_papers_min_max(recording):
    scale = scaling.fit(recording, ALL, "global", 0)
    scaled = scale.scaled(recording.traces)
    assert scaled.min() == pytest.approx(0, abs=1e-6) and scaled.max() == pytest.approx(1, abs=1e-6)
    assert len(set(scale.shift)) == len(set(scale.scale)) == 1


def test_neuron_without_quantile_is_min_max_of_each(recording):
    scaled = scaling.fit(recording, ALL, "neuron", 0).scaled(recording.traces)
    np.testing.assert_allclose(scaled.min(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.max(axis=0), 1, atol=1e-6)


def test_zscores_have_mean_0_and_variance_1(recording):
    scaled = scaling.fit(recording, ((0, 500), (900, 2000)), "zscore", 0.001).scaled(recording.traces)
    seen = np.concatenate([scaled[:500], scaled[900:]])
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(seen.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["neuron", "global"])
def test_one_outlier_does_not_move_the_range(recording, kind):
    traces = recording.traces.copy()
    traces[77, 1] = 1e4
    before = scaling.fit(recording, ALL, kind, 0.001)
    after = scaling.fit(dataclasses.replace(recording, traces=traces), ALL, kind, 0.001)
    np.testing.assert_allclose(after.scale, before.scale, rtol=0.05)
    np.testing.assert_allclose(after.shift, before.shift, atol=0.05)


def test_ordinary_peaks_stay_inside(recording):
    scaled = scaling.fit(recording, ALL, "neuron", 0.001).scaled(recording.traces)
    assert scaled.min() > 0 and scaled.max() < 1


def test_heldout_frames_are_not_looked_at(recording):
    changed = recording.traces.copy()
    changed[1500:] *= 100
    for kind, quantile in (("global", 0), ("neuron", 0.001), ("zscore", 0)):
        one = scaling.fit(recording, ((0, 1500),), kind, quantile)
        other = scaling.fit(dataclasses.replace(recording, traces=changed), ((0, 1500),), kind, quantile)
        np.testing.assert_array_equal(one.shift, other.shift)
        np.testing.assert_array_equal(one.scale, other.scale)


def test_neuron_that_never_moves_in_the_training_part(recording):
    traces = recording.traces.copy()
    traces[:1500, 1] = 0.5
    with pytest.raises(InputError, match="neuron 1 is constant in the training part"):
        scaling.fit(dataclasses.replace(recording, traces=traces), ((0, 1500),), "neuron", 0.001)


@pytest.mark.parametrize("kind", ["neuron", "global", "zscore"])
@pytest.mark.parametrize("quantile", [0, 0.001])
def test_neurons_that_move_in_a_single_frame_are_scaled_by_their_whole_range(kind, quantile):
    """The quantiles are equal; the range is still that of the traces, of each neuron or of all."""
    traces = np.tile(np.float32([5, -1]), (2000, 1))
    traces[3] += [2, 3]
    scale = scaling.fit(Recording(traces, 24.0, source="test"), ALL, kind, quantile)
    assert (scale.scale > 0).all() and np.isfinite(scale.scaled(traces)).all()
    if kind == "neuron":
        np.testing.assert_array_equal(scale.shift, [5, -1])
        np.testing.assert_array_equal(scale.scale, [2, 3])
    if kind == "global" and not quantile:
        np.testing.assert_array_equal(scale.shift, [-1, -1])
        np.testing.assert_array_equal(scale.scale, [8, 8])


def test_global_range_of_a_recording_with_equal_quantiles():
    """Nearly all frames of all neurons are 1, so the range is from the smallest value, 0, to the largest, 4."""
    traces = np.ones((2000, 3), np.float32)
    traces[7], traces[9] = [0, 2, 2], [2, 2, 4]
    scale = scaling.fit(Recording(traces, 24.0, source="test"), ALL, "global", 0.01)
    np.testing.assert_array_equal(scale.shift, [0, 0, 0])
    np.testing.assert_array_equal(scale.scale, [4, 4, 4])


@pytest.mark.parametrize("kind, size", [("zscore", 1e-45), ("neuron", 3e38), ("global", 3e38)])
def test_range_that_float32_cannot_hold(kind, size):
    """The standard deviation of two tiny values in many frames is 0, the range of two huge values is infinite."""
    traces = np.zeros((100_000, 2), np.float32)
    traces[4:6] = np.float32([[-size], [size]])
    with pytest.raises(InputError, match="neuron 0,1 has values too large or too small for float32"):
        scaling.fit(Recording(traces, 24.0, source="test"), ((0, 100_000),), kind, 0)


@pytest.mark.parametrize("kind", ["neuron", "global", "zscore"])
def test_fit_does_not_change_the_recording(recording, kind):
    before = recording.traces.copy()
    scaling.fit(recording, ALL, kind, 0.001)
    np.testing.assert_array_equal(recording.traces, before)
