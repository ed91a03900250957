"""Classifiers that are fitted in milliseconds."""

import functools

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from calciumgan_tf.evaluation.diagnostics import classifiers
from calciumgan_tf.evaluation.judges import judge
from calciumgan_tf.evaluation.judges.random_kernels import RandomKernels


def _few_trees(points, seed):
    """The trees of the judges, but fewer of them and with fewer thresholds, on which most of the time is spent."""
    return HistGradientBoostingClassifier(
        max_iter=20, learning_rate=0.2, max_leaf_nodes=8, max_bins=12, min_samples_leaf=5, random_state=seed
    )


@pytest.fixture(scope="module")
def quick_classifiers():
    """Smaller classifiers, and four stretches of the recording instead of eight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "gradient_boosting", _few_trees)
        patch.setattr(classifiers, "RandomKernels", functools.partial(RandomKernels, number=84))
        patch.setattr(classifiers, "STRETCHES", 4)
        yield
