"""Which floor a recording has, and that nothing is drawn that does not belong to a part."""

import numpy as np

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.evaluation.conditions import floors
from calciumgan_tf.evaluation.conditions.drawing import Pool


def split(cut):
    """A split at a presentation; each takes ten frames."""
    return Split("end", 5, ((0, 10 * cut),), ((10 * cut, 10**6),))


def test_the_held_out_part_is_the_floor_where_it_has_enough(observations, tuning):
    found = floors.choose(observations(tuning, 10), split(24))
    assert found.name == floors.SPLIT and len(found.folds) == 1 and not found.few and found.centre is None
    assert [side.sum() for side in found.folds[0]] == [24, 16]


def test_few_repetitions_are_left_out_one_by_one(observations, tuning):
    observed = observations(tuning, 5)
    found = floors.choose(observed, split(16))
    assert found.name == floors.REPETITIONS and len(found.folds) == 5 and not found.few
    for number, (others, one) in enumerate(found.folds):
        assert observed.numbers(one).tolist() == [1] * 4 and observed.numbers(others).tolist() == [4] * 4
        assert one[4 * number : 4 * number + 4].all() and not (others * one).any()
    assert found.centre.all()
    assert floors.choose(observations(tuning, 3), split(8)).few


def test_an_observation_across_a_border_is_in_neither_part(observations, tuning):
    observed = observations(tuning, 2)
    assert observed.inside([(0, 25), (30, 45)]).tolist() == [1, 1, 0, 1, 0, 0, 0, 0]


def test_as_many_are_drawn_of_each_level_as_asked(observations, tuning):
    observed, generator = observations(tuning, 10), np.random.default_rng(0)
    inside = (np.arange(40) < 20).astype(float)
    pool = Pool(observed, inside)
    assert pool.numbers.tolist() == [5] * 4
    once, again = pool.draw([5, 3, 0, 1], generator, False), pool.draw([5] * 4, generator, True)
    assert observed.numbers(once).tolist() == [5, 3, 0, 1] and once.max() == 1
    assert observed.numbers(again).tolist() == [5] * 4 and again.max() > 1
    assert not (once[20:].any() or again[20:].any())
    first, second = pool.halves()
    np.testing.assert_array_equal(first + second, inside)
    assert observed.numbers(first).tolist() == [3] * 4


def test_bins_of_a_stretch_are_drawn_together(observations, tuning):
    import dataclasses

    bins = dataclasses.replace(observations(tuning, 10), traces=None, groups=np.repeat(np.arange(8), 5))
    pool = Pool(bins, np.ones(40))
    drawn = pool.draw(pool.numbers, np.random.default_rng(0), True).reshape(8, 5)
    assert (drawn == drawn[:, :1]).all() and drawn.sum() == 40 and drawn.max() > 1
    assert floors.choose(bins, split(36)).few and not floors.choose(bins, split(20)).few
