"""Dichotomised Gaussian: binary spikes with given means and covariance.

A latent Gaussian vector z ~ N(gamma, L), with ones on the diagonal of L, gives spikes x = [z > 0]. Then

    mean_i = Phi(gamma_i)        cov_ij = Phi2(gamma_i, gamma_j; L_ij) - mean_i mean_j

where Phi2 is the standard bivariate normal distribution function. gamma follows in closed form, each L_ij by root
finding.

Source: Macke, Berens, Ecker, Tolias and Bethge 2009, Neural Computation 21(2), 397-423.
"""

import dataclasses
import logging

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from scipy import special

from calciumgan_tf.errors import InputError

log = logging.getLogger(__name__)
CHUNK = 4096  # frames sampled at once, each chunk from its own seed
LIMIT = 1 - 1e-7  # largest latent correlation
SMALLEST_EIGENVALUE = 1e-6  # of the latent correlation matrix, so that it has a Cholesky factor
MANY = 200  # neurons, above which the nearest correlation matrix is approximated in a quarter of the time
TINY = 1e-12  # replaces an argument of 0, by which Owen's T would divide


@dataclasses.dataclass(frozen=True)
class DichotomizedGaussian:
    """The spiking of a population.

    Attributes:
      gamma: float64 (neuron,), latent means.
      latent: float64 (neuron, neuron), latent correlations.
    """

    gamma: np.ndarray
    latent: np.ndarray

    @property
    def means(self):
        """Probability of a spike per frame, float64 (neuron,)."""
        return special.ndtr(self.gamma)

    def covariance(self):
        """Covariance of the spikes in a frame, float64 (neuron, neuron)."""
        first, second = np.triu_indices(len(self.gamma), 1)
        joint = bivariate_normal_cdf(self.gamma[first], self.gamma[second], self.latent[first, second])
        return _symmetric(joint - self.means[first] * self.means[second], self.means * (1 - self.means))

    def sample(self, frames, seed, first=0):
        """Independent frames of spikes; frame `i` depends on `seed` and `i` alone.

        Args:
          frames: number of frames.
          seed: a pair of integers.
          first: number of the first frame.

        Returns:
          uint8 (frame, neuron).
        """
        factor = tf.constant(np.linalg.cholesky(self.latent), tf.float32)
        gamma = tf.constant(self.gamma, tf.float32)
        chunks = range(first // CHUNK, -(-(first + frames) // CHUNK))
        keys = [tf.random.experimental.stateless_fold_in(tf.constant(seed, tf.int32), chunk) for chunk in chunks]
        drawn = [_latent(gamma, factor, key).numpy() > 0 for key in keys]
        skipped = first - chunks[0] * CHUNK
        return np.concatenate(drawn)[skipped : skipped + frames].astype(np.uint8)


@tf.function(reduce_retracing=True)
def _latent(gamma, factor, seed):
    return tfp.distributions.MultivariateNormalTriL(gamma, factor).sample(CHUNK, seed=seed)


def fit(means, covariance) -> DichotomizedGaussian:
    """The dichotomised Gaussian whose spikes have these means and this covariance.

    If the pairwise fits do not form a positive-definite matrix, the nearest correlation matrix replaces them, and a
    warning says how much the latent and the spike correlations changed.

    Args:
      means: (neuron,), probability of a spike per frame, strictly between 0 and 1.
      covariance: (neuron, neuron), of the spikes in a frame; the diagonal is ignored, since the means determine it.

    Raises:
      InputError: shapes that do not match, or a mean outside (0, 1).
    """
    means, covariance = np.asarray(means, np.float64), np.asarray(covariance, np.float64)
    if means.ndim != 1 or covariance.shape != (means.size, means.size):
        raise InputError(
            f"means {means.shape} and covariance {covariance.shape}", "they have to be (neuron,) and (neuron, neuron)"
        )
    if not ((means > 0) & (means < 1)).all():
        raise InputError(f"means from {means.min()} to {means.max()}", "each has to lie strictly between 0 and 1")
    gamma = special.ndtri(means)
    first, second = np.triu_indices(means.size, 1)
    joint = _possible(covariance[first, second] + means[first] * means[second], gamma[first], gamma[second])
    latent = _symmetric(_latent_correlations(joint, gamma[first], gamma[second]), np.ones(means.size))
    if means.size > 1 and np.linalg.eigvalsh(latent)[0] < SMALLEST_EIGENVALUE:
        pairwise, latent = latent, nearest_correlation(latent, 200 if means.size <= MANY else 50)
        reached = bivariate_normal_cdf(gamma[first], gamma[second], latent[first, second])
        sd = np.sqrt(means * (1 - means))
        log.info(
            "note: the latent correlations of the dichotomised Gaussian were not positive definite; the nearest that "
            "are differ by at most %.2g, so spike correlations are off by at most %.2g",
            np.abs(latent - pairwise).max(),
            np.abs((reached - joint) / (sd[first] * sd[second])).max(),
        )
    return DichotomizedGaussian(gamma, latent)


def _possible(joint, gamma_i, gamma_j):
    """The possible probability of a common spike that is nearest to `joint`, per pair; notes where they differ."""
    low, high = (bivariate_normal_cdf(gamma_i, gamma_j, np.full_like(joint, end)) for end in (-LIMIT, LIMIT))
    outside = np.count_nonzero((joint < low) | (joint > high))
    if outside:
        log.info(
            "note: %d of %d pairs have a covariance that binary spikes with their means can't have; "
            "the nearest possible covariance replaces it",
            outside,
            joint.size,
        )
    return np.clip(joint, low, high)


def _latent_correlations(joint, gamma_i, gamma_j):
    """Latent correlation of each pair, by Chandrupatla's root finding on all pairs together."""
    if not joint.size:
        return joint
    root = tfp.math.find_root_chandrupatla(
        lambda rho: tf.constant(bivariate_normal_cdf(gamma_i, gamma_j, rho.numpy()) - joint),
        low=np.full_like(joint, -LIMIT),
        high=np.full_like(joint, LIMIT),
        position_tolerance=1e-12,
        value_tolerance=0.0,
        max_iterations=100,
    )
    return root.estimated_root.numpy()


def bivariate_normal_cdf(h, k, rho):
    """P(X < h, Y < k) for standard normal X, Y with correlation rho, by Owen's T function.

    SciPy's T, since TensorFlow Probability's is off by up to 1e-6, as much as the square of a small spike probability.

    Source: Owen 1956, Annals of Mathematical Statistics 27(4), equation 2.1 and the relation to B(h, k; rho).

    Args:
      h, k, rho: arrays of the same shape, |rho| < 1.

    Returns:
      float64 of the same shape.
    """
    h, k = (np.where(np.abs(x) < TINY, TINY, x) for x in (h, k))
    across = np.sqrt((1 - rho) * (1 + rho))
    owen = special.owens_t(h, (k / h - rho) / across) + special.owens_t(k, (h / k - rho) / across)
    return (special.ndtr(h) + special.ndtr(k) - (h * k < 0)) / 2 - owen


def nearest_correlation(matrix, iterations=200):
    """The correlation matrix nearest to a symmetric matrix in the Frobenius norm, eigenvalues at least 1e-6.

    Alternating projections with Dykstra's correction: Higham 2002, IMA Journal of Numerical Analysis 22(3), algorithm
    3.3.

    Args:
      matrix: (n, n), symmetric.
      iterations: most projections. After 50, the entries of an indefinite matrix of 300 neurons were off by 1e-3 at
        most, and its distance by 1e-7 of itself.

    Returns:
      float64 (n, n), symmetric, ones on the diagonal.
    """
    nearest, correction = np.array(matrix, np.float64), np.zeros_like(matrix, np.float64)
    for _ in range(iterations):
        shifted = nearest - correction
        values, vectors = np.linalg.eigh(shifted)
        positive = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
        correction = positive - shifted
        previous, nearest = nearest, positive.copy()
        np.fill_diagonal(nearest, 1)
        if np.abs(nearest - previous).max() < 1e-10:
            break
    sd = np.sqrt(np.diag(positive))  # the last projection is positive definite; make its diagonal exact
    return positive / np.outer(sd, sd)


def _symmetric(upper, diagonal):
    matrix = np.diag(np.asarray(diagonal, np.float64))
    matrix[np.triu_indices(len(diagonal), 1)] = upper
    return matrix + matrix.T - np.diag(np.diag(matrix))
