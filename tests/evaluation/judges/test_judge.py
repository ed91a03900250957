"""Cross-validated judges: what they separate, what they must not see, and that equal sets are not separated."""

import numpy as np
import pytest
import scipy.signal

from calciumgan_tf.evaluation.judges import judge, neuron_features
from calciumgan_tf.evaluation.judges.areas import Areas
from calciumgan_tf.evaluation.judges.random_kernels import RandomKernels

CLASSIFIERS = [judge.gradient_boosting, judge.ridge]


class Memory:
    """Scores a point by the label of the nearest training point."""

    def __init__(self, points, seed):
        assert points > 0

    def fit(self, points, labels):
        self.points, self.labels = points, labels
        return self

    def decision_function(self, points):
        distance = ((points[:, None] - self.points) ** 2).sum(axis=2)
        return self.labels[distance.argmin(axis=1)].astype(float)


class Centroids(Memory):
    """Projects points on the difference of the class means, with the midpoint at 0."""

    def decision_function(self, points):
        one, other = (self.points[self.labels == label].mean(axis=0) for label in (0, 1))
        return (points - (one + other) / 2) @ (other - one)


def blocks(windows, length):
    return np.arange(windows) // length


def area(one, other, classifier, one_blocks=None, other_blocks=None, seed=0):
    one_blocks = blocks(len(one), 1) if one_blocks is None else one_blocks
    other_blocks = blocks(len(other), 1) if other_blocks is None else other_blocks
    scores = judge.scores(one, other, one_blocks, other_blocks, classifier, seed)
    return Areas(scores, one_blocks, other_blocks).area()


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def transients(windows, seed, noise=0.1):
    """Windows of three neurons with exponential transients, (window, 128, 3)."""
    generator = np.random.default_rng(seed)
    events = generator.poisson(0.04, (windows, 228, 3)) * [1.0, 2, 5]
    calcium = scipy.signal.lfilter([1], [1, -0.9], events, axis=1)[:, 100:]
    return calcium + noise * calcium.std(axis=(0, 1)) * generator.normal(size=calcium.shape)


def test_blocks_are_in_one_fold_and_folds_are_balanced():
    one, other = blocks(57, 4), np.random.default_rng(0).integers(0, 12, 80)
    for of_blocks, folds in zip((one, other), judge.folds(one, other, seed=1)):
        assert all(len(set(folds[of_blocks == block])) == 1 for block in of_blocks)
        count = np.bincount([folds[of_blocks == block][0] for block in np.unique(of_blocks)])
        assert len(count) == judge.FOLDS
        assert count.max() - count.min() <= 1


def test_folds_are_as_many_as_the_fewer_blocks():
    assert max(judge.folds(blocks(12, 4), blocks(50, 1), seed=0)[1]) == 2
    with pytest.raises(ValueError, match=r"not \[1, 50\]"):
        judge.folds(np.zeros(9), blocks(50, 1), seed=0)


@pytest.mark.parametrize("neurons", [(), (3,)])
def test_a_classifier_that_memorises_blocks_gains_nothing(neurons):
    """Windows of a block are equal: where blocks straddled folds the area would be 1. SD near .1 a repeat."""
    found = []
    for repeat in range(8):
        centres = normal(2, 25, *neurons, 4, seed=repeat)
        one, other = (np.repeat(side, 4, axis=0) + 1e-6 * normal(100, *neurons, 4) for side in centres)
        found.append(area(one, other, Memory, blocks(100, 4), blocks(100, 4)))
    assert area(one, other, Memory) > 0.9  # blocks of a single window
    assert abs(np.mean(found) - 0.5) < 4 * 0.1 / 8**0.5


@pytest.mark.parametrize("neurons", [(), (2,)])
@pytest.mark.parametrize("changed", [0, 1])
def test_a_window_changes_no_score_of_its_own_fold_but_its_own(neurons, changed):
    sets = [normal(30, *neurons, 3, seed=seed) + seed for seed in range(2)]
    place = blocks(30, 3)
    before = judge.scores(*sets, place, place, judge.ridge, seed=0)
    sets[changed][4] += 10
    after = judge.scores(*sets, place, place, judge.ridge, seed=0)
    own = (before.recorded_folds, before.candidate_folds)[changed][4]
    for name in ("recorded", "candidate"):
        same = getattr(before, f"{name}_folds") == own
        difference = getattr(after, name)[same] - getattr(before, name)[same]
        assert (difference != 0).any(axis=tuple(range(1, difference.ndim))).sum() == (
            name == ("recorded", "candidate")[changed]
        )
        others = getattr(after, name)[~same] - getattr(before, name)[~same]
        assert (others != 0).any()


