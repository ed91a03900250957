"""How far the dynamics of one set of windows are from another's. All are 0 for equal sets, and lower is better.

Each statistic is one of a neuron (or of the population), over all windows of a set together; a metric is the root mean
squared difference of the two sets over neurons (lags, frequencies), where both are defined. E[.] is the mean over all
frames of all windows of a set, divided by their number. A statistic takes a dynamics.Pooled.
"""

import numpy as np

from calciumgan_tf.spikes.distances import rmse

FEWEST = 10  # lonely events from which on a neuron has a mean transient


def _variance(one):
    mean, square, _ = one.moments
    return np.maximum(square - mean**2, 1e-12)


def skewness(one):
    """E[(x - E[x])^3] / Var[x]^(3/2) of the traces, (neuron,): above 0, since events only go up. No unit.

    Source: Fisher's moment coefficient, biased estimator.
    """
    mean, square, cube = one.moments
    return (cube - 3 * mean * square + 2 * mean**3) / _variance(one) ** 1.5


def asymmetry(one):
    """E[d^3] / E[d^2]^(3/2), d the difference of consecutive frames, (neuron,): 0 for what looks the same backwards.

    No unit. Source: the lag-reversal statistic of Pomeau 1982, Journal de Physique 43(6), at a lag of one frame.
    """
    square, cube = one.steps
    return cube / np.maximum(square, 1e-12) ** 1.5


def autocorrelation(one):
    """Autocorrelation (E[x(t) x(t + lag)] - E[x]^2) / Var[x] of the traces at each lag, (lag, neuron). No unit.

    Up to twelve lags of up to 2 s; pairs of frames of one window. Source: Box and Jenkins 1970, the usual estimator.
    """
    return (one.products - one.moments[0] ** 2) / _variance(one)


def spike_autocorrelation(one):
    """The same of the spikes of a frame, where Var[s] = E[s] (1 - E[s]), (lag, neuron). No unit; NaN if silent."""
    rate, *products = one.spikes
    variance = rate * (1 - rate)
    return np.divide(
        np.array(products) - rate**2, variance, out=np.full((len(products), len(rate)), np.nan), where=variance > 0
    )


def spectrum(one):
    """Power spectrum in decibel, 10 log10 of Welch's estimate (Welch 1967, IEEE Trans. AU-15), (frequency, neuron)."""
    return 10 * np.log10(np.maximum(one.spectrum, 1e-12))


def noise(one):
    """SD of the white observation noise, dF/F, (neuron,).

    Root of half the frame rate times the mean power density above a quarter of it. Source: Pnevmatikakis et al. 2016,
    Neuron 89(2), as in OASIS.
    """
    upper = one.spectrum[one.grid.frequencies > one.grid.frame_rate / 4]
    return np.sqrt(upper.mean(axis=0) * one.grid.frame_rate / 2)


def event_size(one):
    """Mean of x(t) - x(t - 1) over the frames t of inferred spikes, dF/F, (neuron,); NaN without any. Defined here."""
    number, total, _ = one.sizes
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)


def event_size_sd(one):
    """SD of x(t) - x(t - 1) over the frames t of inferred spikes, dF/F, (neuron,); NaN without any. Defined here."""
    number, _, squares = one.sizes
    mean = event_size(one)
    square = np.divide(squares, number, out=np.full_like(squares, np.nan), where=number > 0)
    return np.sqrt(np.maximum(square - mean**2, 0))


def transient(one):
    """Mean trace around lonely events, over its level before them, dF/F, (frame, neuron); NaN for fewer than ten.

    Lonely: none in the half second before it, and none from half a second to two decay times after it.
    """
    number = one.lonely[0]
    enough = number * one.independent > FEWEST - 0.5
    mean = np.where(enough, one.triggered / np.where(number > 0, number, 1), np.nan)
    return mean - mean[: one.grid.before].mean(axis=0)


def rise_time(one):
    """Time from the last frame of the mean transient that is below a tenth of its peak to the peak, s, (neuron,).

    Defined here; NaN for fewer than ten lonely events: none in the half second before them, and none from half a second
    to two decay times after them, since a transient that rises slowly is several events to OASIS.
    """
    shape, peaks = _peaked(transient(one))
    frames = np.arange(len(shape))[:, None]
    low = np.where((shape < 0.1) & (frames < peaks), frames, -1).max(axis=0)
    return np.where(np.isnan(shape[0]), np.nan, (peaks - low) / one.grid.frame_rate)


def decay_time(one):
    """Time from the peak of the mean transient until it is below 1 / e of it, s, (neuron,): tau_decay if exponential.

    Between frames by a straight line; where it stays above, all the time that is looked at, two decay times. Defined
    here; NaN as above.
    """
    shape, peaks = _peaked(transient(one))
    frames, neurons = len(shape), np.arange(shape.shape[1])
    low = (shape < 1 / np.e) & (np.arange(frames)[:, None] > peaks)
    first = np.where(low.any(axis=0), low.argmax(axis=0), frames - 1)
    below, above = shape[first, neurons], shape[first - 1, neurons]
    back = np.divide(1 / np.e - below, above - below, out=np.zeros(len(neurons)), where=low.any(axis=0))
    return (first - back - peaks) / one.grid.frame_rate + 0 * shape[0]


def _peaked(mean):
    """Transients over their peaks, and the frames of these; NaN where there is no positive peak."""
    known = np.nan_to_num(mean, nan=-1.0)
    peaks = known.argmax(axis=0)
    height = known.max(axis=0)
    return np.where(height > 0, mean / np.where(height > 0, height, 1), np.nan), peaks


def lagged_correlation(one):
    """Pearson correlation of neuron i with neuron j one and two half-second bins later, (lag, i, j), of mean traces.

    No unit; pairs of bins of one window, means and SDs over all. Defined here.
    """
    return _correlations(one)[1:]


def participation_ratio(one):
    """Dimensions of the activity, (1,): (sum of eigenvalues)^2 / sum of squares, of traces' half-second correlations.

    Source: Gao et al. 2017, bioRxiv 214262.
    """
    matrix = _correlations(one)[0]
    return np.array([np.trace(matrix) ** 2 / (matrix**2).sum()])


def synchrony(one):
    """Variance of the population's spike count in half a second over the sum of the neurons' variances, (1,).

    1 for independent neurons, their number for equal ones; no unit. Source: after Golomb and Rinzel 1993, Physical
    Review E 48.
    """
    mean, square = one.counts
    own = (square - mean**2).sum()
    return np.array([(one.together[1] - one.together[0] ** 2) / own if own > 1e-12 else np.nan])


def _correlations(one):
    sd = np.sqrt(np.maximum(np.diag(one.covariances[0]), 1e-12))
    return one.covariances / np.outer(sd, sd)


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


def compare(reference, candidate) -> dict:
    """All metrics of a candidate against a reference; NaN where nothing is defined on both sides.

    Args:
      reference, candidate: dynamics.Pooled.

    Returns:
      {metric: value}, in the order of STATISTICS.
    """
    values = {}
    for name, (statistic, _) in STATISTICS.items():
        one, other = statistic(reference), statistic(candidate)
        both = np.isfinite(one) & np.isfinite(other)
        values[name] = rmse(one[both], other[both])
    return values
