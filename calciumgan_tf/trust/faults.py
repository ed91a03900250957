"""Faults planted on purpose, to see which metrics tell them."""

import numpy as np

from calciumgan_tf.evaluation import baselines
from calciumgan_tf.evaluation.table import OF_SEVERAL
from calciumgan_tf.trust.table import TWICE, told_beyond_drift

SMALL = 0.05  # a value without interval or test tells a fault above twice its floor, above this where that is 0


def plant(name, fresh, training, heldout, seed=0):
    """Windows with a fault, to be taken for generated ones.

    Args:
      name: of FAULTS.
      fresh: windows without any fault, which no other set shares a frame with.
      training, heldout: windows of the recording.
      seed: of what is random.

    Returns:
      (window, frame, neuron), dF/F.
    """
    generator = np.random.default_rng(seed)
    if name == "none":
        return fresh
    if name == "copies of training windows":
        return training + generator.normal(0, 1e-3, training.shape).astype(np.float32)
    if name == "held-out windows":
        return heldout
    if name == "neurons shuffled":
        return baselines.shuffled(fresh, seed)
    if name == "time reversed":
        return fresh[:, ::-1].copy()
    if name == "white noise":
        mean, sd = training.mean(axis=(0, 1)), training.std(axis=(0, 1))
        return generator.normal(mean, sd, fresh.shape).astype(np.float32)
    if name == "half repeated":
        half = fresh[: len(fresh) // 2]
        return np.concatenate([half, half])[generator.permutation(2 * len(half))]
    raise ValueError(name)


FAULTS = (
    "none",
    "copies of training windows",
    "held-out windows",
    "neurons shuffled",
    "time reversed",
    "white noise",
    "half repeated",
)
CORRELATIONS = (*OF_SEVERAL, "lagged_correlation_rmse", "participation_ratio_difference", "synchrony_difference")


def tells(name, evaluation, trust) -> bool:
    """Whether a metric says that the generated windows are not what they should be.

    By its interval or its test where it has one; else, above twice the floor.

    Args:
      name: a row of either table, or 'memorisation'.
      evaluation: evaluation.evaluate.Evaluation.
      trust: trust.assess.Trust.
    """
    if name == "memorisation":
        return trust.memorisation.p_value < 1e-6
    row = trust.rows.get(name) or evaluation.rows[name]
    if row.get("p"):
        return told_beyond_drift(row)
    if row.get("beyond"):
        return row["beyond"][0] > 0
    if row["generated"] is None:
        return True
    return row["generated"] > max(TWICE * (row["floor"] or 0), SMALL if not row["floor"] else 0)
