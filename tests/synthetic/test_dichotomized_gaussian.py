import logging

import numpy as np
import pytest
import scipy.optimize
import scipy.stats

from calciumgan_tf.errors import InputError
from calciumgan_tf.synthetic import dichotomized_gaussian as dg
from calciumgan_tf.synthetic.populations import random_moments

SEED = (3, 4)


@pytest.fixture(scope="module")
def moments():
    """Means and covariance of 8 neurons, of about 4 spikes in 24 frames, with two negative covariances."""
    means, covariance = random_moments(8, seed=1, mean_rate=4)
    covariance[0, 1] = covariance[1, 0] = -0.5 * means[0] * means[1]
    covariance[2, 5] = covariance[5, 2] = -0.2 * means[2] * means[5]
    return means, covariance


@pytest.fixture(scope="module")
def fitted(moments):
    return dg.fit(*moments)


def cdf(h, k, rho):
    return dg.bivariate_normal_cdf(*np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (h, k, rho))))


@pytest.mark.parametrize("rho", [-0.99999, -0.9, -0.3, 0.0, 0.5, 0.95, 0.99999])
def test_bivariate_normal_cdf_equals_scipys(rho):
    """Equal and opposite signs, zeros, and both tails."""
    ends = np.array([-3.5, -1.2, -1e-13, 0, 1e-5, 0.4, 1.2, 3])
    h, k = (grid.ravel() for grid in np.meshgrid(ends, ends))
    expected = scipy.stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf(np.stack([h, k], axis=1))
    np.testing.assert_allclose(cdf(h, k, rho), expected, atol=1e-9)


def test_bivariate_normal_cdf_at_the_origin():
    rho = np.array([-1 + 1e-7, -0.5, 0, 0.1, 0.5, 0.999, 1 - 1e-7])
    np.testing.assert_allclose(cdf(0, 0, rho), 0.25 + np.arcsin(rho) / (2 * np.pi), atol=1e-12)


def test_bivariate_normal_cdf_without_correlation_is_a_product():
    h, k = np.random.default_rng(0).normal(0, 2, (2, 100))
    np.testing.assert_allclose(cdf(h, k, 0), scipy.stats.norm.cdf(h) * scipy.stats.norm.cdf(k), atol=1e-12)


def test_bivariate_normal_cdf_at_full_correlation():
    """min(P, Q) and max(P + Q - 1, 0), the bounds of Frechet and Hoeffding."""
    h, k = np.random.default_rng(0).normal(0, 1.5, (2, 100))
    p, q = scipy.stats.norm.cdf(h), scipy.stats.norm.cdf(k)
    np.testing.assert_allclose(cdf(h, k, 1 - 1e-9), np.minimum(p, q), atol=2e-5)
    np.testing.assert_allclose(cdf(h, k, -1 + 1e-9), np.maximum(p + q - 1, 0), atol=2e-5)


def test_bivariate_normal_cdf_is_symmetric():
    h, k, rho = np.random.default_rng(1).uniform(-1, 1, (3, 100))
    np.testing.assert_allclose(cdf(h, k, rho), cdf(k, h, rho), atol=1e-14)


def test_fit_has_the_given_moments(moments, fitted):
    means, covariance = moments
    expected = covariance.copy()
    np.fill_diagonal(expected, means * (1 - means))
    np.testing.assert_allclose(fitted.means, means, atol=1e-12)
    np.testing.assert_allclose(fitted.covariance(), expected, atol=1e-8)


def test_fit_equals_brents_root(moments, fitted):
    means, covariance = moments
    for i, j in ((0, 1), (2, 5), (1, 3), (6, 7)):
        ends = scipy.stats.norm.ppf(means[[i, j]])

        def excess(rho, ends=ends, joint=covariance[i, j] + means[i] * means[j]):
            return scipy.stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf(ends) - joint

        expected = scipy.optimize.brentq(excess, -0.999, 0.999, xtol=1e-12)
        assert fitted.latent[i, j] == pytest.approx(expected, abs=1e-7)


def test_fit_of_even_chances_is_a_sine():
    """At means of one half the latent correlation is sin(2 pi covariance)."""
    covariance = np.array([[0.25, 0.1, -0.05], [0.1, 0.25, 0], [-0.05, 0, 0.25]])
    expected = np.sin(2 * np.pi * covariance)
    np.testing.assert_allclose(dg.fit(np.full(3, 0.5), covariance).latent, expected, atol=1e-9)


def test_fit_without_covariance_has_independent_neurons():
    means = np.array([1e-6, 0.01, 0.3, 0.5, 0.999])
    np.testing.assert_allclose(dg.fit(means, np.diag(means * (1 - means))).latent, np.eye(5), atol=1e-6)


def test_fit_does_not_read_the_diagonal(moments, fitted):
    changed = moments[1].copy()
    np.fill_diagonal(changed, np.nan)
    np.testing.assert_array_equal(dg.fit(moments[0], changed).latent, fitted.latent)


def test_one_neuron_is_a_coin():
    fitted = dg.fit([0.3], [[0.21]])
    assert fitted.latent.tolist() == [[1]]
    assert fitted.sample(20000, SEED).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 20000))


