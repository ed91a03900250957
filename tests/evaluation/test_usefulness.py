"""The decoder against scikit-learn's ridge regression."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from calciumgan_tf.evaluation import dynamics, usefulness

NEURONS, BINS = 4, 16
GRID = dynamics.Grid(24.0, 0.812, np.zeros(NEURONS), 12 * BINS)
GENERATOR = np.random.default_rng(0)


def pooled(binned):
    """Of windows whose traces are constant within a bin."""
    traces = np.repeat(binned, 12, axis=1).astype(np.float32)
    return dynamics.describe(traces, np.zeros(traces.shape, np.uint8), GRID).pooled()


def decoding_error(test, training):
    return usefulness.decoding_error(test, training)[0]


def drawn(windows=200, level=0.0):
    shared = GENERATOR.normal(size=(windows, BINS, 1))
    return level + shared * [1.0, 0.7, 0.5, 0.1] + 0.5 * GENERATOR.normal(size=(windows, BINS, NEURONS)) * [1, 2, 3, 4]


def test_decoding_error_equals_that_of_ridge_regression():
    test, training = drawn(), drawn(level=0.2)
    flat = [one.reshape(-1, NEURONS) / test.reshape(-1, NEURONS).std(axis=0) for one in (test, training)]
    size = flat[1].var(axis=0).mean()
    penalty = len(flat[1]) * size * usefulness.SHRINKAGE / (1 - usefulness.SHRINKAGE)
    errors = []
    for neuron in range(NEURONS):
        others = np.arange(NEURONS) != neuron
        model = Ridge(penalty).fit(flat[1][:, others], flat[1][:, neuron])
        missed = flat[0][:, neuron] - model.predict(flat[0][:, others])
        errors.append((missed**2).mean() / flat[0][:, neuron].var())
    assert decoding_error(pooled(test), pooled(training)) == pytest.approx(np.mean(errors), rel=1e-3)


def test_neurons_alone_tell_nothing():
    alone = pooled(GENERATOR.normal(size=(400, BINS, NEURONS)))
    assert decoding_error(alone, alone) == pytest.approx(1, abs=0.01)
    assert decoding_error(pooled(drawn()), alone) == pytest.approx(1, abs=0.05)
    assert decoding_error(alone, pooled(drawn())) > 1.1


def test_equal_neurons_tell_each_other():
    same = pooled(np.repeat(GENERATOR.normal(size=(100, BINS, 1)), NEURONS, axis=2))
    assert decoding_error(same, same) < 0.01


def test_a_neuron_that_was_silent_in_training_misleads_nobody():
    training = drawn()
    training[:, :, 3] = 1e-3 * GENERATOR.normal(size=training.shape[:2])
    assert decoding_error(pooled(drawn()), pooled(training)) < 1.1


def test_silent_neurons_are_left_out():
    silent = drawn()
    silent[:, :, 3] = 0
    assert np.isfinite(decoding_error(pooled(silent), pooled(silent)))
    nothing = pooled(0 * silent)
    assert np.isnan(decoding_error(nothing, nothing))
    assert np.isfinite(decoding_error(pooled(drawn()), dataclasses.replace(nothing)))
