"""Population features by closed form, and for few and many neurons."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.judges import judge, population_features
from calciumgan_tf.evaluation.judges.areas import Areas
from calciumgan_tf.evaluation.judges.population_features import PopulationFeatures

RATE = 16.0  # 8 frames in a bin


def noise(windows, neurons, frames=256, seed=0):
    return np.random.default_rng(seed).normal(size=(windows, frames, neurons))


def named(measure, windows):
    return dict(zip(measure.names, measure.features(windows).T))


def test_neurons_that_share_their_activity():
    windows = np.repeat(noise(5, 1), 6, axis=2) * np.arange(1, 7) + 3
    found = named(PopulationFeatures(windows, RATE), windows)
    for name in ("correlation_mean", "correlation_quantile_0.5", "participation_ratio", "first_variance_share"):
        np.testing.assert_allclose(found[name], 1, rtol=1e-4)
    np.testing.assert_allclose(found["correlation_sd"], 0, atol=1e-4)
    binned = windows[:, :, 0].reshape(5, 32, 8).mean(axis=2)
    standardised = (binned - binned.mean()) / binned.std()
    np.testing.assert_allclose(found["population_maximum"], standardised.max(axis=1), rtol=1e-4)
    variance = np.exp(found["log_variance_component_1"])  # the projection of six equal values is sqrt(6) times one
    np.testing.assert_allclose(variance, 6 * standardised.var(axis=1), rtol=1e-4)


def test_correlations_equal_numpys():
    windows = noise(4, 5) + noise(4, 1, seed=1)
    found = named(PopulationFeatures(windows, RATE), windows)
    binned = windows.reshape(4, 32, 8, 5).mean(axis=2)
    pairs = np.array([np.corrcoef(one.T)[np.triu_indices(5, 1)] for one in binned])
    np.testing.assert_allclose(found["correlation_mean"], pairs.mean(axis=1), rtol=1e-4)
    np.testing.assert_allclose(found["correlation_quantile_0.95"], np.quantile(pairs, 0.95, axis=1), rtol=1e-4)
    covariance = [np.cov(((one - binned.mean((0, 1))) / binned.std((0, 1))).T) for one in binned]
    ratio = [np.trace(one) ** 2 / np.trace(one @ one) for one in covariance]
    np.testing.assert_allclose(found["participation_ratio"], ratio, rtol=1e-4)


def test_scale_and_offset_of_neurons_change_nothing():
    windows = noise(6, 4)
    changed = 7 + windows * [1.0, 2, 10, 0.1]
    one = PopulationFeatures(windows, RATE).features(windows)
    np.testing.assert_allclose(np.abs(PopulationFeatures(changed, RATE).features(changed)), np.abs(one), atol=1e-3)


def test_a_reference_of_both_sets_favours_neither_and_one_of_a_single_set_gives_it_away():
    """Eight windows a fold: the SD of a fold's area is sqrt(17 / (12 * 64)) = .15, that of five folds is no larger."""
    blocks, both, single = np.arange(40), [], []
    for repeat in range(6):
        sets = noise(40, 60, seed=2 * repeat), noise(40, 60, seed=2 * repeat + 1)
        for reference, found in ((np.concatenate(sets), both), (sets[0], single)):
            measure = PopulationFeatures(reference, RATE)
            scores = judge.scores(*map(measure.features, sets), blocks, blocks, judge.ridge, repeat)
            found.append(Areas(scores, blocks, blocks).area())
    assert abs(np.mean(both) - 0.5) < 4 * 0.15 / 6**0.5
    assert np.mean(single) > 0.9


@pytest.mark.parametrize("neurons, frames, rate", [(2, 256, 24.0), (1000, 32, 30.0), (3, 2, 24.0), (5, 1, 2.2)])
def test_finite_for_few_and_many_neurons_and_short_windows(neurons, frames, rate):
    windows = noise(3, neurons, frames)
    measure = PopulationFeatures(windows, rate)
    found = measure.features(windows)
    assert found.dtype == np.float32
    assert found.shape == (3, len(measure.names))
    assert np.isfinite(found).all()


def test_finite_for_constants():
    windows = noise(3, 4)
    windows[:, :, 2] = 0.1
    windows[0] = 5.0
    for source in (windows, np.ones_like(windows)):
        assert np.isfinite(PopulationFeatures(source, RATE).features(windows)).all()


def test_the_chunk_changes_nothing(monkeypatch):
    windows = noise(7, 4)
    whole = PopulationFeatures(windows, RATE).features(windows)
    monkeypatch.setattr(population_features, "CHUNK_VALUES", 2000)
    np.testing.assert_allclose(np.abs(PopulationFeatures(windows, RATE).features(windows)), np.abs(whole), atol=1e-4)


def test_a_population_has_two_neurons():
    with pytest.raises(ValueError, match="not 1"):
        PopulationFeatures(noise(3, 1), RATE)
