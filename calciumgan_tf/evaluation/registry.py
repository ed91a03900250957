"""The registry of metrics, and the columns in which an evaluation shows them.

The printed table, report.html, metrics.json and docs/metrics.md are made from here. To add a metric, add a Metric to
the METRICS of a module below.
"""

import dataclasses

from calciumgan_tf.evaluation import coverage, dynamics_metrics, memorisation, spike_metrics, two_sample, usefulness

GROUPS = {
    "spike statistics": "Statistics of the spikes that were inferred from the traces.",
    "dynamics": "How traces and events change in time, for single neurons and for the population. Each value is a root "
    "mean squared difference of the statistic that is described.",
    "distributions": "Whether whole windows of the two sets can be told apart. The p value comes from permutations of "
    "windows that share no frame; there is none where these are too few.",
    "coverage": "Whether the generated windows are as diverse as the recorded ones.",
    "usefulness": "Whether a decoder that is learned from generated windows works on recorded ones.",
    "copying": "Whether generated windows are copies of training windows.",
}
METRICS = {
    metric.name: metric
    for module in (spike_metrics, dynamics_metrics, two_sample, coverage, usefulness)
    for metric in module.METRICS
}
COPYING = memorisation.TEST  # a test of its own, without columns


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the table: two sets of windows that are compared.

    Attributes:
      header: as it is printed.
      reference, candidate: names of the sets.
      meaning: a sentence without a full stop.
    """

    header: str
    reference: str
    candidate: str
    meaning: str


COLUMNS = {
    "floor": Column(
        "floor", "heldout", "training",
        "the recording's own training part against its held-out part, which is what a perfect model would get",
    ),
    "within": Column(
        "within", "first_half", "second_half",
        "one half of the training part against the other, which is sampling noise without drift",
    ),
    "generated": Column("generated", "heldout", "generated", "generated windows against the held-out part"),
    "generated_vs_training": Column(
        "vs training", "training", "generated", "generated windows against the training part"
    ),
    "dichotomized_gaussian": Column(
        "DG", "heldout", "dichotomized_gaussian",
        "a dichotomised Gaussian that was fitted to the training part's spikes, against the held-out part",
    ),
    "shuffled": Column(
        "shuffled", "heldout", "shuffled",
        "training windows in which each neuron comes from a different window, against the held-out part",
    ),
}  # fmt: skip
BASELINES = ("dichotomized_gaussian", "shuffled")  # columns of methods that need no network


def chosen(diagnostics: bool) -> list:
    """The metrics of an evaluation: spike statistics, and with `diagnostics` all others."""
    return [metric for metric in METRICS.values() if diagnostics or metric.group == spike_metrics.GROUP]
