"""The evaluation as text, as plain values for metrics.json, and as definitions for the documents."""

import dataclasses
import textwrap

from calciumgan_tf.evaluation import headline, output, verdict
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS
from calciumgan_tf.evaluation.diagnostics.findings import MEANINGS, NOTES
from calciumgan_tf.evaluation.registry import COLUMNS, METRICS

BEYOND = "generated - training part"
SPIKES, DIAGNOSIS = "Spike metrics of inferred events", "Diagnosis"
KINDS = {"whole": "windows", "half": "halves of windows", "neuron": "single neurons' windows"}  # of copies
COPIED = 0.01  # p below which copies are said to be found
LEGENDS = {
    SPIKES: {column.header: column.meaning for column in COLUMNS.values()}
    | {
        BEYOND: "95 % interval of the difference, from a bootstrap over blocks of recorded windows and over generated "
        "ones"
    },
    DIAGNOSIS: {
        "generated": "distance of the generated windows from the recording. What chance alone makes of it is "
        "subtracted, so that it is 0 on average for a perfect model, and below 0 as often as above",
        "interval": "95 % interval of the true distance",
        "training part": "the same distance for the recording's own training part",
        "fault": "the same distance for training windows with the named fault, which the row has to detect",
        "p": "probability of such a distance between two samples of one distribution. Where the training part is "
        "itself far, the probability of being as much farther than it, if that is larger. Corrected for the number of "
        "rows (Holm's method for the five primary rows, marked by *; Benjamini and Hochberg's for the others)",
        **MEANINGS,
        **NOTES,
    },
}
LOWER_IS_BETTER = (
    "Lower is better in all columns. Spike metrics are above 0 even for two samples of the same distribution, so "
    "compare them with the other columns; distances of a diagnosis are then 0 on average, and may be below."
)
INFERRED = "Spikes and events are inferred by OASIS from recorded and generated traces alike; none is a true spike."
POOLED = (
    "Several runs are judged together, each with its own held-out part. Spike metrics and figures are made of a single "
    "run, with --checkpoint and its folder."
)
CAUTION = {
    "physiological": "The physiological model starts from events that OASIS infers, and its loss holds event rates "
    "and covariances. So rows of events judge it partly by what it was trained on."
}


def number(value) -> str:
    """Three significant digits; a dash where there is no value."""
    return "-" if value is None else f"{value:.3g}"


def interval(ends) -> str:
    """The ends of an interval; a dash where there is none."""
    return "-" if ends is None else " .. ".join(map(number, ends))


def cells(evaluation) -> dict:
    """{title: the table as lists of strings, headers first}, of the spike metrics and the diagnosis if there is one."""
    tables = {SPIKES: _of_spikes(evaluation.rows)} if evaluation.rows else {}
    return tables | {DIAGNOSIS: _of_findings(evaluation.diagnosis.findings)} if evaluation.diagnosis else tables


def _of_spikes(rows):
    lines = [["metric", *(column.header for column in COLUMNS.values()), BEYOND, "mean over"]]
    for name, row in rows.items():
        values = [number(row[column]) for column in COLUMNS]
        lines.append([METRICS[name].title, *values, interval(row["beyond"]), row["over"] or "-"])
    return lines


def _of_findings(findings):
    lines = [["row", "generated", "interval", "training part", "fault", "p", "verdict"]]
    noted = any(finding.note for finding in findings.values())  # else there is no such column
    lines[0] += ["note"] * noted
    for finding in findings.values():
        row, distance = finding.row, finding.distance
        lines.append(
            [
                f"{row.title} *" if row.primary else row.title,
                number(distance.value),
                interval((distance.low, distance.high)),
                number(finding.training.value),
                f"{row.null}: {number(finding.null.value)}",
                f"{finding.p:.2g}",
                finding.verdict,
                *([finding.note] if noted else []),
            ]
        )
    return lines


