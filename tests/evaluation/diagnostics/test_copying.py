"""Copies are found, and windows that are only quiet, smooth, active or near to the middle are not."""

import numpy as np
import pytest
from planted_faults import Truth
from scipy import ndimage

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation.diagnostics import copy_controls, copying

FRAMES, COUNT = 96, 100
TRUTH = Truth(neurons=12, frames=7200, seed=3)
TRACES = TRUTH.recording().traces
SPLIT = split_frames(len(TRACES), FRAMES)


def cut(blocks, traces=TRACES):
    starts = [start for first, stop in blocks for start in range(first, stop - FRAMES + 1, FRAMES)]
    return np.stack([traces[start : start + FRAMES] for start in starts])


TRAINING, HELDOUT = cut(SPLIT.training), cut(SPLIT.heldout)
POOL = TRUTH.windows(3 * COUNT, FRAMES)
FRESH = POOL[:COUNT]
MEAN, SD = TRACES.mean(axis=0), TRACES.std(axis=0)


@pytest.fixture(scope="module")
def copy_test():
    return copying.CopyTest(TRACES, SPLIT.training, HELDOUT)


CONTROLS = copy_controls.controls(TRAINING, FRESH, seed=0)
FOUND_BY = {
    "all copies": {"whole", "half", "neuron"},
    "one in twenty copied": {"whole", "half", "neuron"},
    "copies with noise": {"whole"},
    "one neuron copied": {"neuron"},
    "half copied": {"half"},
    "shifted copies": {"whole", "half"},
}


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_are_found(copy_test, name):
    """Five copies out of a hundred windows are all that 'one in twenty copied' has."""
    found = copy_test.test(CONTROLS[name])
    assert found.p_value < 0.01
    for kind in FOUND_BY[name]:
        assert getattr(found, kind).p_value < 0.01, kind


def by_activity(first):
    return POOL[np.argsort((POOL / SD).std(axis=(1, 2)))][first:][:COUNT]


def low_rank():
    """Two principal components alone."""
    axes = np.linalg.svd((TRACES - MEAN) / SD, full_matrices=False)[2][:2]
    return MEAN + ((FRESH - MEAN) / SD) @ axes.T @ axes * SD


def without_every_third_neuron():
    windows = FRESH.copy()
    windows[:, :, ::3] = 0
    return windows


TRAPS = {
    "fresh": lambda: FRESH,
    "white noise": lambda: np.random.default_rng(0).normal(MEAN, 0.3 * SD, FRESH.shape),
    "smooth": lambda: ndimage.gaussian_filter1d(FRESH, 2.0, axis=1),
    "very smooth": lambda: ndimage.gaussian_filter1d(FRESH, 12.0, axis=1),
    "halved": lambda: MEAN + 0.5 * (FRESH - MEAN),
    "silent": lambda: 0 * FRESH,
    "silent neurons": without_every_third_neuron,
    "quiet": lambda: by_activity(0),
    "active": lambda: by_activity(2 * COUNT),
    "averages": lambda: (FRESH + POOL[COUNT : 2 * COUNT]) / 2,
    "low rank": low_rank,
    "reversed": lambda: FRESH[:, ::-1],
}


@pytest.mark.parametrize("name", TRAPS)
def test_windows_that_are_no_copies_are_not_called_so(copy_test, name):
    assert copy_test.test(TRAPS[name]()).p_value > 0.01


