"""Classical copies change what they say and keep the rest."""

import numpy as np
import pytest

from calciumgan_tf.reproduction.augmentation import training_sets
from calciumgan_tf.reproduction.augmentation.series import Series

FRAMES = 40


@pytest.fixture
def recorded():
    generator = np.random.default_rng(0)
    return [
        Series(generator.normal(1, [0.5, 1, 4], (frames, 3)).astype(np.float32), np.arange(frames))
        for frames in (30, 130)
    ]


def copies(recorded, kind, count=3):
    return training_sets.copies_of(recorded, kind, count, FRAMES, np.random.default_rng(1))


@pytest.mark.parametrize("kind", training_sets.CLASSICAL)
def test_copies_are_of_the_same_frames_and_differ_from_each_other(recorded, kind):
    made = copies(recorded, kind)
    assert len(made) == 3 and not np.allclose(made[0][1].traces, made[1][1].traces)
    for copy in made:
        for one, of in zip(copy, recorded):
            assert one.traces.shape == of.traces.shape and one.traces.dtype == np.float32
            np.testing.assert_array_equal(one.levels, of.levels)


def test_jitter_has_a_tenth_of_each_neurons_sd(recorded):
    added = np.concatenate([copy[1].traces - recorded[1].traces for copy in copies(recorded, "jitter", 40)])
    sd = np.concatenate([one.traces for one in recorded]).std(axis=0)
    np.testing.assert_allclose(added.std(axis=0), 0.1 * sd, rtol=4 / np.sqrt(2 * len(added)))


def test_a_factor_for_each_neuron_and_window(recorded):
    """130 frames are three windows of at least 40."""
    factors = np.array([copy[1].traces / recorded[1].traces for copy in copies(recorded, "scaling", 100)])
    for window in np.array_split(factors, 3, axis=1):
        np.testing.assert_allclose(window, np.broadcast_to(window[:, :1], window.shape), rtol=1e-4)
    each = np.log(factors[:, [0, 60, 120]]).ravel()
    assert len(np.unique(each.round(5))) > 850
    assert each.std() == pytest.approx(0.1, rel=4 / np.sqrt(2 * each.size))


def test_surrogates_keep_the_values_of_each_window(recorded):
    (copy,) = copies(recorded, "phase_randomised", 1)
    for one, of in zip(np.array_split(copy[1].traces, 3), np.array_split(recorded[1].traces, 3)):
        np.testing.assert_array_equal(np.sort(one, axis=0), np.sort(of, axis=0))
        assert (one != of).any()


def test_sets_and_their_amounts(recorded):
    windows = [Series(np.full((FRAMES, 3), number, np.float32)) for number in range(40)]
    sets = training_sets.sets_of(recorded, windows, FRAMES, 0, windows[:20])
    assert [one.name for one in sets] == training_sets.names()
    named = {one.name: one for one in sets}
    assert [len(named[f"generated_{amount}"].windows) for amount in (1, 3, 10)] == [4, 12, 40]
    assert [len(named[f"truth_{amount}"].windows) for amount in (1, 3, 10)] == [2, 6, 20]
    assert [len(named[f"jitter_{amount}"].copies) for amount in (1, 3, 10)] == [1, 3, 10]
    assert named["generated_3"].windows == tuple(windows[:12])
    assert [one.name for one in sets if not one.recorded] == ["generated_alone"]
    without = training_sets.sets_of(recorded, windows, FRAMES, 0)
    assert not any(one.name.startswith("truth") for one in without)
