"""Moments, regressions and decoders agree with closed forms and with scikit-learn."""

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge
from sklearn.metrics import balanced_accuracy_score

from calciumgan_tf.reproduction.augmentation import learners, moments
from calciumgan_tf.reproduction.augmentation.learners import LevelDecoder
from calciumgan_tf.reproduction.augmentation.moments import Moments

MIXING = np.random.default_rng(1).normal(size=(6, 4))
COVARIANCE = MIXING @ MIXING.T + np.eye(6)


def rows(count, seed=0):
    return np.random.default_rng(seed).multivariate_normal(np.arange(6), COVARIANCE, count)


def test_moments_add_up_and_give_the_covariance():
    first, second = rows(50), rows(30, seed=1)
    both = Moments.of(first) + Moments.of(second)
    np.testing.assert_allclose(both.covariance, np.cov(np.concatenate([first, second]).T, bias=True))
    np.testing.assert_allclose((both - Moments.of(second)).covariance, np.cov(first.T, bias=True))
    np.testing.assert_allclose(moments.correlation(both.covariance), np.corrcoef(np.concatenate([first, second]).T))


def test_weights_of_moments_are_repetitions_of_rows():
    parts = [rows(5, seed) for seed in range(3)]
    repeated = np.concatenate([parts[0], parts[0], parts[2]])
    found = moments.weighted([Moments.of(part) for part in parts], np.array([2.0, 0.0, 1.0]))
    np.testing.assert_allclose(found.covariance, np.cov(repeated.T, bias=True))


@pytest.mark.parametrize("penalty", [1e-3, 0.5, 20])
def test_weights_are_those_of_a_ridge_regression_of_each_neuron(penalty):
    data = rows(80)
    weights = learners.neuron_weights(Moments.of(data).covariance, penalty)
    tested = rows(40, seed=2)
    errors = learners.squared_errors(weights, data.mean(axis=0), Moments.of(tested))
    for neuron in range(6):
        others = np.delete(np.arange(6), neuron)
        ridge = Ridge(alpha=penalty * len(data)).fit(data[:, others], data[:, neuron])
        np.testing.assert_allclose(weights[others, neuron], ridge.coef_, atol=1e-8)
        residual = tested[:, neuron] - ridge.predict(tested[:, others])
        assert errors[neuron] == pytest.approx(np.sum(residual**2))
    assert not np.diag(weights).any()


def test_error_of_a_gaussian_is_its_conditional_variance():
    """1 / (C^-1)_nn is left of a neuron's variance when the others are known; 4 standard errors of a variance."""
    data, tested = Moments.of(rows(200_000)), Moments.of(rows(50_000, seed=3))
    weights = learners.neuron_weights(data.covariance, 1e-6)
    left = learners.squared_errors(weights, data.mean, tested) / tested.count
    np.testing.assert_allclose(left, 1 / np.diag(np.linalg.inv(COVARIANCE)), rtol=4 * np.sqrt(2 / 50_000))


def test_exact_copies_change_nothing():
    data = Moments.of(rows(60))
    twice = data + data
    np.testing.assert_allclose(
        learners.neuron_weights(twice.covariance, 0.1), learners.neuron_weights(data.covariance, 0.1)
    )
    responses, levels = rows(60), np.arange(60) % 4
    once = LevelDecoder.fit(responses, levels, 0.1)
    again = LevelDecoder.fit(np.tile(responses, (3, 1)), np.tile(levels, 3), 0.1)
    np.testing.assert_allclose(again.weights, once.weights)
    np.testing.assert_allclose(again.offsets, once.offsets)


def test_penalty_is_large_without_correlations_and_small_with_many_rows():
    generator = np.random.default_rng(4)
    independent = [Moments.of(generator.normal(size=(12, 6))) for _ in range(learners.FOLDS)]
    correlated = [Moments.of(rows(2000, seed)) for seed in range(learners.FOLDS)]
    for folds, limits in ((independent, (1, 1e3)), (correlated, (0, 0.01))):
        everything = learners.total(folds)
        found = learners.neurons_penalty([everything - fold for fold in folds], folds)
        assert limits[0] <= found <= limits[1]


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
    found = learners.balanced_accuracy(decoder.predict(responses[10_000:]), levels[10_000:])
    assert found == pytest.approx(stats.norm.cdf(0.75), abs=4 * np.sqrt(0.25 / 10_000))


def test_penalty_of_levels_is_small_where_many_responses_differ_and_large_where_few_do_not():
    generator, levels = np.random.default_rng(7), np.arange(400) % 2
    noise = generator.normal(size=(400, 6))
    clear = noise + 3 * levels[:, None] * np.eye(6)[0]
    many = learners.level_penalty([(clear[:200], levels[:200])], [(clear[200:], levels[200:])])
    few = learners.level_penalty([(noise[:8], levels[:8])], [(noise[8:], levels[8:])])
    assert many < 1 < few


def test_a_fold_without_presentations_has_no_say():
    responses, levels = rows(40), np.arange(40) % 2
    nothing = responses[:0], levels[:0]
    assert learners.level_penalty([nothing], [(responses, levels)]) == learners.PENALTIES[0]
    folds = [(responses[:20], levels[:20])], [(responses[20:], levels[20:])]
    assert learners.level_penalty([*folds[0], nothing], [*folds[1], folds[1][0]]) == learners.level_penalty(*folds)


def test_balanced_accuracy():
    true, predicted = np.array([1, 1, 1, 2, 5, 5]), np.array([1, 2, 1, 2, 1, 5])
    assert learners.balanced_accuracy(predicted, true) == pytest.approx(balanced_accuracy_score(true, predicted))
    weights = np.array([2, 1, 0, 0, 1, 3])
    with warnings.catch_warnings(action="ignore"):  # that a level is predicted that does not occur
        repeated = balanced_accuracy_score(np.repeat(true, weights), np.repeat(predicted, weights))
    assert learners.balanced_accuracy(predicted, true, weights) == pytest.approx(repeated)
    assert np.isnan(learners.balanced_accuracy(predicted, true, np.zeros(6)))
