"""How far the dynamics of one set of windows are from another's. All are 0 for equal sets, and lower is better.

Each statistic is one of a neuron (or of the population), over all windows of a set together; a metric is the root mean
squared difference of the two sets over neurons, where both are defined.
"""

import numpy as np

from calciumgan_tf.spikes.distances import rmse

FEWEST = 5  # lonely events from which on a neuron has a mean transient


def _means(field):
    return field.mean(axis=0, dtype=np.float64)


def _variance(one):
    mean, square, _ = _means(one.moments)
    return np.maximum(square - mean**2, 1e-12)


def skewness(one, grid):
    """E[(x - E[x])^3] / Var[x]^(3/2) of the traces, (neuron,): above 0, since events only go up. No unit."""
    mean, square, cube = _means(one.moments)
    return (cube - 3 * mean * square + 2 * mean**3) / _variance(one) ** 1.5


def asymmetry(one, grid):
    """E[d^3] / E[d^2]^(3/2), d the difference of consecutive frames, (neuron,): 0 for what looks the same backwards.

    No unit. Source: the lag-reversal statistic of Pomeau 1982, Journal de Physique 43(6), at a lag of one frame.
    """
    square, cube = _means(one.steps)
    return cube / np.maximum(square, 1e-12) ** 1.5


def autocorrelation(one, grid):
    """Autocorrelation (E[x(t) x(t + lag)] - E[x]^2) / Var[x] of the traces at each lag, (lag, neuron). No unit."""
    return (_means(one.products) - _means(one.moments)[0] ** 2) / _variance(one)


def spike_autocorrelation(one, grid):
    """The same of the spikes of a frame, where Var[s] = E[s] (1 - E[s]), (lag, neuron). No unit; NaN if silent."""
    rate, *products = _means(one.spikes)
    variance = rate * (1 - rate)
    return np.divide(
        np.array(products) - rate**2, variance, out=np.full((len(products), len(rate)), np.nan), where=variance > 0
    )


def spectrum(one, grid):
    """Power spectrum in decibel, 10 log10 of Welch's estimate (Welch 1967, IEEE Trans. AU-15), (frequency, neuron)."""
    return 10 * np.log10(np.maximum(_means(one.spectrum), 1e-12))


def noise(one, grid):
    """SD of the white observation noise, dF/F, (neuron,), from the upper half of the power spectrum, as in OASIS."""
    upper = _means(one.spectrum)[grid.frequencies > grid.frame_rate / 4]
    return np.sqrt(upper.mean(axis=0) * grid.frame_rate / 2)


def event_size(one, grid):
    """Mean step of the trace to the frame of an inferred spike, dF/F, (neuron,); NaN without any."""
    number, total, _ = one.sizes.sum(axis=0, dtype=np.float64)
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)


def event_size_sd(one, grid):
    """SD of that step over events, dF/F, (neuron,); NaN without any."""
    number, _, squares = one.sizes.sum(axis=0, dtype=np.float64)
    mean = event_size(one, grid)
    square = np.divide(squares, number, out=np.full_like(squares, np.nan), where=number > 0)
    return np.sqrt(np.maximum(square - mean**2, 0))


def transient(one, grid):
    """Mean trace around lonely events, over its level before them, dF/F, (frame, neuron); NaN where there are few."""
    number = one.lonely.sum(axis=0, dtype=np.float64)[0]
    enough = number >= FEWEST
    mean = np.where(enough, one.triggered.sum(axis=0, dtype=np.float64) / np.maximum(number, 1), np.nan)
    return mean - mean[: grid.before].mean(axis=0)


def rise_time(one, grid):
    """Time from the first frame of the mean transient above a tenth of its peak to the peak, s, (neuron,)."""
    shape, frames = _peaked(transient(one, grid))
    begins = np.argmax(shape > 0.1, axis=0)
    return np.where(np.isnan(shape[0]), np.nan, (frames - begins) / grid.frame_rate)


