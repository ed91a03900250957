"""Covariances with conditions: 0 for what is like the training part, larger for a neuron that ignores them."""

import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.physiological import tuning
from calciumgan_tf.physiological.halves import half_weights
from calciumgan_tf.physiological.tuning_moments import TuningMoments

RATE, BEFORE, FRAMES = 24.0, 32, 64


def windows(count, seed, effect=(1.0, 0.0)):
    """Traces of two neurons, the first of which follows the last half second of a condition, and the condition."""
    generator = np.random.default_rng(seed)
    shown = generator.integers(0, 2, (count, (BEFORE + FRAMES) // 8, 1)).repeat(8, axis=1).astype(np.float32)
    response = np.stack([tuning.lagged(one, RATE)[BEFORE:, 0] for one in shown])
    noise = generator.normal(0, 0.5, (count, FRAMES, 2))
    return (noise + response * np.array(effect)).astype(np.float32), shown


@pytest.fixture(scope="module")
def moments():
    return TuningMoments(*windows(2000, 0), RATE)


def test_lagged_conditions_are_those_of_the_layer(moments):
    shown = np.random.default_rng(1).normal(size=(3, BEFORE + FRAMES, 2)).astype(np.float32)
    found = moments._lagged(tf.constant(shown), FRAMES).numpy()
    expected = np.stack([tuning.lagged(one, RATE)[BEFORE:].reshape(FRAMES, -1) for one in shown])
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_target_is_the_correlation_with_what_was_shown(moments):
    traces, shown = windows(2000, 0)
    lagged = np.stack([tuning.lagged(one, RATE)[BEFORE:, 0, 0] for one in shown])
    for neuron in range(2):
        expected = np.corrcoef(lagged.ravel(), traces[..., neuron].ravel())[0, 1]
        np.testing.assert_allclose(moments.target[0, neuron], expected, atol=1e-4)
    assert abs(moments.target[0, 0]) > 0.4 and abs(moments.target[0, 1]) < 0.02


@pytest.mark.parametrize("effect", [(0.0, 0.0), (2.0, 0.0), (0.0, 1.0)])
def test_another_tuning_costs_more_than_the_same(moments, effect):
    weights = half_weights(2000)
    same, other = (float(moments(*map(tf.constant, windows(2000, 5, one)), weights)) for one in ((1.0, 0.0), effect))
    assert abs(same) < 2e-3 < other


def test_halves_of_different_conditions_are_of_one_batch(moments):
    """With weights of a single replica or of two, the sum over replicas is the same."""
    traces, shown = map(tf.constant, windows(64, 7))
    weights = half_weights(64)
    whole = moments(traces, shown, weights)
    parts = []
    moments(traces[:32], shown[:32], weights[:32], lambda part: parts.append(part) or part)
    other = moments(traces[32:], shown[32:], weights[32:], lambda part: part + parts[0])
    np.testing.assert_allclose(whole, other, rtol=1e-4)
