"""Metrics of spikes. The first four are the paper's; the others look at all windows of a set together.

The paper's histograms have 30 equal bins over the range of both sets, and natural logarithms.
"""

import numpy as np

from calciumgan_tf.evaluation.metric import Metric
from calciumgan_tf.spikes.distances import discrete_kl, rmse, row_kl, weighted_mean

PAPER = "Li et al. 2020, arXiv 2009.02707; bins as in the code of the authors"
LDNS = "Kapoor et al. 2024, NeurIPS (LDNS)"


def firing_rate_kl(resampled):
    """Of each neuron's histogram of firing rates over windows, mean over neurons."""
    reference, candidate = resampled.pair.reference, resampled.pair.candidate
    return row_kl(reference.rates.T, candidate.rates.T, resampled.second, resampled.first).mean(axis=-1)


def windowed_kl(name):
    """A metric that is the mean over windows of a divergence of Pair; it takes the weights of the reference."""

    def mean(resampled):
        divergence = getattr(resampled.pair, name)
        defined = np.isfinite(divergence)
        return weighted_mean(divergence[defined], resampled.first[:, defined])

    return mean


def correlation_rmse(resampled):
    """Over pairs; a pair with an undefined correlation counts as one with correlation 0."""
    return rmse(*map(np.nan_to_num, resampled.summaries("pooled_correlations")))


def _neurons(pair):
    return f"{pair.reference.rates.shape[1]} neurons"


def _pairs(pair):
    neurons = pair.reference.paired_neurons
    return f"{neurons * (neurons - 1) // 2} pairs"


def _frames(pair):
    return f"{int(pair.reference.population.sum())} frames"


def _windows(name):
    return lambda pair: f"{np.count_nonzero(np.isfinite(getattr(pair, name)))} windows"


def _summaries(pair):
    return pair.reference, pair.candidate


def _neurons_with_intervals(pair):
    both = np.isfinite([side.pooled_intervals()[0] for side in _summaries(pair)]).all(axis=0)
    return f"{np.count_nonzero(both)} neurons"


def _counted(text, missing):
    return f"{text}: {missing[0]} recorded, {missing[1]} generated" if any(missing) else ""


def _silent_neurons(pair):
    return _counted("silent neurons", [np.count_nonzero(side.pooled_rates() == 0) for side in _summaries(pair)])


def _undefined_pairs(pair):
    missing = [np.count_nonzero(np.isnan(side.pooled_correlations())) for side in _summaries(pair)]
    return _counted("undefined pairs, counted as 0", missing)


def _neurons_without_intervals(pair):
    missing = [np.count_nonzero(np.isnan(side.pooled_intervals()[0])) for side in _summaries(pair)]
    return _counted("neurons without an interval, left out", missing)


def _undefined_pairs_of_windows(pair):
    shares = [side.undefined_pairs() for side in _summaries(pair)]
    if not any(shares):
        return ""
    left_out = f"undefined pairs, left out: {shares[0]:.0%} recorded, {shares[1]:.0%} generated"
    left_out += "; correlation_rmse says more where that is most of them" * (max(shares) > 0.5)
    return f"{left_out}; windows without any pair: {np.count_nonzero(np.isnan(pair.correlation_kl))}"


METRICS = (
    Metric(
        "firing_rate_kl", "nats",
        "Kullback-Leibler divergence, from reference to candidate, of the histogram of a neuron's firing rate over "
        "windows; mean over neurons. An empty bin counts as probability 1e-10.",
        PAPER, firing_rate_kl, over=_neurons, note=_silent_neurons,
    ),
    Metric(
        "correlation_kl", "nats",
        "Kullback-Leibler divergence, as for the firing rate, of the histogram over pairs of neurons of the Pearson "
        "correlation of their spike counts in 500 ms bins, within one window; mean over windows, which are "
        "paired at random, and over four such pairings. Pairs with a silent neuron are left out; pairs, here and "
        "below, are those of 200 neurons at most.",
        PAPER, windowed_kl("correlation_kl"), joint=True, over=_windows("correlation_kl"),
        note=_undefined_pairs_of_windows,
    ),
    Metric(
        "covariance_kl", "nats",
        "The same for covariances of the spike counts, the variance of each neuron included. Covariances are divided "
        "by the number of bins less one.",
        "the divergence of Li et al. 2020, arXiv 2009.02707, for covariances instead of correlations",
        windowed_kl("covariance_kl"), joint=True, over=_windows("covariance_kl"),
    ),
    Metric(
        "van_rossum_kl", "nats",
        "The same for the van Rossum distance (time constant 1 s) between the spike trains of two neurons.",
        f"{PAPER}; the distance: van Rossum 2001, Neural Computation 13(4)",
        windowed_kl("van_rossum_kl"), joint=True, over=_windows("van_rossum_kl"),
    ),
    Metric(
        "firing_rate_rmse", "Hz",
        "Difference of a neuron's mean firing rate over all windows, root mean square over neurons.",
        "the error of rates in the code of the authors, there of five windows",
        lambda resampled: rmse(*resampled.summaries("pooled_rates")), over=_neurons, note=_silent_neurons,
    ),
    Metric(
        "correlation_rmse", "",
        "Difference of the Pearson correlation of two neurons' spike counts in 500 ms bins, over all windows "
        "together, root mean square over pairs. An undefined correlation counts as 0.",
        LDNS, correlation_rmse, joint=True, over=_pairs, note=_undefined_pairs,
    ),
    Metric(
        "population_count_kl", "nats",
        "Kullback-Leibler divergence, from reference to candidate, of the number of neurons that spike in the same "
        "frame. A number that never occurs counts as probability 1e-10.",
        LDNS, lambda resampled: discrete_kl(*resampled.summaries("pooled_population")), joint=True, over=_frames,
    ),
    Metric(
        "isi_mean_rmse", "s",
        "Difference of a neuron's mean inter-spike interval, root mean square over neurons that have intervals in "
        "both sets. Intervals lie within a window.",
        LDNS, lambda resampled: rmse(*(side[0] for side in resampled.summaries("pooled_intervals"))),
        over=_neurons_with_intervals, note=_neurons_without_intervals,
    ),
    Metric(
        "isi_sd_rmse", "s",
        "The same for the standard deviation of the inter-spike intervals, which divides by their number.",
        LDNS, lambda resampled: rmse(*(side[1] for side in resampled.summaries("pooled_intervals"))),
        over=_neurons_with_intervals, note=_neurons_without_intervals,
    ),
)  # fmt: skip
