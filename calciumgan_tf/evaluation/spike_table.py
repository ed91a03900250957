"""The table as text, and what it says in words."""

from calciumgan_tf.evaluation.comparison import COLUMNS

HEADERS = {
    "floor": "floor",
    "within": "within",
    "generated": "generated",
    "generated_vs_training": "vs training",
    "dichotomized_gaussian": "DG",
    "shuffled": "shuffled",
}
OF_SEVERAL = ("correlation_kl", "covariance_kl", "van_rossum_kl", "correlation_rmse", "population_count_kl")
BEYOND = "generated - floor"
LEGEND = {
    "floor": "the recording's own training part against its held-out part: what a perfect model would get",
    "within": "one half of the training part against the other: sampling noise without drift",
    "generated": "generated windows against the held-out part",
    "vs training": "generated windows against the training part",
    "DG": "a dichotomised Gaussian fitted to the training part's spikes, against the held-out part",
    "shuffled": "training windows whose neurons come from different windows, against the held-out part",
    BEYOND: "95 % interval of the difference, from a bootstrap over blocks of recorded windows and over generated ones",
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


def interval(row) -> str:
    """The interval of generated less floor."""
    return "-" if row["beyond"] is None else " .. ".join(map(number, row["beyond"]))


def title(name, row) -> str:
    """A metric and its unit."""
    return f"{name} ({row['unit']})" if row["unit"] else name


def cells(rows) -> list:
    """The table as strings, headers first: metric, columns, interval of generated less floor, what is averaged over."""
    lines = [["metric", *HEADERS.values(), BEYOND, "over"]]
    for name, row in rows.items():
        lines.append([title(name, row), *(number(row[column]) for column in COLUMNS), interval(row), row["n"]])
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
    legend = [f"{header}: {meaning}" for header, meaning in LEGEND.items()]
    notes = [f"{name}: {row['note']}" for name, row in rows.items() if row["note"]]
    return "\n".join([*table, "", "All lower is better, 0 is equal.", *legend, *notes, "", *verdict(rows)])


def beyond_the_floor(rows) -> str:
    """Metrics whose interval of generated less floor lies above 0, each with how many times the floor it is."""

    def times(row):
        return f" ({number(row['generated'] / row['floor'])} x floor)" if row["floor"] > 0 else ""

    beyond = [name + times(row) for name, row in rows.items() if row["beyond"] and row["beyond"][0] > 0]
    return f"Beyond the floor (95 % interval of the difference): {', '.join(beyond) or 'none'}."


def verdict(rows) -> list:
    """What is beyond the floor or near it, what can't tell, and where a baseline beats the generated windows."""

    def exceeds(row, column, other, factor=1.0):
        return None not in (row[column], row[other]) and row[column] > factor * row[other]

    def where(condition):
        return ", ".join(name for name, row in rows.items() if condition(name, row)) or "none"

    def blunt(name, row):
        return name in OF_SEVERAL and not exceeds(row, "shuffled", "floor", 2)

    def near(name, row):
        return row["generated"] is not None and not exceeds(row, "generated", "floor", 2) and not blunt(name, row)

    def worse_than_gaussian(name, row):
        return exceeds(row, "generated", "dichotomized_gaussian") and not blunt(name, row)

    def worse_than_shuffled(name, row):
        return name in OF_SEVERAL and exceeds(row, "generated", "shuffled") and not blunt(name, row)

    lines = [
        beyond_the_floor(rows),
        f"Within twice the floor: {where(near)}.",
        f"Can't tell here, since even neurons shuffled apart are within twice the floor: {where(blunt)}.",
        f"Worse than a dichotomised Gaussian: {where(worse_than_gaussian)}.",
        "Worse than the recording with its neurons shuffled apart, which keeps every neuron's own statistics: "
        f"{where(worse_than_shuffled)}.",
    ]
    undefined = where(lambda name, row: row["generated"] is None)
    return lines if undefined == "none" else [*lines, f"Undefined, so that nothing can be said: {undefined}."]
