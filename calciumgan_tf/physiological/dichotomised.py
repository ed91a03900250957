"""Dichotomised Gaussian: correlations of Gaussian latents from covariances of the events that they make.

An event occurs where a standard normal latent is above a threshold, a_i for neuron i. Then

    cov(event_i, event_j) = integral from 0 to r of phi2(a_i, a_j; s) ds

with phi2 the density of two normal numbers of correlation s, and r the correlation of the latents. It grows with r, so
that it can be inverted.

Source: Macke, Berens, Ecker, Tolias and Bethge 2009, Neural Computation 21, 397-423; the integral is due to Plackett
1954, Biometrika 41, 351-360.
"""

import numpy as np
import scipy.special

LARGEST = 0.95  # correlation that is looked for
STEPS = 60  # of the integral


def thresholds(probability):
    """Thresholds of latents that are above them with these probabilities."""
    return -scipy.special.ndtri(probability)


def latent_correlations(covariance, a, b):
    """Correlations of latents, between -.95 and .95.

    Args:
      covariance: of events.
      a, b: thresholds, arrays that broadcast to its shape.
    """
    found = np.zeros_like(covariance)
    for sign in (1, -1):
        wanted, total, before = np.maximum(sign * covariance, 0), np.zeros_like(covariance), 0.0
        last = _density(0.0, a, b)
        for angle in np.linspace(0, np.arcsin(LARGEST), STEPS + 1)[1:]:
            density = _density(sign * angle, a, b)
            slab = (last + density) / 2 * (angle - before)
            share = np.clip((wanted - total) / np.maximum(slab, 1e-300), 0, 1)
            found += sign * share * (np.sin(angle) - np.sin(before))
            total, last, before = total + slab, density, angle
    return found


def _density(angle, a, b):
    """phi2 at the correlation sin(angle), times the derivative of that by the angle."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.exp(-(a * a - 2 * sine * a * b + b * b) / (2 * cosine**2)) / (2 * np.pi)
