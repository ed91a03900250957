"""The scores with their intervals as a table for each task, and in words where generated windows help."""

import dataclasses
import textwrap

import numpy as np

from calciumgan_tf.evaluation.tables import number
from calciumgan_tf.reproduction.augmentation import intervals, training_sets
from calciumgan_tf.reproduction.augmentation.intervals import Estimate
from calciumgan_tf.reproduction.augmentation.tasks import CONDITION, CORRELATIONS, HIGHER_IS_BETTER, NEURONS
from calciumgan_tf.reproduction.augmentation.training_sets import ALONE, AMOUNTS, GENERATED, RECORDED, SHRUNK, TRUTH

WIDTH = 100  # columns of prose
NOTHING = "-"
TITLES = {
    NEURONS: "Each neuron's trace from those of the others",
    CONDITION: "The level of a presentation from the response to it",
    CORRELATIONS: "Correlations of pairs of neurons",
}
ABOUT = {
    NEURONS: "Mean R2 over neurons, in bins of .5 s: higher is better.",
    CONDITION: "Balanced accuracy: higher is better.",
    CORRELATIONS: "Root mean square error over pairs, in bins of .5 s: lower is better.",
}
LABELS = {
    RECORDED: "recorded alone",
    ALONE: f"{AMOUNTS[-1]} x generated windows alone",
    SHRUNK: "recorded alone, Ledoit-Wolf",
}
ADDED = {
    GENERATED: "generated windows",
    TRUTH: "fresh windows of the truth",
    "jitter": "jitter",
    "scaling": "scaled amplitudes",
    "phase_randomised": "phase-randomised surrogates",
}
SAID = {
    intervals.HELP: "help",
    intervals.NO_DIFFERENCE: "make no difference that can be told from 0",
    intervals.HARM: "harm",
    intervals.UNKNOWN: "are undetermined",
}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A training set at a share of the training part.

    Attributes:
      minutes: of the recorded part.
      score: Estimate.
      difference: Estimate of the score less that of the recorded part alone.
      verdict: of the difference, of `intervals`.
    """

    minutes: float
    score: Estimate
    difference: Estimate
    verdict: str


def estimates(results) -> dict:
    """{task: {training set: {share: Cell}}} of {share: [experiment.result of each seed]}.

    A set that not every seed has at a share is left out there.
    """
    found: dict = {}
    for share, ones in results.items():
        pieces = ones[0]["pieces"]
        for task, higher in HIGHER_IS_BETTER.items():
            of_task = [one["scores"].get(task, {}) for one in ones]
            for name in [*training_sets.names(), SHRUNK]:
                if not all(name in of_seed and RECORDED in of_seed for of_seed in of_task):
                    continue
                values, alone = (np.array([of_seed[key] for of_seed in of_task]) for key in (name, RECORDED))
                difference = intervals.estimate(values - alone, pieces)
                verdict = difference.verdict(higher)
                cell = Cell(ones[0]["minutes"], intervals.estimate(values, pieces), difference, verdict)
                found.setdefault(task, {}).setdefault(name, {})[share] = cell
    return found


def plain(found) -> dict:
    """The estimates as plain values, shares in percent."""
    return {
        task: {
            name: {f"{100 * share:g}": dataclasses.asdict(cell) for share, cell in cells.items()}
            for name, cells in of_task.items()
        }
        for task, of_task in found.items()
    }


def label(name) -> str:
    """A training set for people."""
    if name in LABELS:
        return LABELS[name]
    kind, amount = name.rsplit("_", 1)
    return f"+ {amount} x {ADDED[kind]}"


def said(of_task) -> str:
    """Where generated windows help, make no difference or harm, a sentence each: {training set: {share: Cell}}."""
    where: dict = {}
    for amount in AMOUNTS:
        for share, cell in of_task.get(f"{GENERATED}_{amount}", {}).items():
            where.setdefault(cell.verdict, {}).setdefault(share, []).append(f"{amount}")
    if not where:
        return "The generated windows have no conditions to learn it from."
    sentences = []
    for verdict in [one for one in SAID if one in where]:
        places = [
            f"{_listed(amounts)} times as many at {100 * share:g} %"
            for share, amounts in sorted(where[verdict].items())
        ]
        sentences.append(f"Added to the recorded part, generated windows {SAID[verdict]}: {'; '.join(places)}.")
    return " ".join(sentences)


def _listed(words):
    """Words with commas and, before the last, 'and'."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def markdown(found, experiment, seeds) -> str:
    """The page of an experiment.

    Args:
      found: of `estimates`.
      experiment: plan.Experiment of any share.
      seeds: how many.
    """
    config, data = experiment.config, experiment.recording
    about = (
        f"What is learned from the first part of the training part of {data.source} ({data.neurons} neurons), alone, "
        f"with windows of a {config.model} model that was trained on the same part ({config.schedule.last_step:,} "
        "steps), and with classical augmentation. Scores on the held-out part, with 95 % intervals over "
        f"{seeds} {'seed' if seeds == 1 else 'seeds'} and by bootstrap over pieces of the held-out part. After a "
        "score: (+) better and (-) worse than recorded alone, where the interval of the difference excludes 0, which "
        "chance does in one of twenty comparisons."
    )
    lines = ["# Augmentation", "", textwrap.fill(about, WIDTH), "", "![Scores](scores.png)", ""]
    for task, of_task in found.items():
        lines += [f"## {TITLES[task]}", "", ABOUT[task], ""]
        lines += [*_table(of_task), "", textwrap.fill(said(of_task), WIDTH), ""]
    return "\n".join(lines)


def _table(of_task):
    minutes = {share: cell.minutes for cells in of_task.values() for share, cell in cells.items()}
    headers = ["learned from", *(f"{100 * share:g} %: {length:.1f} min" for share, length in minutes.items())]
    rows = [[label(name), *(_cell(cells.get(share)) for share in minutes)] for name, cells in of_task.items()]
    return ["| " + " | ".join(row) + " |" for row in (headers, ["---"] * len(headers), *rows)]


def _cell(cell):
    if cell is None:
        return NOTHING
    mark = {intervals.HELP: " (+)", intervals.HARM: " (-)"}.get(cell.verdict, "")
    score = cell.score
    if score.low is None:
        return number(score.value)
    return f"{number(score.value)} [{number(score.low)}, {number(score.high)}]{mark}"
