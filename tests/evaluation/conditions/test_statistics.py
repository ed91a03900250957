"""Tuning curves, trial averages, correlations: closed forms and planted values."""

import dataclasses

import numpy as np

from calciumgan_tf.evaluation.conditions import correlations, responses
from calciumgan_tf.evaluation.conditions.observations import Sample, level_means, root_mean_square
from calciumgan_tf.evaluation.conditions.tuning import curves


def whole(observed):
    return Sample(observed, np.ones(len(observed.levels)))


def test_tuning_curves_are_the_means_of_levels(observations, tuning):
    observed = observations(tuning, 400)
    found = curves(whole(observed))
    np.testing.assert_allclose(found[2], observed.rates[observed.levels == 2].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found, tuning, atol=5 * np.sqrt(3 / 3 / 400))


def test_weights_are_repetitions(observations, tuning):
    observed = observations(tuning, 2)
    weights = np.array([3.0, 1, 0, 1, 1, 0, 0, 1])
    found = level_means(observed.traces, observed, weights)
    np.testing.assert_allclose(found[0], (3 * observed.traces[0] + observed.traces[4]) / 4, rtol=1e-5)
    assert np.isnan(found[2]).all() and not np.isnan(found[[0, 1, 3]]).any()
    assert np.isnan(level_means(observed.rates, observed, np.zeros(8))).all()


def test_trial_averages_have_the_shape_of_the_response(observations, tuning):
    found = responses.averages(whole(observations(tuning, 400)))
    assert found.shape == (4, 4, 6)
    np.testing.assert_allclose(found, np.linspace(0, 1, 4)[:, None] * tuning[:, None], atol=0.3)


def test_a_difference_is_over_what_is_defined():
    assert root_mean_square(np.array([1.0, np.nan, 4]), np.array([0.0, 5, np.nan])) == 1
    assert np.isnan(root_mean_square(np.array([np.nan]), np.array([1.0])))


def test_signal_correlations_are_those_of_curves(observations, tuning):
    sample = whole(observations(tuning, 10))
    expected = np.corrcoef(curves(sample), rowvar=False)[np.triu_indices(6, 1)]
    np.testing.assert_allclose(correlations.signal(sample), expected, rtol=1e-6)


def test_a_neuron_that_does_not_respond_has_no_correlation(observations, tuning):
    observed = observations(tuning, 10)
    rates, means = observed.rates.copy(), observed.means.copy()
    rates[:, 0], means[:, 0] = 0.4, 0.4
    sample = whole(dataclasses.replace(observed, rates=rates, means=means))
    for function in (correlations.signal, correlations.noise):
        found = function(sample)
        assert np.array_equal(found[:5], np.zeros(5)) and found[5:].all()


def test_noise_correlations_are_free_of_tuning(observations, tuning):
    tuning = np.repeat(tuning[:, :1], 6, axis=1)  # all alike, so that signal correlations are 1
    np.testing.assert_allclose(correlations.signal(whole(observations(tuning, 500))), 1, atol=0.02)
    np.testing.assert_allclose(correlations.noise(whole(observations(tuning, 500))), 0, atol=0.12)


def test_a_planted_noise_correlation_is_found(observations):
    """Counts of mean m and a shared gain of SD s have variance m + (s m)^2, and covariance (s m)^2."""
    tuning, shared = np.full((4, 3), 3.0), 0.5
    mean = 3 * 3.0
    expected = (shared * mean) ** 2 / (mean + (shared * mean) ** 2 + (3 * 0.1) ** 2)
    np.testing.assert_allclose(
        correlations.noise(whole(observations(tuning, 1000, shared=shared))), expected, atol=0.04
    )


def test_a_single_repetition_deviates_from_the_means_of_all(observations, tuning):
    observed = observations(tuning, 5)
    one = (np.arange(20) < 4).astype(float)
    assert not correlations.noise(Sample(observed, one)).any()
    centred = observed.means - level_means(observed.means, observed, np.ones(20))[observed.levels]
    norm = np.sqrt((centred[:4] ** 2).sum(axis=0))
    expected = (centred[:4].T @ centred[:4] / np.outer(norm, norm))[np.triu_indices(6, 1)]
    np.testing.assert_allclose(correlations.noise(Sample(observed, one, np.ones(20))), expected, rtol=1e-4)
