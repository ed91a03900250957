"""What the rows found: corrected p values, and a verdict of three for each."""

import dataclasses

import numpy as np
from scipy import stats

from calciumgan_tf.dataset.split import FEWEST_HELDOUT
from calciumgan_tf.evaluation.diagnostics.distance import LEVEL, Distance
from calciumgan_tf.evaluation.diagnostics.statistic import Row

SMALL = 0.1  # a difference is small if it is certainly below so much of the null's
EQUIVALENT, DIFFERENT, UNDETERMINED = "equivalent", "different", "undetermined"
MEANINGS = {
    DIFFERENT: "the two differ by more than chance makes and, where the recording's own training part is far as well, "
    f"by more than that, at a level of {LEVEL:.0%} after the correction for the number of rows",
    EQUIVALENT: "any difference is below a tenth of what the named fault makes, by the upper end of the 95 % interval",
    UNDETERMINED: "neither can be said with as much data as this",
}
NOTES = {
    "not shown to be farther than the training part": "the distance is more than chance makes, but it was not shown to "
    "be more than that of the recording's own training part: the recording changes over time, or there are too few "
    "windows to say so",
    "can't see its fault here": "with these data, not even the named fault is told from the recording",
    "depends on the decay": "a row of inferred events whose verdict is not the same with half and twice the decay time "
    "of the deconvolution; value, interval and p are those of the decay itself",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """A row of the result.

    Attributes:
      row: Row.
      distance: Distance of the generated windows from the recording.
      training: Distance of the training part from the held-out part, or of the held-out part where the generated
        windows are compared with the training part.
      null: Distance of windows with the fault that the row has to detect.
      p: p value, corrected for the number of rows: that of `distance`, or `farther` where it is larger and counts.
      verdict: one of MEANINGS.
      farther: p value of the generated windows being farther from the held-out part than the training part is, without
        a correction; 0 where that is no question, as for classifiers, whose null are stretches of the training part.
      as_training: whether the distance is more than chance makes and not more than the training part's.
      by_decay: {factor of the deconvolution's decay time: verdict with it} of a row of inferred events, else empty.
    """

    row: Row
    distance: Distance
    training: Distance
    null: Distance
    p: float
    verdict: str
    farther: float = 0.0
    as_training: bool = False
    by_decay: dict[float, str] = dataclasses.field(default_factory=dict)

    @property
    def note(self) -> str:
        """What the verdict alone does not say, those of NOTES that hold; '' for nothing."""
        holding = self.as_training, self.null.p >= LEVEL, len(set(self.by_decay.values())) > 1
        return "; ".join(note for note, holds in zip(NOTES, holding) if holds)


def agreed(by_decay: dict[float, dict[str, Finding]]) -> dict[str, Finding]:
    """The findings with the decay time of the recording, where rows of events say nothing that another one changes.

    Args:
      by_decay: {factor of the decay time: {row: Finding}}, among them 1.

    Returns:
      {row: Finding}; the verdict of a row of events is undetermined where it is not the same for all decay times.
    """
    found = {}
    for name, finding in by_decay[1.0].items():
        verdicts = {factor: by_decay[factor][name].verdict for factor in sorted(by_decay)} if finding.row.events else {}
        verdict = finding.verdict if len(set(verdicts.values())) <= 1 else UNDETERMINED
        found[name] = dataclasses.replace(finding, verdict=verdict, by_decay=verdicts)
    return found


def conclude(rows, distances, training, nulls, windows: int, farther=None) -> dict[str, Finding]:
    """Corrects the p values and gives the verdicts.

    Those of the primary rows are corrected by Holm's method, and those of all others by Benjamini and Hochberg's.

    Where the training part is itself farther from the held-out part than chance makes, a row is different only if both
    of two tests say so, that of `distances` and that of `farther`; hence its p value is the larger one (an
    intersection-union test: Berger 1982, Technometrics 24(4)).

    Args:
      rows: the Rows, in the order of the table.
      distances, training, nulls: {row: Distance}.
      windows: number of held-out windows that share no frame.
      farther: {row: p value of being farther from the held-out part than the training part is}; rows may be missing.

    Returns:
      {row: Finding}.
    """
    farther = farther or {}
    first = {row.name: distances[row.name].p for row in rows}
    second = {name: farther.get(name, 0.0) if training[name].p < LEVEL else 0.0 for name in first}
    chance, corrected = (
        _corrected(rows, first),
        _corrected(rows, {name: max(p, second[name]) for name, p in first.items()}),
    )
    found = {}
    for row in rows:
        name = row.name
        verdict = _verdict(distances[name], nulls[name], corrected[name]) if windows >= FEWEST_HELDOUT else UNDETERMINED
        as_training = chance[name] < LEVEL <= corrected[name]
        sides = distances[name], training[name], nulls[name]
        found[name] = Finding(row, *sides, corrected[name], verdict, farther.get(name, 0.0), as_training)
    return found


def _corrected(rows, p):
    """{row: p value corrected for the number of rows}."""
    corrected = {}
    for primary, correct in ((True, holm), (False, stats.false_discovery_control)):
        names = [row.name for row in rows if row.primary == primary]
        if names:
            corrected |= dict(zip(names, map(float, correct(np.array([p[name] for name in names])))))
    return corrected


def _verdict(distance, null, p):
    # Where not even the fault can be told from the recording, a small distance says nothing.
    if null.p < LEVEL and distance.high < SMALL * null.value:
        return EQUIVALENT
    return DIFFERENT if p < LEVEL else UNDETERMINED


def holm(p):
    """p values corrected for their number by the method of Holm 1979, Scandinavian Journal of Statistics 6(2)."""
    order = np.argsort(p)
    corrected = np.maximum.accumulate(np.minimum(p[order] * np.arange(len(p), 0, -1), 1))
    return corrected[np.argsort(order)]
