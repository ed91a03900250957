"""The evaluation as text, as plain values for metrics.json, and as definitions for the documents."""

import textwrap

from calciumgan_tf.evaluation import output, verdict
from calciumgan_tf.evaluation.registry import COLUMNS, COPYING, GROUPS, METRICS

BEYOND = "generated - floor"
TESTED = ("floor", "generated")  # columns with a permutation test
LEGEND = {column.header: column.meaning for column in COLUMNS.values()} | {
    BEYOND: "95 % interval of the difference, from a bootstrap over blocks of recorded windows and over generated ones"
}
LOWER_IS_BETTER = "Lower is better in all columns. A metric is 0 for equal sets unless its definition says otherwise."
CAUTION = {
    "physiological": "The physiological model starts from spikes that OASIS infers, and its loss holds firing rates "
    "and covariances. So the spike statistics judge it partly by what it was trained on."
}


def number(value) -> str:
    """Three significant digits; a dash where there is no value."""
    return "-" if value is None else f"{value:.3g}"


def interval(ends) -> str:
    """The ends of an interval; a dash where there is none."""
    return "-" if ends is None else " .. ".join(map(number, ends))


def groups(rows) -> list:
    """The groups of metrics that an evaluation has, in the order of registry.GROUPS."""
    return [group for group in GROUPS if any(row["group"] == group for row in rows.values())]


def cells(rows, group) -> list:
    """The table of a group of metrics as strings, headers first.

    Columns: metric, registry.COLUMNS, interval of generated less floor, then what the value is a mean over and p values
    where the group has any.
    """
    chosen = {name: row for name, row in rows.items() if row["group"] == group}
    over = any(row["over"] for row in chosen.values())
    tested = TESTED if any(row["p"] for row in chosen.values()) else ()
    headers = [column.header for column in COLUMNS.values()]
    lines = [["metric", *headers, BEYOND, *(f"p {column}" for column in tested), *(["mean over"] if over else [])]]
    for name, row in chosen.items():
        ps = [number(row["p"][column]) for column in tested]
        values = [number(row[column]) for column in COLUMNS]
        lines.append([METRICS[name].title, *values, interval(row["beyond"]), *ps, *([row["over"]] if over else [])])
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
    found = [f"{name}: {row['note']}" for name, row in evaluation.rows.items() if row["note"]]
    return [CAUTION[evaluation.model], *found] if evaluation.model in CAUTION else found


def sentences(evaluation) -> list:
    """The verdict of an evaluation."""
    return verdict.sentences(evaluation.rows, METRICS, evaluation.settings["windows"], evaluation.memorisation)


def heading(evaluation) -> str:
    """A line that names the model, the samples and the recording."""
    settings = evaluation.settings
    samples = settings["samples"] or "samples"
    about = f"{settings['windows']} windows of {samples} against {settings['recording']}"
    return f"Model: {settings['model'] or 'unknown'}; {about}"


def text(evaluation) -> str:
    """The whole evaluation with aligned columns: heading, a table for each group, legend, notes and verdict."""
    tables = [
        "\n".join([f"{group.capitalize()}. {GROUPS[group]}", *aligned(cells(evaluation.rows, group))])
        for group in groups(evaluation.rows)
    ]
    legend = [LOWER_IS_BETTER, *(f"{header}: {meaning}." for header, meaning in LEGEND.items())]
    parts = [heading(evaluation), *tables, "\n".join(legend)]
    parts += ["\n".join(lines) for lines in (notes(evaluation), sentences(evaluation)) if lines]
    return "\n\n".join(parts)


def plain(evaluation) -> dict:
    """The content of metrics.json."""
    values = output.header() | {"settings": evaluation.settings, "metrics": evaluation.rows}
    if evaluation.memorisation is not None:
        values["memorisation"] = {
            "p": evaluation.memorisation.p_value,
            "effect": evaluation.memorisation.effect,
        }
    return values


def definitions(group) -> dict:
    """{metric: definition and reference} of a group."""
    members = [metric for metric in (*METRICS.values(), COPYING) if metric.group == group]
    return {metric.name: f"{metric.definition} Source: {metric.reference}." for metric in members}


def definitions_markdown() -> str:
    """All groups and metrics, for docs/metrics.md; lines of at most 100 characters."""
    parts = []
    for group, meaning in GROUPS.items():
        items = [
            textwrap.fill(f"- `{name}`: {definition}", 100, subsequent_indent="  ", break_long_words=False)
            for name, definition in definitions(group).items()
        ]
        parts.append("\n".join([textwrap.fill(f"**{group.capitalize()}.** {meaning}", 100), "", *items]))
    return "\n\n".join(parts)
