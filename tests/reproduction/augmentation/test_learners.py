"""Moments and regressions agree with closed forms and with scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from calciumgan_tf.reproduction.augmentation import learners, moments
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


def test_penalty_is_large_without_correlations_and_small_with_many_rows():
    generator = np.random.default_rng(4)
    independent = [Moments.of(generator.normal(size=(12, 6))) for _ in range(5)]
    correlated = [Moments.of(rows(2000, seed)) for seed in range(5)]
    for folds, limits in ((independent, (1, 1e3)), (correlated, (0, 0.01))):
        everything = learners.total(folds)
        found = learners.neurons_penalty([everything - fold for fold in folds], folds)
        assert limits[0] <= found <= limits[1]
