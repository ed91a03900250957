import numpy as np
import pytest
import scipy.stats

from calciumgan_tf.physiological.dichotomised import latent_correlations, thresholds


@pytest.mark.parametrize("correlation", [-0.6, -0.1, 0.0, 0.05, 0.5, 0.9])
def test_correlations_of_latents_are_found(correlation):
    p, q = 0.1, 0.3
    a, b = thresholds(np.array([p, q]))
    both = scipy.stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([-a, -b])
    found = latent_correlations(np.array([both - p * q]), a, b)
    np.testing.assert_allclose(found, correlation, atol=0.005)


def test_more_covariance_than_a_gaussian_can_make():
    np.testing.assert_allclose(latent_correlations(np.array([1.0, -1.0]), 1.0, 1.0), [0.95, -0.95], atol=1e-6)
