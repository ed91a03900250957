"""Slow and shared rates of the inferred events: what the latents of the gate start from.

Events are seen as those of a dichotomised Gaussian (`dichotomised`), whose latents of variance 1 are

    u_n(t) = white_n(t) + sum over k of sqrt(V_kn) own_kn(t) + sum over c of L_cn channel_c(t)

with AR(1) noise of three time constants. First, the power spectrum of a neuron's events is described by white noise and
the three, which gives the variance of each. Then the covariances of events in bins of half a second are turned into
those of latents, and these into loadings of a few channels by principal axis factoring, with the noise of the
covariances as scale. What channels explain of a neuron's variance is not its own. The spectrum of a channel is that of
the events in its direction, less what neurons have there on their own. Defined here; the factoring is that of Harman
1976, Modern Factor Analysis, chapter 8.
"""

import numpy as np
import scipy.fft
import scipy.linalg
import scipy.optimize

from calciumgan_tf.physiological.dichotomised import latent_correlations, thresholds
from calciumgan_tf.physiological.waves import autoregressive_power

SLOW_SECONDS = (0.3, 3.0, 30.0)  # time constants: bursts, states, drift
BIN_SECONDS = 0.5
PRIOR_EVENTS = 20  # a neuron with so many events is shrunk half way to its population
LARGEST_SHARE = 0.8  # of a latent's variance that is not white
LEAST_VARIANCE = 1e-3  # of each time constant
ITERATIONS = 30  # of the factoring


def factors(matrix, count):
    """Loadings (factor, variable) whose products are the off-diagonal of a symmetric matrix with a diagonal of 1.

    Principal axis factoring: the diagonal is replaced by the sums of squared loadings, again and again.
    """
    matrix, count = matrix.copy(), min(count, len(matrix))
    shared = np.zeros(len(matrix))
    for _ in range(ITERATIONS):
        np.fill_diagonal(matrix, shared)
        value, vector = np.linalg.eigh(matrix)
        loadings = (vector * np.sqrt(np.maximum(value, 0)))[:, ::-1][:, :count].T
        shared = np.minimum((loadings**2).sum(axis=0), 1.0)
    return loadings


def slow_and_shared(events, windows, frame_rate, channels):
    """Variances of slow latents, spectra of channels and their loadings.

    Args:
      events: of blocks, a list of bool (frame, neuron).
      windows: of the events, bool (window, frame, neuron).
      frame_rate: Hz.
      channels: how many are shared.

    Returns:
      own variances (time constant, neuron), shares of the time constants in each channel (time constant, channel), and
      loadings (channel, neuron); all in variances or SDs of a latent's white noise.
    """
    number = sum(block.sum(axis=0) for block in events)
    frames = sum(map(len, events))
    rate = np.clip(number, 0.5, frames - 0.5) / frames
    threshold, sd = thresholds(rate), np.sqrt(rate * (1 - rate))
    z = (windows - rate) / sd
    power = _power(z)
    shapes, in_bin = _shapes(frame_rate, windows.shape[1])
    # Of a neuron: shares of the time constants, and of all of them in the latent.
    shares = np.stack([_mixture(power[:, n], power[:, n], shapes)[1:] for n in range(len(rate))], axis=1)
    total = np.maximum(shares.sum(axis=0), 1e-9)
    latent = latent_correlations(np.minimum(total, 1) * sd**2, threshold, threshold)
    variance = shares / total * latent
    weight = number / (number + PRIOR_EVENTS)
    variance = weight * variance + (1 - weight) * np.median(variance, axis=1, keepdims=True)
    # Of pairs.
    size = max(1, round(BIN_SECONDS * frame_rate))
    means = np.concatenate([_binned(block, size) for block in events])
    scale = means.std(axis=0) + 1e-9
    covariance = np.cov(means.T) if len(rate) > 1 else np.ones((1, 1))
    wanted = latent_correlations(covariance, threshold[:, None], threshold)
    unit = scale / _density(threshold)  # latent covariances of events whose bins are correlated by 1, small ones
    found = factors(wanted / unit[:, None] / unit, channels)
    found = np.concatenate([found, np.zeros((channels - len(found), len(rate)))])
    shared, alone = _power(z @ found.T), power @ (found**2).T
    mix = np.stack([_mixture(shared[:, c] - alone[:, c], shared[:, c], shapes)[1:] for c in range(channels)], axis=1)
    mix = (mix + 1e-3) / (mix + 1e-3).sum(axis=0)
    loadings = found * unit / np.sqrt(in_bin @ mix)[:, None]
    common = mix @ loadings**2
    limit = np.sqrt(np.minimum(1, LARGEST_SHARE / np.maximum(common.sum(axis=0), 1e-9)))
    loadings, common = loadings * limit, common * limit**2
    own = np.maximum(variance - common, LEAST_VARIANCE)
    own *= np.minimum(1, np.maximum(LARGEST_SHARE - common.sum(axis=0), 0.05) / own.sum(axis=0))
    white = 1 - own.sum(axis=0) - common.sum(axis=0)
    return own / white, mix, loadings / np.sqrt(white)


def _density(x):
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def _binned(block, size):
    count = len(block) // size
    return block[: count * size].reshape(count, size, -1).mean(axis=1)


def _power(windows):
    """(window, frame, series) to the power of cosines, (frequency, series)."""
    return (scipy.fft.dct(windows, norm="ortho", axis=1) ** 2).mean(axis=0)


def _shapes(frame_rate, frames):
    """Power of white noise and of slow noise of each time constant as it is made, of variance 1: (frequency, 1 + 3).

    Also the variance of the latter in a bin, (3,).
    """
    size = max(1, round(BIN_SECONDS * frame_rate))
    shapes, in_bin = [np.ones(frames)], []
    for seconds in SLOW_SECONDS:
        power = unit_power(seconds, frame_rate, frames)
        phase = np.pi * np.arange(len(power))[:, None] * np.arange(frames) / frames
        correlation = (power[:, None] * np.cos(phase)).sum(axis=0) / frames
        matrix = scipy.linalg.toeplitz(correlation)
        shapes.append(np.diag(scipy.fft.dctn(matrix, norm="ortho")))
        in_bin.append(matrix[:size, :size].mean())
    return np.stack(shapes, axis=1), np.array(in_bin)


def unit_power(seconds, frame_rate, frames):
    """A^2 of slow noise of a time constant as it is made, with variance 1."""
    power = autoregressive_power(seconds, frame_rate, frames)
    return power / (power.sum() / frames)


def _mixture(power, scale, shapes):
    """Non-negative weights of the shapes (frequency, shape) that give a power, bands of frequencies counting alike."""
    edges = np.unique(np.round(2 ** np.arange(0, np.log2(len(power)) + 0.5, 0.5)).astype(int)) - 1
    edges = np.append(edges[edges < len(power)], len(power))
    starts, width = edges[:-1], np.diff(edges)
    mean = [np.add.reduceat(x, starts) / (width if x.ndim == 1 else width[:, None]) for x in (power, scale, shapes)]
    weight = 1 / np.maximum(mean[1], 1e-9)
    return scipy.optimize.nnls(mean[2] * weight[:, None], mean[0] * weight)[0]
