"""Bins and responses of known series; the pieces of the held-out part."""

import numpy as np
import pytest

from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.reproduction.augmentation import heldout, series
from calciumgan_tf.reproduction.augmentation.series import Series


def test_bins_of_several_series():
    """At 4 Hz, two frames a bin; the odd last frame of a series is in none."""
    first, second = np.arange(5.0)[:, None], np.array([[10.0], [20.0], [30.0], [50.0]])
    rows, starts = series.binned([Series(first), Series(second)], 4.0)
    assert rows.ravel().tolist() == [0.5, 2.5, 15, 40] and starts.tolist() == [0, 2, 5, 7]


def test_a_slow_recording_has_bins_of_a_frame():
    rows, starts = series.binned([Series(np.arange(3.0)[:, None])], 0.5)
    assert rows.ravel().tolist() == [0, 1, 2] and starts.tolist() == [0, 1, 2]


@pytest.mark.parametrize("shown", [1, 3])
def test_responses_follow_the_onsets(shown):
    """At 1 Hz, four frames from each onset on; what begins with the series or ends after it is left out."""
    values = np.zeros(20)
    for onset, level in ((0, 7), (5, 2), (11, 3), (17, 1)):
        values[onset : onset + shown] = level
    traces = np.stack([np.arange(20.0), np.ones(20)], axis=1)
    both = [Series(traces, values), Series(100 + traces, values)]
    responses, levels, starts = series.responses(both, 1.0)
    assert levels.tolist() == [2, 3, 2, 3] and starts.tolist() == [5, 11, 25, 31]
    np.testing.assert_allclose(responses, [[6.5, 1], [12.5, 1], [106.5, 101], [112.5, 101]])


def test_a_level_that_follows_another_at_once_is_a_presentation():
    values = np.repeat([0.0, 2.0, 1.0, 0.0], 5)
    responses, levels, starts = series.responses([Series(np.zeros((20, 2)), values)], 1.0)
    assert levels.tolist() == [2, 1] and starts.tolist() == [5, 10] and responses.shape == (2, 2)


def test_no_presentation():
    responses, levels, _ = series.responses([Series(np.zeros((20, 2)), np.zeros(20))], 1.0)
    assert responses.shape == (0, 2) and levels.shape == (0,)


def test_the_condition_with_levels_is_the_first_categorical_one_that_changes(traces):
    speed, stimulus, frames = np.linspace(0, 3, 2000), np.arange(2000) // 50 % 9, np.arange(2000)
    conditions = np.stack([speed, frames, np.full(2000, 2), stimulus, stimulus], axis=1)
    recording = Recording(traces, 24.0, "x", conditions=conditions, condition_names=tuple("abcde"))
    assert series.condition_with_levels(recording) == "d"
    (block,) = series.blocks_of(recording, [(100, 300)])
    np.testing.assert_array_equal(block.levels, stimulus[100:300])
    np.testing.assert_array_equal(block.traces, traces[100:300])
    plain = Recording(traces, 24.0, "x", conditions=conditions[:, :2])
    assert series.condition_with_levels(plain) is None and series.blocks_of(plain, [(0, 9)])[0].levels is None
    assert series.condition_with_levels(Recording(traces, 24.0, "x")) is None


def test_windows_have_the_levels_of_the_named_condition():
    traces, conditions = np.zeros((3, 4, 2)), np.arange(24).reshape(3, 4, 2)
    windows = series.windows_of(traces, conditions, ("speed", "stimulus"), "stimulus")
    np.testing.assert_array_equal([one.levels for one in windows], conditions[:, :, 1])
    for known, names in ((None, ()), (conditions, ("speed", "other"))):
        assert [one.levels for one in series.windows_of(traces, known, names, "stimulus")] == [None] * 3


def test_pieces_lie_within_blocks_and_are_as_long_as_asked_for():
    """At 1 Hz: at least 20 frames, or a window."""
    edges = heldout.edges([(100, 165), (300, 310)], 16, 1.0)
    assert edges.tolist() == [0, 21, 43, 65, 75]
    assert heldout.edges([(100, 165)], 64, 1.0).tolist() == [0, 65]
    assert heldout.groups(np.array([0, 20, 21, 64, 65, 74]), edges).tolist() == [0, 0, 1, 2, 3, 3]


def test_resamples_of_pieces():
    weights = heldout.weights(7)
    assert weights.shape == (1 + heldout.RESAMPLES, 7) and (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all() and weights[1:].std() > 0.5
    np.testing.assert_array_equal(weights, heldout.weights(7))