def decay_time(one, grid):
    """Area under the mean transient from its peak on over its height, s, (neuron,): tau for an exponential decay.

    Shorter than that by what lies beyond the surroundings of an event, equally in whatever is compared.
    """
    shape, peaks = _peaked(transient(one, grid))
    later = np.arange(len(shape))[:, None] >= peaks
    return np.where(later, shape, 0).sum(axis=0) / grid.frame_rate + 0 * shape[0]


def _peaked(mean):
    """Transients over their peaks, and the frames of these; NaN where there is no positive peak."""
    known = np.nan_to_num(mean, nan=-1.0)
    peaks = known.argmax(axis=0)
    height = known.max(axis=0)
    return np.where(height > 0, mean / np.where(height > 0, height, 1), np.nan), peaks


def lagged_correlation(one, grid):
    """Correlation of neuron i with neuron j one and two half-second bins later, (lag, i, j), of mean traces."""
    return np.stack([_cross(one.binned, lag) for lag in (1, 2) if lag < one.binned.shape[1]])


def participation_ratio(one, grid):
    """Dimensions of the activity, (1,): (sum of eigenvalues)^2 / sum of squares, of traces' half-second correlations.

    Source: Gao et al. 2017, bioRxiv 214262.
    """
    matrix = _cross(one.binned, 0)
    return np.array([np.trace(matrix) ** 2 / (matrix**2).sum()])


def synchrony(one, grid):
    """Variance of the population's spike count in half a second over the sum of the neurons' variances, (1,).

    1 for independent neurons, their number for equal ones. Source: after Golomb and Rinzel 1993, Physical Review E 48.
    """
    counts = one.counts.reshape(-1, one.counts.shape[-1]).astype(np.float64)
    own = counts.var(axis=0).sum()
    return np.array([counts.sum(axis=1).var() / own if own > 0 else np.nan])


def _cross(binned, lag):
    """Pearson correlation of neuron i with neuron j `lag` bins later, over all windows, (i, j)."""
    bins, neurons = binned.shape[1:]
    centred = (binned - binned.mean(axis=(0, 1), dtype=np.float64)).astype(np.float32)
    sd = np.sqrt(np.maximum((centred**2).mean(axis=(0, 1), dtype=np.float64), 1e-12))
    first, second = (part.reshape(-1, neurons) for part in (centred[:, : bins - lag], centred[:, lag:]))
    return (first.T @ second).astype(np.float64) / len(first) / np.outer(sd, sd)


STATISTICS = {  # metric: (statistic, unit)
    "skewness_rmse": (skewness, ""),
    "asymmetry_rmse": (asymmetry, ""),
    "autocorrelation_rmse": (autocorrelation, ""),
    "spike_autocorrelation_rmse": (spike_autocorrelation, ""),
    "spectrum_rmse": (spectrum, "dB"),
    "noise_rmse": (noise, "dF/F"),
    "event_size_rmse": (event_size, "dF/F"),
    "event_size_sd_rmse": (event_size_sd, "dF/F"),
    "rise_time_rmse": (rise_time, "s"),
    "decay_time_rmse": (decay_time, "s"),
    "lagged_correlation_rmse": (lagged_correlation, ""),
    "participation_ratio_difference": (participation_ratio, "dimensions"),
    "synchrony_difference": (synchrony, ""),
}


def compare(reference, candidate, grid) -> dict:
    """All metrics of a candidate against a reference; NaN where nothing is defined on both sides.

    Args:
      reference, candidate: Dynamics.
      grid: Grid.

    Returns:
      {metric: value}, in the order of STATISTICS.
    """
    values = {}
    for name, (statistic, _) in STATISTICS.items():
        one, other = statistic(reference, grid), statistic(candidate, grid)
        both = np.isfinite(one) & np.isfinite(other)
        values[name] = rmse(one[both], other[both])
    return values
