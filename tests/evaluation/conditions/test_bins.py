"""Bins of a continuous condition, and their quintiles."""

import numpy as np

from calciumgan_tf.evaluation.conditions import bins
from calciumgan_tf.evaluation.conditions.series import Series
from calciumgan_tf.spikes.deconvolution import Settings


def test_quintiles_are_equally_frequent():
    values = np.random.default_rng(0).permutation(1000.0 + np.arange(1000))
    levels = np.searchsorted(bins.quintiles(values), values)
    assert np.bincount(levels).tolist() == [200] * 5


def test_values_that_are_mostly_the_same_have_fewer_levels():
    values = np.concatenate([np.zeros(70), np.arange(1, 31)])
    edges = bins.quintiles(values)
    assert np.bincount(np.searchsorted(edges, values)).tolist() == [70, 10, 20]
    assert bins.names(edges) == ("to 0", "0 to 10.2", "above 10.2")
    assert bins.names(bins.quintiles(np.ones(9))) == ("all",)


def test_a_bin_is_half_a_second():
    traces = np.zeros((30, 1), np.float32)
    traces[[6, 7, 22]] = 6.0
    speed = np.arange(30, dtype=np.float32)
    settings = Settings(np.array([0.1]), np.array([3.0]), np.array([0.0]), np.array([0.1]))
    found = bins.observe(Series(traces, speed, [(0, 30)]), np.array([0, 15]), 12, settings, 10.0, np.array([10.0]))
    assert found.values.tolist() == [2, 7, 17, 22] and found.levels.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.means[:, 0], [0, 2.4, 0, 1.2], rtol=1e-6)
    np.testing.assert_allclose(found.rates[:, 0], [0, 4, 0, 2])
    assert found.groups.tolist() == [0, 0, 1, 1] and found.starts.tolist() == [0, 0, 15, 15]
    assert found.strata.tolist() == [0, 0, 0, 0]