def test_sampled_moments_are_within_four_standard_errors(moments, fitted):
    means, covariance = moments
    frames = 200_000
    sampled = fitted.sample(frames, SEED).astype(np.float64)
    off, variance = 1 - means, means * (1 - means)
    np.testing.assert_array_less(np.abs(sampled.mean(axis=0) - means), 4 * np.sqrt(variance / frames))

    i, j = np.triu_indices(8, 1)
    both = covariance[i, j] + means[i] * means[j]
    squares = (  # E (x - mean)^2 (y - mean)^2 over the four outcomes
        both * (off[i] * off[j]) ** 2
        + (means[i] - both) * (off[i] * means[j]) ** 2
        + (means[j] - both) * (means[i] * off[j]) ** 2
        + (1 - means[i] - means[j] + both) * (means[i] * means[j]) ** 2
    )
    error = np.sqrt((squares - covariance[i, j] ** 2) / frames)
    np.testing.assert_array_less(np.abs(np.cov(sampled.T)[i, j] - covariance[i, j]), 4 * error)


def test_frames_are_independent(fitted):
    sampled = fitted.sample(100_000, SEED).astype(np.float64)
    sampled = (sampled - sampled.mean(axis=0)) / sampled.std(axis=0)
    for lag in (1, 2, dg.CHUNK):
        products = sampled[lag:].T @ sampled[:-lag] / len(sampled)
        np.testing.assert_array_less(np.abs(products), 5 / np.sqrt(len(sampled)))


@pytest.mark.parametrize("first, frames", [(0, 1), (0, 4096), (100, 3996), (4095, 2), (4096, 10), (5000, 5000)])
def test_frame_depends_on_its_number_alone(fitted, first, frames):
    everything = fitted.sample(10_000, SEED)
    part = fitted.sample(frames, SEED, first)
    assert part.dtype == np.uint8 and part.shape == (frames, 8)
    np.testing.assert_array_equal(part, everything[first : first + frames])


def test_another_seed_gives_other_spikes(fitted):
    spikes = fitted.sample(1000, SEED)
    assert (spikes != fitted.sample(1000, (3, 5))).any() and (spikes != fitted.sample(1000, (4, 4))).any()


def test_nearest_correlation_of_highams_example():
    """Higham 2002, section 4."""
    nearest = dg.nearest_correlation(np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]]))
    expected = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    np.testing.assert_allclose(nearest, expected, atol=1e-3)


def test_nearest_correlation_of_a_correlation_matrix_is_itself():
    correlation = np.corrcoef(np.random.default_rng(0).normal(size=(6, 50)))
    np.testing.assert_allclose(dg.nearest_correlation(correlation), correlation, atol=1e-9)


def test_nearest_correlation_is_a_positive_definite_correlation_matrix():
    generator = np.random.default_rng(0)
    for size in (2, 5, 20):
        matrix = np.clip(generator.normal(0, 0.7, (size, size)), -1, 1)
        matrix = (matrix + matrix.T) / 2
        np.fill_diagonal(matrix, 1)
        nearest = dg.nearest_correlation(matrix)
        np.testing.assert_allclose(nearest, nearest.T, atol=1e-14)
        np.testing.assert_allclose(np.diag(nearest), 1, atol=1e-14)
        assert np.linalg.eigvalsh(nearest)[0] > 0.5 * dg.SMALLEST_EIGENVALUE
        np.linalg.cholesky(nearest)


def test_feasible_moments_give_no_warning(moments, caplog):
    dg.fit(*moments)
    assert not caplog.records


@pytest.mark.parametrize("covariance, possible", [(0.5, 0.08), (-0.5, -0.02)])
def test_infeasible_covariance_warns_and_gives_the_nearest(caplog, covariance, possible):
    """Neurons of .1 and .2 share at most .1 - .1 * .2, and at least -.1 * .2."""
    with caplog.at_level(logging.INFO):
        fitted = dg.fit([0.1, 0.2, 0.3], np.array([[0.09, covariance, 0], [covariance, 0.16, 0], [0, 0, 0.21]]))
    assert "1 of 3 pairs have a covariance that binary spikes with their means can't have" in caplog.text
    np.testing.assert_allclose(fitted.covariance()[0, 1], possible, atol=1e-3)


def test_latent_that_is_not_positive_definite_warns_how_far_it_moved(caplog):
    wanted = np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])
    covariance = np.arcsin(wanted) / (2 * np.pi)  # at means of one half
    with caplog.at_level(logging.INFO):
        fitted = dg.fit(np.full(3, 0.5), covariance)
    moved = np.abs(fitted.latent - wanted).max()
    off = np.abs(fitted.covariance() - covariance).max() / 0.25
    assert f"differ by at most {moved:.2g}, so spike correlations are off by at most {off:.2g}" in caplog.text
    assert np.linalg.eigvalsh(fitted.latent)[0] > 0
    np.testing.assert_allclose(fitted.means, 0.5, atol=1e-12)
    assert fitted.sample(10, SEED).shape == (10, 3)


@pytest.mark.parametrize("means", [[0.0, 0.1], [0.1, 1.0], [-0.1, 0.1], [np.nan, 0.1]])
def test_means_outside_0_and_1(means):
    with pytest.raises(InputError, match="strictly between 0 and 1"):
        dg.fit(means, np.zeros((2, 2)))


@pytest.mark.parametrize("shape", [(2, 2), (3,), (3, 2), (1, 3, 3)])
def test_shapes_that_do_not_match(shape):
    with pytest.raises(InputError, match=r"have to be \(neuron,\) and \(neuron, neuron\)"):
        dg.fit([0.1, 0.2, 0.3], np.zeros(shape))
    with pytest.raises(InputError, match=r"means \(1, 3\)"):
        dg.fit([[0.1, 0.2, 0.3]], np.zeros((3, 3)))
