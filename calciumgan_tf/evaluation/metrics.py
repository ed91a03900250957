"""The metrics: how far one set of windows is from another. All are 0 for equal sets, and lower is better.

The first four are the paper's; their histograms have 30 equal bins over the pooled range of both sides, their
logarithms are natural. The others pool all windows first, and see what a histogram of one window can't.
"""

import dataclasses

import numpy as np

from calciumgan_tf.evaluation.summary import Summary
from calciumgan_tf.spikes.distances import discrete_kl, rmse, row_kl


@dataclasses.dataclass(frozen=True)
class Value:
    """Attributes: value (NaN where undefined); n, what it is an average over; ci95, bootstrap interval or None."""

    value: float
    n: str
    ci95: tuple | None = None


def firing_rate_kl(reference: Summary, candidate: Summary, weights=None):
    """KL of the firing rate of each neuron over windows; the mean over neurons."""
    return float(row_kl(reference.rates.T, candidate.rates.T, weights).mean())


def firing_rate_rmse(reference, candidate, weights=None):
    """Difference of mean firing rates, Hz; root mean square over neurons."""
    return rmse(reference.pooled_rates(), candidate.pooled_rates(weights))


def correlation_rmse(reference, candidate, weights=None):
    """Difference of pairwise correlations over all windows.

    Root mean square over pairs, undefined ones counted as 0.
    """
    return rmse(*(np.nan_to_num(c) for c in (reference.pooled_correlations(), candidate.pooled_correlations(weights))))


def population_count_kl(reference, candidate, weights=None):
    """KL of the number of spikes of a frame over the population."""
    return float(discrete_kl(reference.pooled_population(), candidate.pooled_population(weights)))


def isi_mean_rmse(reference, candidate, weights=None):
    """Difference of mean inter-spike intervals, s; root mean square over neurons that have some on both sides."""
    return _interval_rmse(reference, candidate, weights, 0)


def isi_sd_rmse(reference, candidate, weights=None):
    """Difference of the SDs of inter-spike intervals, s; likewise."""
    return _interval_rmse(reference, candidate, weights, 1)


def _interval_rmse(reference, candidate, weights, which):
    recorded, generated = reference.pooled_intervals()[which], candidate.pooled_intervals(weights)[which]
    both = np.isfinite(recorded) & np.isfinite(generated)
    return rmse(recorded[both], generated[both])


# Per window, over pairs: field of Summary. The mean over windows; windows are paired by index.
WINDOWED = {
    "correlation_kl": "correlation_pairs",
    "covariance_kl": "covariance_pairs",
    "van_rossum_kl": "van_rossum",
}
POOLED = {
    "firing_rate_kl": firing_rate_kl,
    "firing_rate_rmse": firing_rate_rmse,
    "correlation_rmse": correlation_rmse,
    "population_count_kl": population_count_kl,
    "isi_mean_rmse": isi_mean_rmse,
    "isi_sd_rmse": isi_sd_rmse,
}
UNITS = {
    "firing_rate_kl": "nats",
    "correlation_kl": "nats",
    "covariance_kl": "nats",
    "van_rossum_kl": "nats",
    "firing_rate_rmse": "Hz",
    "correlation_rmse": "",
    "population_count_kl": "nats",
    "isi_mean_rmse": "s",
    "isi_sd_rmse": "s",
}  # in the order of the table


def windowed_kl(name, reference, candidate):
    """KL of a metric of WINDOWED in each window, (window,); NaN where a side has no defined value."""
    return row_kl(getattr(reference, WINDOWED[name]), getattr(candidate, WINDOWED[name]))


def divergences(reference, candidate) -> dict:
    """The paper's divergences one by one.

    Returns:
      {metric: float64 (neuron,) for the firing rate, (window,) for the others}, nats; NaN where undefined.
    """
    windowed = {name: windowed_kl(name, reference, candidate) for name in WINDOWED}
    return {"firing_rate_kl": row_kl(reference.rates.T, candidate.rates.T)} | windowed


def compare(reference: Summary, candidate: Summary, resamples: int = 0, seed: int = 0) -> dict:
    """All metrics of a candidate against a reference of as many windows.

    Args:
      reference, candidate: Summary.
      resamples: bootstrap resamples of the candidate's windows for ci95; the reference is held fixed. 0 for none.
      seed: of the bootstrap.

    Returns:
      {metric: Value}, in the order of UNITS.
    """
    windows = candidate.windows
    draws = np.random.default_rng(seed).multinomial(windows, np.full(windows, 1 / windows), resamples).astype(float)
    values = {}
    for name in UNITS:
        if name in WINDOWED:
            kl = windowed_kl(name, reference, candidate)
            defined = np.isfinite(kl)
            value = float(kl[defined].mean()) if defined.any() else float("nan")
            resampled = [(draw[defined] @ kl[defined]) / draw[defined].sum() for draw in draws if draw[defined].any()]
            n = f"{np.count_nonzero(defined)} windows"
        else:
            value = POOLED[name](reference, candidate)
            resampled = [POOLED[name](reference, candidate, draw) for draw in draws]
            n = _averaged_over(name, reference, candidate)
        resampled = np.array(resampled)[np.isfinite(resampled)] if len(resampled) else np.array([])
        values[name] = Value(value, n, _interval(value, resampled))
    return values


def _interval(value, resampled):
    """95 % interval from bootstrap values, centred: a resample repeats windows, which alone moves histograms apart."""
    if not resampled.size:
        return None
    return tuple(np.maximum(np.quantile(value + resampled - resampled.mean(), [0.025, 0.975]), 0).tolist())


def _averaged_over(name, reference, candidate):
    neurons = reference.rates.shape[1]
    if name == "correlation_rmse":
        return f"{neurons * (neurons - 1) // 2} pairs"
    if name == "population_count_kl":
        return f"{int(reference.population.sum())} frames"
    if name.startswith("isi"):
        both = np.isfinite(reference.pooled_intervals()[0]) & np.isfinite(candidate.pooled_intervals()[0])
        return f"{np.count_nonzero(both)} neurons"
    return f"{neurons} neurons"


def undefined(name, reference, candidate) -> str:
    """What of a metric could not be computed, in words; '' if everything could."""
    if name == "correlation_rmse":
        missing = [np.count_nonzero(np.isnan(side.pooled_correlations())) for side in (reference, candidate)]
        return f"undefined pairs, counted as 0: {missing[0]} recorded, {missing[1]} generated" if any(missing) else ""
    if name == "correlation_kl":
        missing = [np.isnan(side.correlation_pairs) for side in (reference, candidate)]
        shares = [share.sum() / max(share.size, 1) for share in missing]
        skipped = np.count_nonzero(np.isnan(windowed_kl(name, reference, candidate)))
        if not any(shares):
            return ""
        left_out = f"undefined pairs, left out: {shares[0]:.0%} recorded, {shares[1]:.0%} generated"
        return f"{left_out}; windows without any pair: {skipped}"
    if name.startswith("isi"):
        missing = [np.count_nonzero(np.isnan(side.pooled_intervals()[0])) for side in (reference, candidate)]
        return (
            f"neurons without an interval, left out: {missing[0]} recorded, {missing[1]} generated"
            if any(missing)
            else ""
        )
    if name.startswith("firing_rate"):
        silent = [np.count_nonzero(side.pooled_rates() == 0) for side in (reference, candidate)]
        return f"silent neurons: {silent[0]} recorded, {silent[1]} generated" if any(silent) else ""
    return ""