@pytest.mark.parametrize("classifier", CLASSIFIERS)
@pytest.mark.parametrize("neurons", [(), (2,)])
def test_equal_distributions_are_not_separated(classifier, neurons):
    """A fold's area has mean .5 and variance (n + m + 1) / (12 n m), n = m = 12; that of five folds is no larger."""
    found = [area(*normal(2, 60, *neurons, 3, seed=seed), classifier, seed=seed) for seed in range(3)]
    assert abs(np.mean(found) - 0.5) < 4 * (25 / (12 * 144)) ** 0.5 / 3**0.5


def test_few_windows_are_unbiased():
    """Ten windows and five features: areas that also compare scores of different folds are below .5 on average."""
    found = [area(*normal(2, 10, 5, seed=repeat), Centroids, seed=repeat) - 0.5 for repeat in range(100)]
    assert abs(np.mean(found)) < 3.5 * np.std(found) / 100**0.5


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_a_shift_reaches_the_best_area(classifier):
    """Of unit variance, 1.5 apart: Phi(1.5 / sqrt 2) = .856, which few points only approach."""
    one, other = normal(2, 300, 4)
    found = area(one, other + [1.5, 0, 0, 0], classifier)
    assert 0.79 < found < 0.9


def test_noise_of_a_fifth_of_the_sd_is_detected_in_neurons_of_unlike_scale():
    one, noisy = neuron_features.features(transients(60, 0), 24.0), transients(60, 2)
    noisy += 0.2 * noisy.std(axis=(0, 1)) * normal(*noisy.shape)
    assert area(one, neuron_features.features(noisy, 24.0), judge.gradient_boosting) > 0.8


def test_random_kernels_detect_the_noise():
    one, noisy = (transients(60, seed).swapaxes(1, 2) for seed in (0, 2))
    noisy += 0.2 * noisy.std(axis=(0, 2), keepdims=True) * normal(*noisy.shape)
    scale = one.std(axis=(0, 2), keepdims=True)
    kernels = RandomKernels((one / scale).reshape(-1, 128), seed=0)
    assert area(kernels.features(one / scale), kernels.features(noisy / scale), judge.ridge) > 0.7


def test_a_feature_that_is_constant_in_the_recording_gives_candidates_away():
    one, other = normal(2, 20, 2, 3)
    one[..., 1], other[..., 1] = 0.1, 0.2
    assert area(one, other, judge.gradient_boosting) == 1
    one[..., 1], other[..., 1] = 0.1, 0.1
    assert np.isfinite(judge.scores(one, other, blocks(20, 1), blocks(20, 1), judge.ridge, 0).candidate).all()


def test_offset_and_scale_of_a_neuron_change_nothing():
    one, other = normal(2, 30, 2, 3)
    factor = np.array([1.0, 64.0])[:, None]
    before = judge.scores(one, other, blocks(30, 1), blocks(30, 1), judge.ridge, 0)
    after = judge.scores(one * factor, other * factor, blocks(30, 1), blocks(30, 1), judge.ridge, 0)
    np.testing.assert_allclose(after.candidate, before.candidate, rtol=1e-3, atol=1e-5)


def test_raw_features_tell_faults_of_opposite_sign_in_two_neurons():
    """By their second feature. Otherwise only the larger spread tells; the best area is Phi(1 / sqrt 2) = .76."""
    one, other = normal(2, 200, 2, 2)
    other[:, 0, 0] += 1
    other[:, 1, 0] -= 1
    for side in (one, other):
        side[:, 1, 1] += 20
    place = blocks(200, 1)
    found = [judge.scores(one, other, place, place, judge.gradient_boosting, 0, raw) for raw in (False, True)]
    areas = [Areas(scores, place, place).area() for scores in found]
    assert 0.68 < areas[1] < 0.82
    assert areas[1] > areas[0] + 0.05


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_a_seed_repeats(classifier):
    one, other = normal(2, 20, 2, 3)
    found = [judge.scores(one, other, blocks(20, 2), blocks(20, 1), classifier, seed) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(found[0].candidate, found[1].candidate)
    assert not np.array_equal(found[0].candidate_folds, found[2].candidate_folds)


def test_training_points_are_limited_and_drawn_from_both_sets(monkeypatch):
    sizes = []

    def classifier(points, seed):
        sizes.append(points)
        return judge.ridge(points, seed)

    monkeypatch.setattr(judge, "TRAINING_POINTS", 40)
    monkeypatch.setattr(judge, "CHUNK_POINTS", 7)
    one, other = normal(2, 60, 5, 3)
    assert area(one, other + 3, classifier) > 0.99
    assert sizes == [40] * judge.FOLDS


def test_two_windows_of_each_set_are_enough():
    for classifier in CLASSIFIERS:
        assert 0 <= area(*normal(2, 2, 3), classifier) <= 1
        assert 0 <= area(*normal(2, 2, 2, 3), classifier) <= 1


def test_unequal_features_are_an_error():
    with pytest.raises(ValueError, match=r"\(5, 3\).*\(5, 4\)"):
        judge.scores(normal(5, 3), normal(5, 4), blocks(5, 1), blocks(5, 1), judge.ridge, 0)
