"""The trust metrics as text, and what they say in words."""

import inspect

from calciumgan_tf.evaluation.comparison import COLUMNS
from calciumgan_tf.evaluation.diagnostics import METRICS, TESTED
from calciumgan_tf.evaluation.spike_table import BEYOND, HEADERS, aligned, beyond_the_floor, interval, number, title

SIGNIFICANT, TWICE = 0.01, 2
COPIED = 1e-6  # p of the memorisation test below which windows count as copies
SECTIONS = {
    "dynamics": "How traces and events go on in time, of neurons and the population; root mean squared differences.",
    "distributions": "Whether windows as wholes can be told apart, by mean, SD and step of each trace (traces) or by "
    "each neuron's spikes and how they go together (spikes). A classifier: area under its ROC curve less .5: 0, or "
    "below by chance, where it can't tell, .5 where it always can. p: of permutations of windows that share no frame; "
    "none where there are too few of them.",
    "coverage": "Whether the generated windows are as many-sided as the recorded ones.",
    "usefulness": "A linear decoder of each neuron from the others, learned from one set, tried on the other: share "
    "of variance that it misses. Not 0 for equal sets: compare with the floor, which learns from the recording.",
}


def cells(rows, section) -> list:
    """One section as strings, headers first: metric, columns, interval of generated less floor, p values if any."""
    chosen = {name: row for name, row in rows.items() if row["section"] == section}
    tested = TESTED if any(row["p"] for row in chosen.values()) else ()
    lines = [["metric", *HEADERS.values(), BEYOND, *(f"p {HEADERS[column]}" for column in tested)]]
    for name, row in chosen.items():
        ps = [number(row["p"][column]) for column in tested]
        lines.append([title(name, row), *(number(row[column]) for column in COLUMNS), interval(row), *ps])
    return lines


def definitions(section) -> dict:
    """{metric: the first line of its docstring}; docs/metrics.md has the whole."""
    return {name: inspect.getdoc(source).splitlines()[0] for name, (source, _) in METRICS[section].items()}


def text(trust) -> str:
    """All sections with aligned columns, and the verdict."""
    parts = [
        "\n".join([f"{section.upper()}. {meaning}", *aligned(cells(trust.rows, section))])
        for section, meaning in SECTIONS.items()
    ]
    return "\n\n".join([*parts, "\n".join(verdict(trust))])


def told(row, column) -> bool:
    """Whether a permutation test tells the two sets of a column apart."""
    return bool(row["p"]) and (row["p"][column] or 1) < SIGNIFICANT


def told_beyond_drift(row) -> bool:
    """Whether generated windows are told from the held-out part, and the training part is not, or half as far."""
    return told(row, "generated") and (not told(row, "floor") or row["generated"] > TWICE * row["floor"])


def verdict(trust) -> list:
    """What is beyond the floor, what is told apart, and whether windows were copied."""
    rows, nearest = trust.rows, trust.memorisation

    def where(condition):
        return ", ".join(name for name, row in rows.items() if condition(row)) or "none"

    return [
        beyond_the_floor(rows),
        f"Told from the held-out part (p < {SIGNIFICANT}), and the recording's own training part is not, or not half "
        f"as far: {where(told_beyond_drift)}.",
        "Told from the held-out part, but so is the training part, since the recording drifts: "
        f"{where(lambda row: told(row, 'generated') and not told_beyond_drift(row))}.",
        f"Undefined, so that nothing can be said: {where(lambda row: row['generated'] is None)}.",
        f"{_copying(nearest.p_value)} (Mann-Whitney p = {nearest.p_value:.2g}; a generated window is farther from the "
        f"training window next to it than a held-out one is with probability {nearest.effect:.2f}).",
    ]


def _copying(p):
    if p < COPIED:
        return "Copying: generated windows are nearer to training windows than held-out ones are"
    if p < SIGNIFICANT:
        return (
            "Generated windows are nearer to training windows than held-out ones are, by copying or by whatever else "
            "they differ in; look at the closest pairs"
        )
    return "No sign of copying: generated windows are no nearer to training windows than held-out ones are"
