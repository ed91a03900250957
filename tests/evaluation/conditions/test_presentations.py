"""Presentations are found where a condition changes, and responses have the length that is stated."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.conditions import presentations, series
from calciumgan_tf.evaluation.conditions.presentations import Timing
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling.samples import Samples
from calciumgan_tf.spikes.deconvolution import Settings

TIMING = Timing(2, 6, 8)


def a_series(column, edges=None):
    column = np.asarray(column, np.float32)
    return series.Series(np.zeros((len(column), 1), np.float32), column, edges or [(0, len(column))])


def column(frames, shown):
    """A condition that is 0 but for {first frame: (level, frames)}."""
    found = np.zeros(frames, np.float32)
    for first, (level, length) in shown.items():
        found[first : first + length] = level
    return found


def test_a_response_lasts_to_the_later_of_its_end_and_three_seconds():
    shown = {10: (3, 1), 30: (5, 7), 50: (3, 20)}
    found = presentations.find(a_series(column(100, shown)), (3, 5), TIMING)
    assert found.onsets.tolist() == [10, 30, 50] and found.levels.tolist() == [0, 1, 0]
    assert found.responses.tolist() == [6, 7, 8]  # at least `after`, then as long as shown, at most `longest`


def test_a_response_is_cut_at_the_next_onset():
    found = presentations.find(a_series(column(40, {10: (1, 3), 13: (2, 3), 20: (1, 2)})), (1, 2), TIMING)
    assert found.onsets.tolist() == [10, 13, 20] and found.responses.tolist() == [3, 6, 6]


def test_a_stretch_that_is_not_seen_whole_is_left_out():
    at = {
        onset: len(presentations.find(a_series(column(30, {onset: (1, 2)})), (1,), TIMING).onsets)
        for onset in (0, 1, 2, 22, 23)
    }
    assert at == {0: 0, 1: 0, 2: 1, 22: 1, 23: 0}


def test_no_stretch_crosses_a_border():
    whole = column(90, {10: (1, 1), 28: (1, 1), 62: (1, 1)})
    assert presentations.find(a_series(whole, [(0, 30), (30, 60), (60, 90)]), (1,), TIMING).onsets.tolist() == [10, 62]
    recording = Recording(
        np.random.default_rng(0).normal(size=(90, 1)),
        2.0,
        "r",
        conditions=whole,
        condition_names=("s",),
        joins=(50,),
        trial_frames=30,
    )
    assert series.of_recording(recording, "s").edges == [(0, 30), (30, 50), (50, 60), (60, 90)]


def test_windows_are_read_at_the_right_place():
    traces = np.arange(3 * 20 * 2, dtype=np.float32).reshape(3, 20, 2)
    conditions = np.zeros((3, 20, 2), np.float32)
    conditions[1, 8, 1] = conditions[2, 5, 1] = 4
    windows = series.of_samples(Samples(traces, 2.0, "s", conditions=conditions, condition_names=("a", "b")), "b")
    found = presentations.find(windows, (4,), TIMING)
    assert found.onsets.tolist() == [28, 45]
    np.testing.assert_array_equal(windows.stretches(found.onsets - 2, 10), [traces[1, 6:16], traces[2, 3:13]])
    session = series.of_samples(Samples(traces[0], 2.0, "s", conditions=conditions[1], condition_names=("a", "b")), "b")
    np.testing.assert_array_equal(session.stretches([6], 10), traces[:1, 6:16])
    assert session.consecutive(8).tolist() == [0, 8] and windows.consecutive(20).tolist() == [0, 20, 40]


@pytest.mark.parametrize(
    ("frames", "expected"), [(1000, Timing(10, 30, 40)), (60, Timing(10, 30, 30)), (20, Timing(5, 10, 10))]
)
def test_a_response_is_no_longer_than_half_a_window(frames, expected):
    shown = a_series(column(500, {50: (1, 40), 200: (2, 5)}))
    assert Timing.fit(shown, (1, 2), 10.0, frames) == expected


def test_a_response_is_the_mean_from_the_onset_on():
    shown = column(60, {20: (7, 1)})
    traces = np.zeros((60, 1), np.float32)
    traces[18:20], traces[22], traces[26:] = 9, 6, 50  # before the onset, in the response of six frames, after it
    one = series.Series(traces, shown, [(0, 60)])
    found = presentations.find(one, (7,), TIMING)
    settings = Settings(np.array([0.1]), np.array([3.0]), np.array([0.0]), np.array([0.1]))
    seen = presentations.observe(one, found, (7,), TIMING, settings, 2.0)
    assert seen.means.tolist() == [[1.0]] and seen.values.tolist() == [7.0]
    np.testing.assert_array_equal(seen.traces[0, :, 0], traces[18:26, 0])
    np.testing.assert_allclose(seen.rates, [[1 / 3]], rtol=1e-6)  # one spike in 3 s
    assert (seen.starts.tolist(), seen.frames) == ([18], 10)
    assert seen.inside([(0, 27), (18, 60)]).tolist() == [1.0] and seen.inside([(0, 27)]).tolist() == [0.0]


def test_some_levels_and_at_most_so_many_are_kept():
    found = presentations.Found(np.arange(6), np.array([0, 1, 2, 2, 2, 0]), np.full(6, 3))
    kept = found.only([0, 2])
    assert kept.onsets.tolist() == [0, 2, 3, 4, 5] and kept.levels.tolist() == [0, 1, 1, 1, 0]
    assert kept.most([1, 2]).onsets.tolist() == [0, 2, 4]


def test_without_presentations_nothing_is_observed():
    nothing = a_series(np.zeros(50))
    settings = Settings(np.array([0.1]), np.array([3.0]), np.array([0.0]), np.array([0.1]))
    seen = presentations.observe(nothing, presentations.find(nothing, (1,), TIMING), (1,), TIMING, settings, 2.0)
    assert seen.rates.shape == (0, 1) and seen.numbers().tolist() == [0]
