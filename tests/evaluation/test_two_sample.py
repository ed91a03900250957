"""Distances between sets of windows by closed form or against SciPy and scikit-learn, and their permutation tests."""

import numpy as np
import pytest
import scipy.stats
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from calciumgan_tf.evaluation import classifier, two_sample

GENERATOR = np.random.default_rng(0)


def classifier_of(points, seed):
    return two_sample.DISTANCES["classifier"](points, seed)


def points(shift=0.0, scale=1.0, count=100, seed=1):
    return np.random.default_rng(seed).normal(shift, scale, (count, 4))


def between(distance, one, other, first=None, second=None):
    """A distance of two sets, whose points count as often as said."""
    sides = np.zeros((2, len(one) + len(other)))
    sides[0, : len(one)] = 1 if first is None else first
    sides[1, len(one) :] = 1 if second is None else second
    return distance(np.concatenate([one, other]), 0)(sides[:1], sides[1:])[0]


def test_sliced_wasserstein_of_a_shift_is_the_shift_along_each_direction():
    one = points()
    directions = np.random.default_rng(0).normal(size=(4, two_sample.PROJECTIONS))
    expected = np.abs(3 * (directions / np.linalg.norm(directions, axis=0))[0]).mean()
    assert between(two_sample.SlicedWasserstein, one, one + [3.0, 0, 0, 0]) == pytest.approx(expected)


def test_sliced_wasserstein_in_one_dimension_equals_scipys_with_weights():
    one, other = GENERATOR.normal(size=60), GENERATOR.gamma(2.0, size=45)
    weights = GENERATOR.integers(0, 4, 60), GENERATOR.integers(0, 4, 45)
    found = between(two_sample.SlicedWasserstein, one[:, None], other[:, None], *weights)
    assert found == pytest.approx(scipy.stats.wasserstein_distance(one, other, *weights))


def test_mmd_equals_its_sums_written_out():
    one, other = points(count=12), points(1.0, count=9, seed=2)
    both = np.concatenate([one, other])
    apart = ((both[:, None] - both) ** 2).sum(axis=2)
    kernel = np.exp(-apart / (2 * np.median(apart[np.triu_indices(21, 1)])))
    off = ~np.eye(21, dtype=bool)
    within = [kernel[a:b, a:b][off[a:b, a:b]].mean() for a, b in ((0, 12), (12, 21))]
    expected = sum(within) - 2 * kernel[:12, 12:].mean()
    assert between(two_sample.MaximumMeanDiscrepancy, one, other) == pytest.approx(expected)


def test_mmd_is_unbiased():
    values = [
        between(two_sample.MaximumMeanDiscrepancy, points(count=50, seed=seed), points(count=50, seed=seed + 1000))
        for seed in range(200)
    ]
    assert abs(np.mean(values)) < 4 * np.std(values) / 200**0.5


def test_mmd_with_weights_leaves_out_pairs_of_a_point_with_itself():
    one, other = points(count=6), points(1.0, count=5, seed=2)
    weights = np.array([3, 1, 0, 2, 1, 1]), np.array([1, 2, 1, 0, 1])
    both = np.concatenate([one, other])
    apart = ((both[:, None] - both) ** 2).sum(axis=2)
    kernel = np.exp(-apart / (2 * np.median(apart[np.triu_indices(11, 1)])))
    point = np.concatenate([np.repeat(np.arange(6), weights[0]), 6 + np.repeat(np.arange(5), weights[1])])
    side, number = point >= 6, np.arange(len(point))
    pairs = [(a, b) for a in number for b in number if point[a] != point[b]]
    means = {
        key: np.mean([kernel[point[a], point[b]] for a, b in pairs if (side[a], side[b]) == key])
        for key in ((False, False), (True, True), (False, True))
    }
    expected = means[False, False] + means[True, True] - 2 * means[False, True]
    assert between(two_sample.MaximumMeanDiscrepancy, one, other, *weights) == pytest.approx(expected)


def test_classifier_tells_a_shift_and_not_nothing():
    assert between(classifier_of, points(), points(6.0)) == pytest.approx(0.5)
    assert abs(between(classifier_of, points(), points(seed=3))) < 0.2


def test_classifier_reaches_the_best_area_of_two_normal_distributions():
    """Of unit variance, 1 apart: P(x < y) = Phi(1 / sqrt 2)."""
    shifted = points(count=2000, seed=4) + [1.0, 0, 0, 0]
    best = scipy.stats.norm.cdf(1 / 2**0.5) - 0.5
    assert between(classifier_of, points(count=2000), shifted) == pytest.approx(best, abs=0.02)


def test_classifier_of_points_that_count_twice():
    """A point that was drawn twice is never both learned from and tried: nothing to tell stays nothing to tell."""
    weights = GENERATOR.integers(1, 5, (2, 60))
    wide = [GENERATOR.normal(size=(60, 40)) for _ in range(2)]
    assert abs(between(classifier_of, *wide, *weights)) < 0.2


