"""The table as text, and what it says in words."""

from calciumgan_tf.evaluation.evaluate import COLUMNS

HEADERS = {
    "floor": "floor",
    "within": "within",
    "generated": "generated",
    "generated_vs_training": "vs training",
    "dichotomized_gaussian": "DG",
    "shuffled": "shuffled",
}
LEGEND = {
    "floor": "the recording's own training part against its held-out part: what a perfect model would get",
    "within": "one half of the training part against the other: sampling noise without drift",
    "generated": "generated windows against the held-out part, with a 95 % bootstrap interval over generated windows",
    "generated_vs_training": "generated windows against the training part",
    "dichotomized_gaussian": "a dichotomised Gaussian fitted to the training part's spikes, against the held-out part",
    "shuffled": "training windows whose neurons come from different windows, against the held-out part",
}


def number(value) -> str:
    """Three significant digits; a dash where there is no value."""
    return "-" if value is None else f"{value:.3g}"


def cells(rows) -> list:
    """The table as strings, headers first: metric, columns, 95 % interval, what it is an average over."""
    lines = [["metric", *HEADERS.values(), "95 % of generated", "over"]]
    for name, row in rows.items():
        interval = "-" if row["ci95"] is None else f"{number(row['ci95'][0])} .. {number(row['ci95'][1])}"
        title = f"{name} ({row['unit']})" if row["unit"] else name
        lines.append([title, *(number(row[column]) for column in COLUMNS), interval, row["n"]])
    return lines


def text(rows) -> str:
    """The table with aligned columns, its legend, its notes and its verdict."""
    lines = cells(rows)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    aligned = [
        [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(line, widths))]
        for line in lines
    ]
    table = ["  ".join(line) for line in aligned]
    legend = [f"{HEADERS[column]}: {meaning}" for column, meaning in LEGEND.items()]
    notes = [f"{name}: {row['note']}" for name, row in rows.items() if row["note"]]
    return "\n".join([*table, "", "All lower is better, 0 is equal.", *legend, *notes, "", *verdict(rows)])


def verdict(rows) -> list:
    """Which metrics are near the floor, and where a baseline beats the generated windows."""

    def where(condition):
        return ", ".join(name for name, row in rows.items() if condition(row)) or "none"

    def above(column, factor=1.0):
        return lambda row: None not in (row["generated"], row[column]) and row["generated"] > factor * row[column]

    near = where(lambda row: None not in (row["generated"], row["floor"]) and row["generated"] <= 2 * row["floor"])
    return [
        f"Within twice the floor: {near}.",
        f"Worse than a dichotomised Gaussian: {where(above('dichotomized_gaussian'))}.",
        f"Worse than the recording with its neurons shuffled apart: {where(above('shuffled'))}.",
    ]
