import dataclasses

import numpy as np
import pytest

from calciumgan_tf.dataset import scaling
from calciumgan_tf.errors import InputError

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


def test_neuron_that_moves_in_one_frame_only_keeps_a_range(recording):
    traces = recording.traces.copy()
    traces[:, 1] = 0
    traces[3, 1] = 2
    scale = scaling.fit(dataclasses.replace(recording, traces=traces), ALL, "neuron", 0.001)
    assert (scale.scale > 0).all()
