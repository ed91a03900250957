"""All statistics of conditions: the table, conditions.json and docs/how-to/conditions.md are made of these."""

import dataclasses
import textwrap
import typing

from calciumgan_tf.evaluation.conditions import correlations, decoding, faults, responses, tuning
from calciumgan_tf.evaluation.conditions.observations import root_mean_square


@dataclasses.dataclass(frozen=True)
class Statistic:
    """A statistic of two samples.

    Attributes:
      name: key in tables and files.
      unit: of its value; '' for a pure number.
      definition: whole sentences.
      summary: from a Sample to what is compared.
      between: (summary of a reference, summary of a candidate, penalty of decoders) to a number, NaN where undefined.
      fault: of `faults`, what it has to detect.
      score: whether more is better, as of a decoder; else it is a distance.
      to_training: whether the reference is the training part instead of the held-out part.
    """

    name: str
    unit: str
    definition: str
    summary: typing.Callable
    between: typing.Callable
    fault: typing.Callable = faults.levels_permuted
    score: bool = False
    to_training: bool = False

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


def _distance(reference, candidate, _):
    return root_mean_square(reference, candidate)


def _sample(sample):
    return sample


TUNING = Statistic(
    "tuning",
    "Hz",
    "Difference of tuning curves: of the mean rate of inferred spikes in the response to each level, or in the bins of "
    "each quintile of a continuous condition; root mean square over neurons and levels.",
    tuning.curves,
    _distance,
)
RESPONSE = Statistic(
    "response",
    "dF/F",
    "Difference of trial-averaged traces from 1 s before to 3 s after the onset; root mean square over neurons, levels "
    "and frames.",
    responses.averages,
    _distance,
)
SIGNAL = Statistic(
    "signal_correlation",
    "",
    "Difference of the correlations of two neurons' tuning curves; root mean square over pairs.",
    correlations.signal,
    _distance,
)
NOISE = Statistic(
    "noise_correlation",
    "",
    "Difference of the correlations of two neurons' mean dF/F in single presentations, or bins of .5 s, after "
    "subtraction of the mean of their level; root mean square over pairs.",
    correlations.noise,
    _distance,
    faults.neurons_permuted,
)
DECODING = (
    Statistic(
        "decoder_from_generated",
        "accuracy",
        "Balanced accuracy of a linear decoder of the level that is fitted to generated presentations and tested on "
        "recorded ones.",
        _sample,
        lambda reference, candidate, alpha: decoding.accuracy(candidate, reference, alpha),
        score=True,
    ),
    Statistic(
        "decoder_of_generated",
        "accuracy",
        "Balanced accuracy of a linear decoder of the level that is fitted to the training part and tested on "
        "generated presentations.",
        _sample,
        decoding.accuracy,
        score=True,
        to_training=True,
    ),
)
REGRESSION = (
    Statistic(
        "regression_from_generated",
        "correlation",
        "Correlation of a continuous condition with its ridge regression on the population in bins of .5 s, fitted to "
        "generated bins and tested on recorded ones.",
        _sample,
        lambda reference, candidate, alpha: decoding.correlation(candidate, reference, alpha),
        score=True,
    ),
    Statistic(
        "regression_of_generated",
        "correlation",
        "The same, fitted to the training part and tested on generated bins.",
        _sample,
        decoding.correlation,
        score=True,
        to_training=True,
    ),
)
OF_LEVELS = (TUNING, RESPONSE, SIGNAL, NOISE, *DECODING)
OF_VALUES = (TUNING, SIGNAL, NOISE, *REGRESSION)
STATISTICS = (*OF_LEVELS, *REGRESSION)


def definitions_markdown() -> str:
    """All statistics, for docs/how-to/conditions.md; lines of at most 100 characters."""
    items = [f"- `{one.name}`{f' ({one.unit})' if one.unit else ''}: {one.definition}" for one in STATISTICS]
    return "\n".join(textwrap.fill(one, 100, subsequent_indent="  ", break_long_words=False) for one in items)
