"""The decoder of levels agrees with scikit-learn and with what is known of normal distributions."""

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import balanced_accuracy_score

from calciumgan_tf.evaluation import discriminants
from calciumgan_tf.evaluation.discriminants import LevelDecoder

MIXING = np.random.default_rng(1).normal(size=(6, 4))


def rows(count, seed=0):
    return np.random.default_rng(seed).multivariate_normal(np.arange(6), MIXING @ MIXING.T + np.eye(6), count)


@pytest.mark.parametrize("count", [5, 7])
def test_fewer_presentations_than_neurons_make_no_difference(count):
    """The smaller system of equations, for fewer than six presentations, has the solution of the larger one."""
    responses, levels = rows(count), np.arange(count) % 2
    weights = np.random.default_rng(3).uniform(0.5, 2, count)
    decoder = LevelDecoder.fit(responses, levels, 0.3, weights)
    means = np.stack([np.average(responses[levels == one], axis=0, weights=weights[levels == one]) for one in range(2)])
    covariance = np.cov((responses - means[levels]).T, aweights=weights, bias=True)
    np.testing.assert_allclose(decoder.weights, np.linalg.solve(covariance + 0.3 * np.eye(6), means.T), rtol=1e-8)


def test_copies_change_nothing_and_weights_are_repetitions():
    responses, levels = rows(60), np.arange(60) % 4
    once = LevelDecoder.fit(responses, levels, 0.1)
    again = LevelDecoder.fit(np.tile(responses, (3, 1)), np.tile(levels, 3), 0.1)
    np.testing.assert_allclose(again.weights, once.weights)
    np.testing.assert_allclose(again.offsets, once.offsets)
    number = np.random.default_rng(2).integers(1, 4, 60)
    weighted = LevelDecoder.fit(responses, levels, 0.1, number.astype(float))
    repeated = LevelDecoder.fit(np.repeat(responses, number, axis=0), np.repeat(levels, number), 0.1)
    np.testing.assert_allclose(weighted.weights, repeated.weights)
    np.testing.assert_allclose(weighted.offsets, repeated.offsets)


def test_decoder_is_a_linear_discriminant_analysis():
    generator = np.random.default_rng(5)
    levels = generator.integers(1, 5, 200) * 3
    responses = rows(200) + 2 * levels[:, None] * np.sin(np.arange(6) * levels[:, None])
    decoder = LevelDecoder.fit(responses[:100], levels[:100], 1e-9)
    oracle = LinearDiscriminantAnalysis(solver="lsqr", priors=np.full(4, 0.25)).fit(responses[:100], levels[:100])
    np.testing.assert_array_equal(decoder.predict(responses[100:]), oracle.predict(responses[100:]))
    probability = oracle.predict_proba(responses[100:])
    right = probability[np.arange(100), np.searchsorted(oracle.classes_, levels[100:])]
    assert decoder.surprise(responses[100:], levels[100:]) == pytest.approx(-np.log(right).sum(), rel=1e-5)


def test_accuracy_of_two_levels_at_a_known_distance():
    """Phi(distance / 2) between two normal distributions; 4 standard errors."""
    generator, levels = np.random.default_rng(6), np.arange(20_000) % 2 + 1
    responses = generator.normal(size=(20_000, 3)) + 1.5 * (levels == 2)[:, None] * np.array([1, 0, 0])
    decoder = LevelDecoder.fit(responses[:10_000], levels[:10_000], 1e-6)
    found = discriminants.balanced_accuracy(decoder.predict(responses[10_000:]), levels[10_000:])
    assert found == pytest.approx(stats.norm.cdf(0.75), abs=4 * np.sqrt(0.25 / 10_000))


def test_penalty_of_levels_is_small_where_many_responses_differ_and_large_where_few_do_not():
    generator, levels = np.random.default_rng(7), np.arange(400) % 2
    noise = generator.normal(size=(400, 6))
    clear = noise + 3 * levels[:, None] * np.eye(6)[0]
    many = discriminants.level_penalty([(clear[:200], levels[:200])], [(clear[200:], levels[200:])])
    few = discriminants.level_penalty([(noise[:8], levels[:8])], [(noise[8:], levels[8:])])
    assert many < 1 < few


def test_a_fold_without_presentations_has_no_say():
    responses, levels = rows(40), np.arange(40) % 2
    nothing = responses[:0], levels[:0]
    assert discriminants.level_penalty([nothing], [(responses, levels)]) == discriminants.PENALTIES[0]
    folds = [(responses[:20], levels[:20])], [(responses[20:], levels[20:])]
    assert discriminants.level_penalty([*folds[0], nothing], [*folds[1], folds[1][0]]) == discriminants.level_penalty(
        *folds
    )


def test_balanced_accuracy():
    true, predicted = np.array([1, 1, 1, 2, 5, 5]), np.array([1, 2, 1, 2, 1, 5])
    assert discriminants.balanced_accuracy(predicted, true) == pytest.approx(balanced_accuracy_score(true, predicted))
    weights = np.array([2, 1, 0, 0, 1, 3])
    with warnings.catch_warnings(action="ignore"):  # that a level is predicted that does not occur
        repeated = balanced_accuracy_score(np.repeat(true, weights), np.repeat(predicted, weights))
    assert discriminants.balanced_accuracy(predicted, true, weights) == pytest.approx(repeated)
    assert np.isnan(discriminants.balanced_accuracy(predicted, true, np.zeros(6)))
