"""Decoders: perfect, at chance, and as good as a known correlation."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from calciumgan_tf.evaluation.conditions import decoding, faults
from calciumgan_tf.evaluation.conditions.observations import Sample
from calciumgan_tf.evaluation.discriminants import LevelDecoder


def whole(observed):
    return Sample(observed, np.ones(len(observed.levels)))


def test_levels_that_are_far_apart_are_decoded(observations, tuning):
    fitted, tested = (whole(observations(10 * tuning, 10, seed)) for seed in (0, 1))
    assert decoding.accuracy(fitted, tested, decoding.penalty(fitted)) == 1


def test_exchanged_levels_are_decoded_at_chance(observations, tuning):
    tested, found = whole(observations(tuning, 200, 1)), []
    for seed in range(10):
        observed, generator = observations(tuning, 50, seed), np.random.default_rng(seed)
        damaged = faults.levels_permuted(observed, np.ones(200), generator)
        assert sorted(damaged.levels) == sorted(observed.levels)
        found.append(decoding.accuracy(whole(damaged), tested, 10.0))
    assert abs(np.mean(found) - 0.25) < 4 * np.std(found) / np.sqrt(10) + 0.01


def test_accuracy_is_balanced(observations, tuning):
    """Half of level 0 and all of the others are right, however often each is tested."""
    fitted, tested = (observations(10 * tuning, 10, seed) for seed in (0, 1))
    means = tested.means.copy()
    first = np.flatnonzero(tested.levels == 0)
    means[first[::2]] = tested.means[tested.levels == 1][: len(first[::2])]
    weights = np.where(tested.levels == 0, 7.0, 1.0)
    sample = Sample(dataclasses.replace(tested, means=means), weights)
    assert decoding.accuracy(whole(fitted), sample, 1.0) == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_a_single_level_cannot_be_decoded(observations, tuning):
    sample = whole(observations(tuning[:1], 5))
    assert np.isnan(decoding.accuracy(sample, sample, decoding.penalty(sample)))


def test_a_continuous_condition_is_regressed(observations, tuning):
    def running(seed):
        observed, generator = observations(tuning, 100, seed), np.random.default_rng(seed)
        speed = generator.normal(size=400)
        means = speed[:, None] + generator.normal(0, 2, (400, 6))  # the best estimate has a correlation of sqrt(.6)
        return whole(dataclasses.replace(observed, values=speed, means=means, traces=None))

    fitted, tested = running(0), running(1)
    found = decoding.correlation(fitted, tested, decoding.penalty(fitted))
    assert found == pytest.approx(np.sqrt(0.6), abs=0.06)
    resting = dataclasses.replace(tested.observations, values=np.zeros(400))
    assert np.isnan(decoding.correlation(fitted, whole(resting), 1.0))


@pytest.mark.parametrize("neurons", [6, 60])
def test_weights_count_and_the_regression_is_that_of_scikit_learn(observations, neurons):
    generator = np.random.default_rng(0)
    fitted, tested = (observations(generator.gamma(1, 1, (4, neurons)), 8, seed) for seed in (0, 1))
    weights = generator.integers(0, 4, 32).astype(float)
    used = weights > 0
    mean, sd = fitted.means[used].mean(axis=0), fitted.means[used].std(axis=0)
    times = weights.astype(int)
    decoder = LevelDecoder.fit(
        np.repeat((fitted.means - mean) / sd, times, axis=0), np.repeat(fitted.levels, times), 5.0
    )
    right = decoder.predict((tested.means - mean) / sd) == tested.levels
    found = decoding.accuracy(Sample(fitted, weights), whole(tested), 5.0)
    assert found == pytest.approx(right.mean())  # all levels are tested equally often
    values = tested.means @ generator.normal(size=neurons)
    fitted, tested = (dataclasses.replace(one, values=values, traces=None) for one in (fitted, tested))
    regression = Ridge(5.0).fit((fitted.means - mean) / sd, values, weights)
    expected = np.corrcoef(values, regression.predict((tested.means - mean) / sd))[0, 1]
    assert decoding.correlation(Sample(fitted, weights), whole(tested), 5.0) == pytest.approx(expected, rel=1e-4)
