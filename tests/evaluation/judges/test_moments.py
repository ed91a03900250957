"""Moments against SciPy, and of constants."""

import numpy as np
import scipy.stats

from calciumgan_tf.evaluation.judges import moments


def test_shape_equals_numpys_and_scipys():
    signals = np.random.default_rng(0).gamma(2.0, size=(3, 4, 50))
    sd, skewness, kurtosis = moments.shape(moments.centred(signals))
    np.testing.assert_allclose(sd, signals.std(axis=-1))
    np.testing.assert_allclose(skewness, scipy.stats.skew(signals, axis=-1))
    np.testing.assert_allclose(kurtosis, scipy.stats.kurtosis(signals, axis=-1))


def test_a_constant_has_no_shape():
    np.testing.assert_array_equal(moments.shape(moments.centred(np.full((2, 7), 0.1, np.float32))), np.zeros((3, 2)))


def test_ratio_is_0_where_the_denominator_is_0():
    np.testing.assert_array_equal(moments.ratio(np.array([1.0, 4.0]), np.array([0.0, 2.0])), [0, 2])
