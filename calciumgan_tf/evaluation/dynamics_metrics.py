"""Metrics of dynamics: how traces and events change in time.

Each statistic is computed for every neuron (or for the population) over all windows of a set together. A metric is the
root mean squared difference of the two sets over neurons, lags or frequencies, where both are defined. E[.] is the mean
over all frames of all windows of a set.

A statistic takes a dynamics.Pooled and gives (..., resample, value), the value being that of a neuron in most.
"""

import numpy as np

from calciumgan_tf.evaluation.metric import Metric
from calciumgan_tf.spikes.distances import rmse

GROUP = "dynamics"
FEWEST = 10  # isolated events from which on a neuron has a mean transient
OWN = "defined in this project"


def _variance(pooled):
    mean, square, _ = pooled.moments
    return np.maximum(square - mean**2, 1e-12)


def skewness(pooled):
    """E[(x - E[x])^3] / Var[x]^(3/2) of the traces, (resample, neuron)."""
    mean, square, cube = pooled.moments
    return (cube - 3 * mean * square + 2 * mean**3) / _variance(pooled) ** 1.5


def asymmetry(pooled):
    """E[d^3] / E[d^2]^(3/2), d the difference of consecutive frames, (resample, neuron)."""
    square, cube = pooled.steps
    return cube / np.maximum(square, 1e-12) ** 1.5


def autocorrelation(pooled):
    """(E[x(t) x(t + lag)] - E[x]^2) / Var[x] of the traces, (lag, resample, neuron)."""
    return (pooled.products - pooled.moments[0] ** 2) / _variance(pooled)


def spike_autocorrelation(pooled):
    """The autocorrelation of the spikes of a frame, (lag, resample, neuron); NaN for a silent neuron."""
    rate, products = pooled.spikes[0], pooled.spikes[1:]
    variance = np.broadcast_to(rate * (1 - rate), products.shape)
    return np.divide(products - rate**2, variance, out=np.full(products.shape, np.nan), where=variance > 0)


def spectrum(pooled):
    """Power spectrum by Welch's method in decibel, (frequency, resample, neuron)."""
    return 10 * np.log10(np.maximum(pooled.spectrum, 1e-12))


def noise(pooled):
    """SD of the white observation noise, dF/F, (resample, neuron)."""
    upper = pooled.spectrum[pooled.grid.frequencies > pooled.grid.frame_rate / 4]
    return np.sqrt(upper.mean(axis=0) * pooled.grid.frame_rate / 2)


def event_size(pooled):
    """Mean of x(t) - x(t - 1) over the frames t of inferred spikes, dF/F, (resample, neuron); NaN without any."""
    number, total, _ = pooled.sizes
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)


def event_size_sd(pooled):
    """SD of x(t) - x(t - 1) over the frames t of inferred spikes, dF/F, (resample, neuron); NaN without any."""
    number, _, squares = pooled.sizes
    square = np.divide(squares, number, out=np.full_like(squares, np.nan), where=number > 0)
    return np.sqrt(np.maximum(square - event_size(pooled) ** 2, 0))


def transient(pooled):
    """Mean trace around isolated events, over its level before them, dF/F, (frame, resample, neuron).

    NaN for a neuron with fewer than FEWEST isolated events; dynamics.Dynamics says which are isolated.
    """
    number = pooled.isolated[0]
    enough = number * pooled.independent > FEWEST - 0.5
    mean = np.where(enough, pooled.triggered / np.where(number > 0, number, 1), np.nan)
    return mean - mean[: pooled.grid.before].mean(axis=0)


def rise_time(pooled):
    """From the last frame of the mean transient below a tenth of its peak to the peak, s, (resample, neuron)."""
    shape, peaks = _normalised(transient(pooled))
    frames = np.arange(len(shape))[:, None, None]
    low = np.where((shape < 0.1) & (frames < peaks), frames, -1).max(axis=0)
    return np.where(np.isnan(shape[0]), np.nan, (peaks - low) / pooled.grid.frame_rate)


def decay_time(pooled):
    """From the peak of the mean transient until it falls below 1 / e of it, s, (resample, neuron).

    Interpolated linearly between frames; where it stays above, all the time from the peak to the end.
    """
    shape, peaks = _normalised(transient(pooled))
    frames = len(shape)
    low = (shape < 1 / np.e) & (np.arange(frames)[:, None, None] > peaks)
    crossed = low.any(axis=0)
    first = np.where(crossed, low.argmax(axis=0), frames - 1)
    below, above = (np.take_along_axis(shape, one[None], axis=0)[0] for one in (first, first - 1))
    back = np.divide(1 / np.e - below, above - below, out=np.zeros(first.shape), where=crossed)
    return (first - back - peaks) / pooled.grid.frame_rate + 0 * shape[0]


def _normalised(mean):
    """Transients divided by their peaks, and the frames of these; NaN where there is no positive peak."""
    known = np.nan_to_num(mean, nan=-1.0)
    height = known.max(axis=0)
    return np.where(height > 0, mean / np.where(height > 0, height, 1), np.nan), known.argmax(axis=0)


def lagged_correlation(pooled):
    """Correlation of neuron i with neuron j one and two half-second bins later, (lag, resample, i * j)."""
    return _correlations(pooled)[1:].reshape(-1, len(pooled.level), pooled.level.shape[1] ** 2)