@pytest.mark.parametrize("start", [SPLIT.training[0][0], SPLIT.training[1][0], SPLIT.training[1][1] - FRAMES])
def test_a_copy_has_distance_0_at_its_own_start(copy_test, start):
    window = 3 * TRACES[None, start : start + FRAMES] + 1  # whatever its scale and level
    found = copy_test.test(window)
    for kind, first in (("whole", start), ("neuron", start), ("half", start)):
        matches = getattr(found, kind).matches
        assert matches.distances[0] < 1e-5
        assert matches.starts[0] == first + (kind == "half" and matches.places[0] == 1) * (FRAMES // 2)


def test_a_copy_that_reaches_out_of_the_blocks_is_none(copy_test):
    stop = SPLIT.training[1][1]
    found = copy_test.test(TRACES[None, stop - FRAMES // 4 : stop - FRAMES // 4 + FRAMES])
    assert found.whole.matches.distances[0] > 0.05


def test_precedence_by_closed_form():
    assert copying.precedence(0, 5, 7) == 1
    assert copying.precedence(1, 5, 7) == pytest.approx(5 / 12)
    assert copying.precedence(5, 5, 7) == pytest.approx(1 / 792)  # one of the 12 over 5 choices
    drawn = np.random.default_rng(0).normal(size=(20_000, 12))
    above = (drawn[:, :5] > drawn[:, 5:].max(axis=1, keepdims=True)).sum(axis=1)
    assert (above >= 2).mean() == pytest.approx(copying.precedence(2, 5, 7), abs=0.01)


def test_windows_that_match_one_stretch_count_once_unless_they_are_far_above_the_limit():
    def kind(leads, starts):
        matches = copying.Matches(np.array(leads), np.zeros(3), np.array(starts), np.zeros(3, int))
        return copying.Kind(matches, np.array([0.1, 0.5]), 100, np.zeros(3, bool))

    assert kind([0.6, 0.7, 0.4], [10, 50, 500]).origins == 1
    assert kind([0.6, 0.7, 0.8], [10, 50, 500]).origins == 2
    assert kind([6.0, 6.0, 6.0], [10, 10, 10]).origins == 3


def test_two_plain_copies_among_many_windows_are_enough():
    def p_value(leads, starts):
        leads = np.concatenate([leads, np.full(198, 0.1)])
        starts = np.concatenate([starts, np.zeros(198, int)])
        matches = copying.Matches(leads, np.zeros(200), starts, np.zeros(200, int))
        return copying.Kind(matches, np.linspace(0, 0.5, 200), 100, np.zeros(200, bool)).p_value

    assert p_value([6.0, 6.0], [100, 300]) < 1e-4
    assert p_value([6.0, 0.6], [100, 300]) > 0.005
    assert p_value([6.0, 6.0], [100, 150]) > 0.005  # one stretch, which may be exceptional
    assert p_value([0.4, 0.4], [100, 300]) == 1


def test_unseen_blocks_keep_a_window_away_from_the_training_part():
    assert copying.unseen_blocks(((0, 500), (900, 1000)), 100, 1350) == [(600, 800), (1100, 1350)]
    assert copying.unseen_blocks(((0, 1000),), 100, 1150) == []
    for kind in ("blocks", "end"):
        split = split_frames(7200, FRAMES, kind)
        assert copying.unseen_blocks(split.training, FRAMES, 7200) == list(split.heldout)


def test_one_training_window_for_all_is_found(copy_test):
    assert copy_test.test(np.repeat(TRAINING[7:8], COUNT, axis=0)).whole.p_value < 1e-6


def test_copies_of_the_unseen_part_do_not_hide_those_of_the_training_part(copy_test):
    """A model that was trained on the whole recording."""
    found = copy_test.test(np.concatenate([HELDOUT, TRAINING]))
    assert found.p_value < 1e-6
    assert found.whole.unseen_copies[: len(HELDOUT)].all()
    assert not found.whole.unseen_copies[len(HELDOUT) :].any()
    assert copy_test.test(HELDOUT).p_value > 0.01


def test_up_to_200_windows_are_searched_lazily():
    windows = np.concatenate([POOL, HELDOUT])
    found = copying.CopyTest(TRACES, SPLIT.training, HELDOUT, searched=20, neurons=2).test(windows)
    assert len(found.searched) == len(found.whole.matches.leads) == 20
    assert found.searched[0] == 0 and found.searched[-1] == len(windows) - 1
    assert set(found.neuron.matches.places) <= {0, 11}


def test_a_neuron_that_is_constant_in_the_training_part_does_not_count():
    traces = np.concatenate([TRACES, np.zeros((len(TRACES), 1), np.float32)], axis=1)
    heldout, windows = (np.concatenate([one, one[:, :, :1]], axis=2) for one in (HELDOUT, TRAINING[:5]))
    found = copying.CopyTest(traces, SPLIT.training, heldout).test(windows)
    assert (found.whole.matches.distances < 1e-5).all()