def aligned(lines) -> list:
    """Lines of cells as strings of equal length, the first column to the left, all others to the right."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return [
        "  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(line, widths)))
        for line in lines
    ]


def notes(evaluation) -> list:
    """What had to be left out of a metric, and what to keep in mind about the model."""
    caution = [CAUTION[evaluation.model]] if evaluation.model in CAUTION else []
    trial = [headline.trial(evaluation)] if headline.trial(evaluation) else []
    pooled = [POOLED] if evaluation.diagnosis and evaluation.diagnosis.by_run else []
    return [
        INFERRED,
        *pooled,
        *trial,
        *caution,
        *(f"{name}: {row['note']}" for name, row in evaluation.rows.items() if row["note"]),
    ]


def sentences(evaluation) -> list:
    """The verdict of an evaluation: that of the diagnosis, where there is one, and that of the spike metrics."""
    of_spikes = []
    if evaluation.rows:
        of_spikes = verdict.sentences(evaluation.rows, METRICS, evaluation.settings["windows"])
    if evaluation.diagnosis is None:
        return of_spikes
    findings = evaluation.diagnosis.findings
    named = {one: [name for name, found in findings.items() if found.verdict == one] for one in MEANINGS}
    lines = [f"{one.capitalize()} ({MEANINGS[one]}): {', '.join(names)}." for one, names in named.items() if names]
    lines.append(copying_sentence(evaluation.diagnosis.copying))
    repeated = evaluation.diagnosis.repeated
    lines += [f"{repeated:.0%} of the generated windows repeat another one."] if repeated else []
    return lines + [f"Spike metrics: {sentence}" for sentence in of_spikes]


def copying_sentence(copying) -> str:
    """The result of the test for copies."""
    shares = ", ".join(f"{getattr(copying, kind).share:.0%} of {name}" for kind, name in KINDS.items())
    found = "Copies of the training part were found" if copying.p_value < COPIED else "No copies were found"
    return (
        f"{found} (p = {copying.p_value:.2g}; {shares} match a stretch of the training part better than any window "
        "does that cannot be a copy)."
    )


def heading(evaluation) -> str:
    """A line that names the model, the samples and the recording."""
    settings = evaluation.settings
    samples = settings["samples"] or "samples"
    each = " each" if settings.get("runs") else ""
    about = f"{settings['windows']} windows{each} of {samples} against {settings['recording']}"
    if settings.get("training_steps") is not None:
        about += f", {settings['training_steps']:,} steps of training"
    return f"Model: {settings['model'] or 'unknown'}; {about}"


def text(evaluation) -> str:
    """The whole evaluation with aligned columns: heading, tables with their legends, notes and verdict."""
    parts = [heading(evaluation)]
    for title, lines in cells(evaluation).items():
        legend = [f"{header}: {meaning}." for header, meaning in LEGENDS[title].items()]
        parts += ["\n".join([title, *aligned(lines)]), "\n".join(legend)]
    parts += ["\n".join([LOWER_IS_BETTER, *notes(evaluation)]), "\n".join(sentences(evaluation))]
    return "\n\n".join(parts)


def plain(evaluation) -> dict:
    """The content of metrics.json."""
    values = output.header() | {"settings": evaluation.settings, "metrics": evaluation.rows}
    if evaluation.diagnosis:
        findings, copying = evaluation.diagnosis.findings, evaluation.diagnosis.copying
        values["diagnosis"] = {name: _plain_finding(finding) for name, finding in findings.items()}
        kinds = {kind: getattr(copying, kind) for kind in KINDS}
        of_kinds = {kind: {"share": one.share, "p": one.p_value} for kind, one in kinds.items()}
        if evaluation.diagnosis.by_run:
            values["runs"] = [
                {"samples": name} | {row: dataclasses.asdict(one) for row, one in of_run.items()}
                for name, of_run in zip(evaluation.settings["runs"], evaluation.diagnosis.by_run)
            ]
        values["copying"] = {"p": copying.p_value, "repeated": evaluation.diagnosis.repeated} | of_kinds
    return values


def _plain_finding(finding):
    distances = {
        name: dataclasses.asdict(getattr(finding, part))
        for name, part in (("generated", "distance"), ("training", "training"), ("fault", "null"))
    }
    row = finding.row
    about = {"unit": row.unit, "primary": row.primary, "fault_name": row.null}
    found = {
        "p_corrected": finding.p,
        "p_farther_than_training": finding.farther,
        "verdict": finding.verdict,
        "note": finding.note,
    }
    decays = {f"{factor:g}": one for factor, one in finding.by_decay.items()}
    return about | distances | found | ({"verdict_by_decay": decays} if decays else {})


def definitions(title) -> dict:
    """{metric or row: what it is, and its source} of a table."""
    if title == SPIKES:
        return {metric.name: f"{metric.definition} Source: {metric.reference}." for metric in METRICS.values()}
    return {row.name: f"{row.question} {row.definition} Source: {row.source}." for row in ROWS}


def definitions_markdown() -> str:
    """All metrics and rows, for docs/metrics.md; lines of at most 100 characters."""
    parts = []
    for title in LEGENDS:
        items = [
            textwrap.fill(f"- `{name}`: {definition}", 100, subsequent_indent="  ", break_long_words=False)
            for name, definition in definitions(title).items()
        ]
        parts += [f"### {title}", "\n".join(items)]
    return "\n\n".join(parts)
