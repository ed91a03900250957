"""The trust metrics as text, and what they say in words."""

from calciumgan_tf.evaluation.evaluate import COLUMNS
from calciumgan_tf.evaluation.table import HEADERS, aligned, number
from calciumgan_tf.trust.assess import TESTED

SIGNIFICANT, TWICE = 0.01, 2
SECTIONS = {
    "dynamics": "How traces and events go on in time, of neurons and the population; root mean squared differences.",
    "distributions": "Whether windows as wholes can be told apart. A classifier: area under its ROC curve "
    "less .5: 0, or below by chance, where it can't tell, .5 where it always can. p: of permutations of blocks of "
    "windows; none where there are too few blocks for a small one.",
    "coverage": "Whether the generated windows are as many-sided as the recorded ones.",
    "usefulness": "A linear decoder of each neuron from the others, learned from one set, tried on the other: share "
    "of variance that it misses. Not 0 for equal sets: compare with the floor, which learns from the recording.",
}


def cells(rows, section) -> list:
    """One section as strings, headers first: metric, columns, interval of generated less floor, p values."""
    lines = [["metric", *HEADERS.values(), "generated - floor", *(f"p {HEADERS[column]}" for column in TESTED)]]
    for name, row in rows.items():
        if row["section"] != section:
            continue
        title = f"{name} ({row['unit']})" if row["unit"] else name
        interval = "-" if row["beyond"] is None else " .. ".join(map(number, row["beyond"]))
        ps = [number((row["p"] or {}).get(column)) for column in TESTED]
        lines.append([title, *(number(row[column]) for column in COLUMNS), interval, *ps])
    return lines


def text(trust) -> str:
    """All sections with aligned columns, and the verdict."""
    parts = [
        "\n".join([f"{section.upper()}. {meaning}", *aligned(cells(trust.rows, section))])
        for section, meaning in SECTIONS.items()
    ]
    return "\n\n".join([*parts, "\n".join(verdict(trust))])


def told(row, column) -> bool:
    """Whether a permutation test tells the two sets of a column apart."""
    return bool(row["p"]) and row["p"].get(column, 1) < SIGNIFICANT


def told_beyond_drift(row) -> bool:
    """Whether generated windows are told from the held-out part, and the training part is not, or half as far."""
    return told(row, "generated") and (not told(row, "floor") or row["generated"] > TWICE * row["floor"])


def verdict(trust) -> list:
    """What is beyond the floor, what is told apart, and whether windows were copied."""
    rows, nearest = trust.rows, trust.memorisation

    def where(condition):
        return ", ".join(name for name, row in rows.items() if condition(row)) or "none"

    copied = nearest.p_value < SIGNIFICANT
    return [
        "Beyond the floor (95 % interval of the difference): "
        f"{where(lambda row: row['beyond'] and row['beyond'][0] > 0)}.",
        f"Told from the held-out part (p < {SIGNIFICANT}), and the recording's own training part is not, or not half "
        f"as far: {where(told_beyond_drift)}.",
        "Told from the held-out part, but so is the training part, since the recording drifts: "
        f"{where(lambda row: told(row, 'generated') and not told_beyond_drift(row))}.",
        f"{'Copying: generated' if copied else 'No sign of copying: generated'} windows are {'' if copied else 'not '}"
        f"significantly (p < {SIGNIFICANT}) nearer to training windows than held-out ones are: "
        f"Mann-Whitney p = {nearest.p_value:.2g}; a generated one is farther with probability {nearest.effect:.2f}.",
    ]
