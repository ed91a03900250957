"""The spike metrics, and the columns in which an evaluation shows them.

The printed table, report.html, metrics.json and docs/metrics.md are made from here. To add a metric, add a Metric to
the METRICS of spike_metrics.py.
"""

import dataclasses

from calciumgan_tf.evaluation import spike_metrics

METRICS = {metric.name: metric for metric in spike_metrics.METRICS}


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
        "training part", "heldout", "training",
        "the recording's own training part against its held-out part: sampling noise, and drift between the two",
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
BASELINE_COLUMNS = ("dichotomized_gaussian", "shuffled")  # of methods that need no network
