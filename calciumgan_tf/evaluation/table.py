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
OF_SEVERAL = ("correlation_kl", "covariance_kl", "van_rossum_kl", "correlation_rmse", "population_count_kl")
LEGEND = {
    "floor": "the recording's own training part against its held-out part: what a perfect model would get",
    "within": "one half of the training part against the other: sampling noise without drift",
    "generated": "generated windows against the held-out part, with a 95 % bootstrap interval over generated windows",
    "generated_vs_training": "generated windows against the training part",
    "dichotomized_gaussian": "a dichotomised Gaussian fitted to the training part's spikes, against the held-out part",
    "shuffled": "training windows whose neurons come from different windows, against the held-out part",
}


DEFINITIONS = {
    "firing_rate_kl": "how differently each neuron's firing rate is distributed over windows",
    "correlation_kl": "how differently a window's correlations (of spike counts in 500 ms) are distributed over pairs",
    "covariance_kl": "the same for covariances, each neuron's variance included",
    "van_rossum_kl": "the same for van Rossum distances (1 s), which compare the spike times of two neurons",
    "firing_rate_rmse": "difference of each neuron's mean firing rate, root mean square over neurons",
    "correlation_rmse": "difference of each pair's correlation over all windows together, root mean square over pairs",
    "population_count_kl": "how differently the number of neurons active in the same frame is distributed",
    "isi_mean_rmse": "difference of each neuron's mean interval between spikes",
    "isi_sd_rmse": "difference of the standard deviation of these intervals",
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


def aligned(lines) -> list:
    """Lines of cells as strings of equal length, the first column to the left, the others to the right."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return [
        "  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(line, widths)))
        for line in lines
    ]


def text(rows) -> str:
    """The table with aligned columns, its legend, its notes and its verdict."""
    table = aligned(cells(rows))
    legend = [f"{HEADERS[column]}: {meaning}" for column, meaning in LEGEND.items()]
    notes = [f"{name}: {row['note']}" for name, row in rows.items() if row["note"]]
    return "\n".join([*table, "", "All lower is better, 0 is equal.", *legend, *notes, "", *verdict(rows)])


def verdict(rows) -> list:
    """Which metrics are near the floor, which can't tell, and where a baseline beats the generated windows."""

    def exceeds(row, column, other, factor=1.0):
        return None not in (row[column], row[other]) and row[column] > factor * row[other]

    def where(condition):
        return ", ".join(name for name, row in rows.items() if condition(name, row)) or "none"

    def blunt(name, row):
        return name in OF_SEVERAL and not exceeds(row, "shuffled", "floor", 2)

    def near(name, row):
        return row["generated"] is not None and not exceeds(row, "generated", "floor", 2) and not blunt(name, row)

    def below_gaussian(_, row):
        return exceeds(row, "generated", "dichotomized_gaussian")

    def undefined(_, row):
        return row["generated"] is None

    lines = [
        f"Within twice the floor: {where(near)}.",
        f"Can't tell here, since even neurons shuffled apart are within twice the floor: {where(blunt)}.",
        f"Worse than a dichotomised Gaussian: {where(below_gaussian)}.",
        "Worse than the recording with its neurons shuffled apart, which keeps every neuron's own statistics: "
        f"{where(lambda name, row: name in OF_SEVERAL and exceeds(row, 'generated', 'shuffled'))}.",
    ]
    if where(undefined) != "none":
        lines.append(f"Undefined, so that nothing can be said: {where(undefined)}.")
    return lines
