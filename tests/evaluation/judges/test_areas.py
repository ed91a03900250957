"""Areas under the ROC curve against scikit-learn's, with weights of blocks."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from calciumgan_tf.evaluation.judges.areas import Areas
from calciumgan_tf.evaluation.judges.judge import Scores

GENERATOR = np.random.default_rng(0)
RECORDED_BLOCKS, CANDIDATE_BLOCKS = np.repeat([3, 7, 8, 20], [5, 4, 6, 3]), np.arange(15) // 2
WEIGHTS = GENERATOR.integers(0, 4, (6, 4)), GENERATOR.integers(1, 4, (6, 8))


def drawn(folds, neurons=3):
    """Scores with ties, (window, neuron), and blocks in folds in turn."""
    sides = [GENERATOR.integers(0, 9, (len(blocks), neurons)) / 9 for blocks in (RECORDED_BLOCKS, CANDIDATE_BLOCKS)]
    where = [np.unique(blocks, return_inverse=True)[1] % folds for blocks in (RECORDED_BLOCKS, CANDIDATE_BLOCKS)]
    return Scores(sides[0], sides[1] + 0.1, *where)


def sklearns(one, other, one_weights, other_weights):
    label = np.repeat([0, 1], [len(one), len(other)])
    return roc_auc_score(label, np.append(one, other), sample_weight=np.append(one_weights, other_weights))


def of_windows(weights, blocks):
    return weights[np.unique(blocks, return_inverse=True)[1]]


def test_one_fold_equals_scikit_learns_mean_over_neurons():
    scores = drawn(folds=1)
    found = Areas(scores, RECORDED_BLOCKS, CANDIDATE_BLOCKS)(*WEIGHTS)
    for value, one, other in zip(found, *WEIGHTS):
        weights = of_windows(one, RECORDED_BLOCKS), of_windows(other, CANDIDATE_BLOCKS)
        each = [sklearns(scores.recorded[:, n], scores.candidate[:, n], *weights) for n in range(3)]
        assert value == pytest.approx(np.mean(each), abs=1e-12)


def test_folds_are_weighted_by_their_pairs():
    scores = drawn(folds=2, neurons=1)
    one, other = (weights[0] + 1 for weights in WEIGHTS)
    found = Areas(scores, RECORDED_BLOCKS, CANDIDATE_BLOCKS)(one[None], other[None])[0]
    weights = of_windows(one, RECORDED_BLOCKS), of_windows(other, CANDIDATE_BLOCKS)
    each, pairs = [], []
    for fold in range(2):
        first, second = scores.recorded_folds == fold, scores.candidate_folds == fold
        sides = weights[0][first], weights[1][second]
        each.append(sklearns(scores.recorded[first, 0], scores.candidate[second, 0], *sides))
        pairs.append(sides[0].sum() * sides[1].sum())
    assert found == pytest.approx(np.average(each, weights=pairs), abs=1e-12)


def test_weights_of_one_are_the_area_and_the_mean_over_neurons():
    scores = drawn(folds=2)
    areas = Areas(scores, RECORDED_BLOCKS, CANDIDATE_BLOCKS)
    assert areas(np.ones((1, 4)), np.ones((1, 8)))[0] == pytest.approx(areas.area())
    assert areas.per_neuron().shape == (3,)
    assert areas.per_neuron().mean() == pytest.approx(areas.area())
    alone = Scores(scores.recorded[:, 1], scores.candidate[:, 1], scores.recorded_folds, scores.candidate_folds)
    assert Areas(alone, RECORDED_BLOCKS, CANDIDATE_BLOCKS).area() == pytest.approx(areas.per_neuron()[1])


def test_separated_scores_ties_and_exchanged_sets():
    folds = np.zeros(4, int)
    blocks = np.arange(4)
    low, high = np.arange(4.0), np.arange(4.0) + 10
    assert Areas(Scores(low, high, folds, folds), blocks, blocks).area() == 1
    assert Areas(Scores(high, low, folds, folds), blocks, blocks).area() == 0
    assert Areas(Scores(low * 0, low * 0, folds, folds), blocks, blocks).area() == 0.5


def test_a_resample_without_pairs_is_undefined():
    areas = Areas(drawn(folds=2), RECORDED_BLOCKS, CANDIDATE_BLOCKS)
    found = areas(
        np.array([[1, 0, 0, 0], [1, 0, 0, 0]]), np.array([[0, 1, 0, 1, 0, 1, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0]])
    )
    assert np.isnan(found[0])
    assert np.isfinite(found[1])
