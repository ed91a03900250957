"""Ridge regression: the same scores and penalties as scikit-learn's."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from calciumgan_tf.evaluation.judges.ridge import PENALTIES, Ridge


def classes(points, features, effect, seed=0):
    """Points of unequal scales whose labels shift some features, and their labels, one in three of them 1."""
    generator = np.random.default_rng(seed)
    labels = np.arange(points) % 3 // 2
    x = generator.normal(size=(points, features)) + effect * labels[:, None] * (np.arange(features) % 2)
    return x * generator.uniform(0.1, 10, features) + generator.normal(size=features), labels


@pytest.mark.parametrize(
    ("points", "features", "effect"),
    [(200, 30, 0.3), (200, 30, 0), (40, 100, 0.5), (40, 40, 0.5)],
    ids=["more points", "no difference", "more features", "as many"],
)
def test_the_scores_and_the_penalty_are_those_of_scikit_learn(points, features, effect):
    x, labels = classes(points, features, effect)
    others, _ = classes(50, features, effect, seed=1)
    expected = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES, class_weight="balanced")).fit(x, labels)
    fitted = Ridge().fit(x, labels)
    assert fitted.penalty == pytest.approx(expected[-1].alpha_)
    np.testing.assert_allclose(fitted.decision_function(others), expected.decision_function(others), atol=1e-9)


def test_a_constant_feature_and_a_repeated_one_do_no_harm():
    x, labels = classes(60, 10, 0.5)
    x[:, 0], x[:, 1] = 2.5, x[:, 2]
    expected = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES, class_weight="balanced")).fit(x, labels)
    np.testing.assert_allclose(Ridge().fit(x, labels).decision_function(x), expected.decision_function(x), atol=1e-9)
