"""The metrics: how far one set of windows is from another. All are 0 for equal sets, and lower is better.

The first four are the paper's; their histograms have 30 equal bins over the pooled range of both sides, their
logarithms are natural. The others pool all windows first, and see what a histogram of one window can't.
"""

import numpy as np

from calciumgan_tf.evaluation.summary import Summary
from calciumgan_tf.spikes.distances import discrete_kl, rmse, row_kl, weighted_mean


def firing_rate_kl(reference: Summary, candidate: Summary, first=None, second=None):
    """KL(reference || candidate) of a neuron's firing rate over windows, mean over neurons; nats.

    sum p log(p / q), p and q histograms of 30 equal bins over the pooled range, empty bins 1e-10. Source: the paper,
    arXiv 2009.02707; bins as in the original's code.
    """
    return float(row_kl(reference.rates.T, candidate.rates.T, second, first).mean())


def correlation_kl(reference, candidate):
    """KL, as above, of the Pearson correlations of spike counts in 500 ms bins over pairs, of each window; nats.

    Mean over windows. Windows are paired by their number; pairs with a silent neuron are left out. Source: the paper.
    """
    return row_kl(reference.correlation_pairs, candidate.correlation_pairs)


def covariance_kl(reference, candidate):
    """KL, as above, of the covariances of spike counts in 500 ms bins, variances included, of each window; nats.

    Mean over windows. Divided by the number of bins less one. Source: the paper.
    """
    return row_kl(reference.covariance_pairs, candidate.covariance_pairs)


def van_rossum_kl(reference, candidate):
    """KL, as above, of the van Rossum distances (1 s) between the neurons of each window over pairs; nats.

    Mean over windows. Source: the paper; the distance: van Rossum 2001, Neural Computation 13(4).
    """
    return row_kl(reference.van_rossum, candidate.van_rossum)


def firing_rate_rmse(reference, candidate, first=None, second=None):
    """Difference of mean firing rates over all windows, root mean square over neurons; Hz.

    Source: the original's error of rates, there of five windows.
    """
    return rmse(reference.pooled_rates(first), candidate.pooled_rates(second))


def correlation_rmse(reference, candidate, first=None, second=None):
    """Difference of Pearson correlations of spike counts in 500 ms bins over all windows together, no unit.

    Root mean square over pairs, each once; undefined ones count as 0. Source: Kapoor et al. 2024, NeurIPS (LDNS).
    """
    pairs = (reference.pooled_correlations(first), candidate.pooled_correlations(second))
    return rmse(*map(np.nan_to_num, pairs))


def population_count_kl(reference, candidate, first=None, second=None):
    """KL(reference || candidate) of the number of neurons with a spike in a frame, empty counts 1e-10; nats.

    Source: Kapoor et al. 2024, NeurIPS (LDNS).
    """
    return float(discrete_kl(reference.pooled_population(first), candidate.pooled_population(second)))


def isi_mean_rmse(reference, candidate, first=None, second=None):
    """Difference of mean inter-spike intervals; s.

    Root mean square over neurons that have some on both sides. Intervals lie within a window. Source: Kapoor et al.
    2024, NeurIPS (LDNS).
    """
    return _interval_rmse(reference, candidate, first, second, 0)


def isi_sd_rmse(reference, candidate, first=None, second=None):
    """Difference of the SDs (dividing by the number) of inter-spike intervals; s. Likewise."""
    return _interval_rmse(reference, candidate, first, second, 1)


def _interval_rmse(reference, candidate, first, second, which):
    recorded, generated = reference.pooled_intervals(first)[which], candidate.pooled_intervals(second)[which]
    both = np.isfinite(recorded) & np.isfinite(generated)
    return rmse(recorded[both], generated[both])


WINDOWED = {  # give a value a window
    "correlation_kl": correlation_kl,
    "covariance_kl": covariance_kl,
    "van_rossum_kl": van_rossum_kl,
}
POOLED = {  # take weights of the windows of either side
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


def divergences(reference, candidate) -> dict:
    """The paper's divergences one by one.

    Returns:
      {metric: float64 (neuron,) for the firing rate, (window,) for the others}, nats; NaN where undefined.
    """
    windowed = {name: metric(reference, candidate) for name, metric in WINDOWED.items()}
    return {"firing_rate_kl": row_kl(reference.rates.T, candidate.rates.T)} | windowed


class Comparison:
    """All metrics of a candidate against a reference of as many windows."""

    def __init__(self, reference: Summary, candidate: Summary):
        self._sides = reference, candidate
        self._windowed = {name: metric(reference, candidate) for name, metric in WINDOWED.items()}

    def __call__(self, first=None, second=None) -> dict:
        """{metric: value} in the order of UNITS, NaN where undefined.

        Args:
          first, second: weights of the windows of reference and candidate, (window,); None for all 1. What is paired
            window by window takes the reference's.
        """
        pooled = {name: metric(*self._sides, first, second) for name, metric in POOLED.items()}
        windowed = {name: _mean(kl, first) for name, kl in self._windowed.items()}
        return {name: (pooled | windowed)[name] for name in UNITS}

    def averaged_over(self, name) -> str:
        """What a metric is an average over, in words."""
        if name in WINDOWED:
            return f"{np.count_nonzero(np.isfinite(self._windowed[name]))} windows"
        return _averaged_over(name, *self._sides)


def _mean(values, weights):
    defined = np.isfinite(values)
    return float(weighted_mean(values[defined], None if weights is None else weights[defined]))


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
        skipped = np.count_nonzero(np.isnan(correlation_kl(reference, candidate)))
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
