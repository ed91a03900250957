"""An evaluation in a word a row, and in a sentence for all of them."""

from calciumgan_tf.evaluation import verdict
from calciumgan_tf.evaluation.diagnostics.findings import DIFFERENT, EQUIVALENT, UNDETERMINED
from calciumgan_tf.evaluation.registry import METRICS

GOOD, DOUBTFUL, TOLD = "good", "doubtful", "told apart"
MEANINGS = {
    GOOD: "shown to be less than twice as far from the held-out part as the recording's own training part is, or, in "
    "the diagnosis, nearly the same",
    DOUBTFUL: "this recording, or this statistic, can't tell",
    TOLD: "the generated windows differ; do not use them for a question about this property",
}
OF_VERDICT = {DIFFERENT: TOLD, EQUIVALENT: GOOD, UNDETERMINED: DOUBTFUL}
NAMED = 4  # rows that the sentence names
STEPS = {
    "calciumgan": 1500,
    "physiological": 400,
}  # from which on a training is no trial: more change little (docs/fidelity.md)


def of_metrics(evaluation) -> dict:
    """{spike metric: its word}."""
    few = evaluation.settings["windows"] < verdict.FEWEST_WINDOWS
    return {name: DOUBTFUL if few else _of_metric(row, METRICS[name].joint) for name, row in evaluation.rows.items()}


def _of_metric(row, joint):
    standing = verdict.standing(row, joint)
    if standing in ("far", "beyond"):
        return TOLD
    return GOOD if standing == "floor" and row["beyond"][1] < row["floor"] else DOUBTFUL


def of_findings(evaluation) -> dict:
    """{row of the diagnosis: its word}; empty without a diagnosis."""
    findings = evaluation.diagnosis.findings if evaluation.diagnosis else {}
    return {name: OF_VERDICT[finding.verdict] for name, finding in findings.items()}


def trial(evaluation) -> str:
    """A sentence where a model was trained for fewer steps than those of docs/results.md; else ''."""
    model, steps = (evaluation.settings.get(name) for name in ("model", "training_steps"))
    if steps is None or steps >= STEPS.get(model, 0):
        return ""
    return f"A trial: {steps:,} training steps, where the results in docs/results.md are from {STEPS[model]:,}."


def headline(evaluation) -> tuple:
    """A word for the whole, and sentences that say why.

    It is that of the diagnosis where there is one: spike metrics alone can't see whether traces look recorded.
    """
    word, sentence = _judged(evaluation)
    return word, f"{sentence} {trial(evaluation)}".rstrip()


def _judged(evaluation):
    words = of_findings(evaluation) or of_metrics(evaluation)
    told, good = ([name for name, word in words.items() if word == wanted] for wanted in (TOLD, GOOD))
    count = len(words)
    if told:
        named = ", ".join(told[:NAMED]) + (" and others" if len(told) > NAMED else "")
        return TOLD, f"{len(told)} of {count} properties differ from the recording: {named}."
    if 2 * len(good) > count:
        if evaluation.diagnosis:
            return GOOD, f"{len(good)} of {count} properties are nearly those of the recording."
        return GOOD, (
            f"{len(good)} of {count} statistics are less than twice as far from the held-out part as the training part "
            "is. Whether traces look recorded was not asked: add --diagnostics before you use them."
        )
    return (
        DOUBTFUL,
        f"No property was shown to differ, but {count - len(good)} of {count} can't be told with these data; a poor "
        "model may get the same result. Record longer, pool several runs (train.py --cross_fit), or treat these "
        "properties as unknown.",
    )