def participation_ratio(pooled):
    """(Sum of eigenvalues)^2 / sum of their squares, of traces' half-second correlations, (resample, 1)."""
    matrix = _correlations(pooled)[0]
    return np.trace(matrix, axis1=1, axis2=2)[:, None] ** 2 / (matrix**2).sum(axis=(1, 2))[:, None]


def synchrony(pooled):
    """Variance of the population's half-second spike count over the sum of the neurons' variances, (resample, 1)."""
    mean, square = pooled.counts
    own = (square - mean**2).sum(axis=-1)
    total = pooled.together[1] - pooled.together[0] ** 2
    return np.divide(total, own, out=np.full_like(own, np.nan), where=own > 1e-12)[:, None]


def _correlations(pooled):
    sd = np.sqrt(np.maximum(np.diagonal(pooled.covariances[0], axis1=1, axis2=2), 1e-12))
    return pooled.covariances / (sd[:, :, None] * sd[:, None, :])


def difference(statistic):
    """The metric of a statistic: its root mean squared difference, (resample,); NaN where nothing is defined."""

    def compared(resampled):
        sides = (np.moveaxis(np.asarray(statistic(side)), -2, 0) for side in resampled.dynamics)
        return rmse(*(side.reshape(len(side), -1) for side in sides))

    return compared


def _metric(name, unit, definition, reference, statistic, joint=False):
    return Metric(name, unit, GROUP, definition, reference, difference(statistic), joint)


METRICS = (
    _metric(
        "skewness_rmse", "",
        "Skewness E[(x - E[x])^3] / Var[x]^(3/2) of a neuron's trace x. It is above 0 since events only go up.",
        "Fisher's moment coefficient, biased estimator", skewness,
    ),
    _metric(
        "asymmetry_rmse", "",
        "Asymmetry in time, E[d^3] / E[d^2]^(3/2), with d the difference of consecutive frames of a neuron's trace. It "
        "is 0 for a trace that looks the same backwards.",
        "the lag-reversal statistic of Pomeau 1982, Journal de Physique 43(6), at a lag of one frame", asymmetry,
    ),
    _metric(
        "autocorrelation_rmse", "",
        "Autocorrelation (E[x(t) x(t + lag)] - E[x]^2) / Var[x] of a neuron's trace, at up to twelve lags of up to "
        "2 s. Both frames lie in the same window.",
        "Box and Jenkins 1970, the usual estimator", autocorrelation,
    ),
    _metric(
        "spike_autocorrelation_rmse", "",
        "The same of a neuron's spikes s, with Var[s] = E[s] (1 - E[s]). Silent neurons are left out.",
        "Box and Jenkins 1970, the usual estimator", spike_autocorrelation,
    ),
    _metric(
        "spectrum_rmse", "dB", "Power spectrum of a neuron's trace in decibel, by Welch's method.",
        "Welch 1967, IEEE Transactions on Audio and Electroacoustics 15", spectrum,
    ),
    _metric(
        "noise_rmse", "dF/F",
        "Standard deviation of a neuron's white observation noise: the root of half the frame rate times the mean "
        "power density above a quarter of the frame rate.",
        "Pnevmatikakis et al. 2016, Neuron 89(2), as in OASIS", noise,
    ),
    _metric(
        "event_size_rmse", "dF/F",
        "Mean of x(t) - x(t - 1) over the frames t of a neuron's inferred spikes. Silent neurons are left out.",
        OWN, event_size,
    ),
    _metric(
        "event_size_sd_rmse", "dF/F",
        "Standard deviation of x(t) - x(t - 1) over the frames t of a neuron's inferred spikes. Silent neurons are "
        "left out.",
        OWN, event_size_sd,
    ),
    _metric(
        "rise_time_rmse", "s",
        "Rise time of a neuron's mean transient: from the last frame below a tenth of its peak to the peak. The mean "
        "is over isolated events, which have no other event in the half second before them, nor from half a second to "
        "two decay times after them. Neurons with fewer than ten are left out.",
        OWN, rise_time,
    ),
    _metric(
        "decay_time_rmse", "s",
        "Decay time of the same mean transient: from its peak until it falls below 1 / e of the peak, interpolated "
        "between frames; where it stays above, the time to the end, which is two decay times of the indicator.",
        OWN, decay_time,
    ),
    _metric(
        "lagged_correlation_rmse", "",
        "Pearson correlation of a neuron's mean trace in a half-second bin with that of every neuron one and two bins "
        "later. Both bins lie in the same window.",
        OWN, lagged_correlation, joint=True,
    ),
    _metric(
        "participation_ratio_difference", "dimensions",
        "Dimensionality of the activity: squared sum over sum of squares of the eigenvalues of the neurons' "
        "correlation matrix, of mean traces in half-second bins.",
        "Gao et al. 2017, bioRxiv 214262", participation_ratio, joint=True,
    ),
    _metric(
        "synchrony_difference", "",
        "Variance of the population's spike count in half a second over the sum of the neurons' own variances. It is 1 "
        "for independent neurons, and the number of neurons for identical ones.",
        "after Golomb and Rinzel 1993, Physical Review E 48", synchrony, joint=True,
    ),
)  # fmt: skip