def test_too_few_points_have_no_classifier_and_no_p_value():
    few = points(count=classifier.FEWEST - 1)
    assert np.isnan(between(classifier_of, points(), few))
    found = two_sample.TwoSample(points(), few, seed=0)
    assert set(found.p_values().values()) == {None}
    assert np.isfinite([found.distance("mmd"), found.distance("sliced_wasserstein")]).all()


def test_an_undefined_distance_has_no_p_value():
    found = two_sample.TwoSample(points(), points(1.0, seed=4), seed=0)
    found._distances["mmd"] = lambda first, second: np.full(len(first), np.nan)
    assert found.p_values()["mmd"] is None


def test_p_values_are_small_for_a_difference():
    far = two_sample.TwoSample(points(), points(1.0, seed=4), seed=0).p_values()
    assert far == {name: 1 / (1 + permutations) for name, permutations in two_sample.PERMUTATIONS.items()}


@pytest.mark.parametrize("name", two_sample.DISTANCES)
def test_p_values_are_uniform_without_a_difference(monkeypatch, name):
    monkeypatch.setattr(two_sample, "PERMUTATIONS", dict.fromkeys(two_sample.DISTANCES, 1) | {name: 20})
    ps = [
        two_sample.TwoSample(points(count=20, seed=seed), points(count=60, seed=seed + 100), seed).p_values()[name]
        for seed in range(40)
    ]
    assert scipy.stats.kstest(ps, "uniform").pvalue > 0.001


def test_classifier_equals_ridge_regression_of_scikit_learn():
    """Fold by fold, with weights, and the area under the curve with ties."""
    generator = np.random.default_rng(0)
    both, label = generator.normal(size=(60, 3)), np.arange(60) >= 25
    both[label] += 0.7
    weights = generator.integers(0, 4, 60).astype(float)
    measure = classifier.Classifier(both)
    sides = np.where(label, 0, weights)[None], np.where(label, weights, 0)[None]
    folds = np.where(label, measure._folds(sides[1] > 0), measure._folds(sides[0] > 0))[0]
    scores = np.empty(60)
    for fold in range(classifier.FOLDS):
        training = (folds != fold) & (weights > 0)
        model = Ridge(classifier.RIDGE * weights[training].sum())
        model.fit(both[training], label[training], weights[training])
        scores[folds == fold] = model.predict(both[folds == fold])
    drawn = weights > 0
    expected = roc_auc_score(label[drawn], scores[drawn], sample_weight=weights[drawn]) - 0.5
    assert measure(*sides)[0] == pytest.approx(expected, abs=1e-9)
    counts = [np.bincount(folds[drawn & side], minlength=classifier.FOLDS) for side in (label, ~label)]
    assert all(side.max() - side.min() <= 1 for side in counts)


def test_area_under_the_curve_equals_scikit_learns_with_ties_and_weights():
    scores, label, weights = GENERATOR.integers(0, 6, 80) / 6, GENERATOR.random(80) < 0.4, GENERATOR.random(80)
    found = classifier.area_under_roc(scores, label, weights)
    assert found == pytest.approx(roc_auc_score(label, scores, sample_weight=weights))
    assert np.isnan(classifier.area_under_roc(scores, np.zeros(80, bool), weights))


def test_many_resamples_at_once_are_what_each_gives_alone(monkeypatch):
    both = np.random.default_rng(0).normal(size=(40, 3))
    first, second = np.random.default_rng(1).integers(0, 3, (2, 6, 40)).astype(float)
    first[:, 20:], second[:, :20] = 0, 0
    for name, prepare in two_sample.DISTANCES.items():
        together = prepare(both, 0)(first, second)
        alone = [prepare(both, 0)(*sides)[0] for sides in zip(first[:, None], second[:, None])]
        np.testing.assert_allclose(together, alone, rtol=1e-9, err_msg=name)
        monkeypatch.setattr(classifier, "CHUNK_VALUES", 200)


def test_features_equal_numpys():
    from calciumgan_tf.evaluation import dynamics

    traces, spikes = GENERATOR.normal(size=(5, 48, 3)), (GENERATOR.random((5, 48, 3)) < 0.1).astype(np.uint8)
    grid = dynamics.Grid(24.0, 0.812, np.zeros(3), 48)
    found = two_sample.features(dynamics.describe(traces, spikes, grid))
    steps = np.sqrt((np.diff(traces, axis=1) ** 2).mean(axis=1))
    expected = np.concatenate([traces.mean(axis=1), traces.std(axis=1), steps], axis=1)
    np.testing.assert_allclose(found["traces"], expected, atol=1e-5)
    assert grid.bin_frames == 12
    together = spikes.reshape(5, 4, 12, 3).sum(axis=(2, 3)).std(axis=1)
    np.testing.assert_allclose(found["spikes"][:, 3], together, rtol=1e-6)
    np.testing.assert_array_equal(found["spikes"][:, :3], spikes[:, 1:].sum(axis=1))
