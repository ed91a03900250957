"""The tables of a reproduction: the original's figures, floor, the models trained here, and the baselines."""

import csv
import io
import textwrap

import numpy as np

from calciumgan_tf.config import options
from calciumgan_tf.evaluation.tables import number
from calciumgan_tf.reproduction import original
from calciumgan_tf.reproduction.plan import LONG, RECORDING, TRUTH, UNSHUFFLED

BASELINES = {"dichotomized_gaussian": "dichotomised Gaussian", "shuffled": "shuffled"}
BESIDE = {"floor": "floor"} | BASELINES
KNOWN: dict[str, dict] = {"original": original.FIGURES, "other run of the original's code": original.OTHER_RUN}
KERNEL = ("indicator", "tau_rise", "tau_decay")
NOT_SHOWN = ("dataset", "synthetic_neurons", "frame_rate", *KERNEL, "split", "seed", "precision")
NOTHING = "-"
WIDTH = 100  # columns of prose
DISTRIBUTED = ("firing_rate_kl", "correlation_kl", "van_rossum_kl")


def of_results(results, table, label="") -> list:
    """Rows of a table that all seeds have.

    Args:
      results: {model: [experiment.result of each seed]}.
      table: name of the table in them.
      label: added to the names of the rows.

    Returns:
      list of {'row', 'unit', 'models': {model: (mean, SD over seeds) or None}, a key of KNOWN: what is known or None, a
      key of BESIDE: the mean over all trainings or None}.
    """
    found = {model: [result["tables"][table] for result in ones] for model, ones in results.items()}
    every = [one for ones in found.values() for one in ones]
    units = {name: row["unit"] for one in every for name, row in one.items()}
    rows = []
    for name, unit in units.items():
        models = {model: _spread([one.get(name, {}).get("generated") for one in ones]) for model, ones in found.items()}
        beside = {column: _spread([one.get(name, {}).get(column) for one in every]) for column in BESIDE}
        rows.append(
            {"row": f"{name}{label}", "unit": unit, "models": models}
            | {column: figures.get(name) for column, figures in KNOWN.items()}
            | {column: value and value[0] for column, value in beside.items()}
        )
    return rows


def _spread(values):
    """Mean and SD of the known ones among values, the SD None for a single one; None if there are none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return float(np.mean(known)), float(np.std(known, ddof=1)) if len(known) > 1 else None


def hyper_parameters(configs, parameters, paper, built) -> list:
    """Rows of the first table: (name, the original's value, {model: its value}).

    Args:
      configs: {model: Config of its trainings here}.
      parameters: {model: {'generator', 'critic': how many it has}}.
      paper: Config with the original's settings.
      built: {'generator', 'critic': parameters of models built here with these settings and as many neurons}.
    """
    ours, theirs = {model: config.flags() for model, config in configs.items()}, paper.flags()
    names = [name for name, (part, field) in options().items() if _is_shown(name, part, field, configs)]
    rows = [(name, theirs[name], {model: flags[name] for model, flags in ours.items()}) for name in names]
    for which, theirs in original.PARAMETERS.items():
        counts = {model: counts[which] for model, counts in parameters.items() if which in counts}
        rows.append((f"{which} parameters", theirs, counts))
    # The same layers, built with the original's settings and neurons: they have to agree.
    settings = "parameters with the original's settings and neurons"
    return rows + [(f"{which} {settings}", original.PARAMETERS[which], {paper.model: built[which]}) for which in built]


def _is_shown(name, part, field, models):
    if name in NOT_SHOWN or (part == "physiological" and "physiological" not in models):
        return False
    return name == "steps" or not field.metadata["budget"]


def all_tables(results) -> dict:
    """{title: rows} of the tables with columns; a table without rows is left out.

    Args:
      results: {experiment: {model: [result of each seed]}}.
    """
    recorded = results.get(RECORDING) or results[TRUTH]
    without = results.get(UNSHUFFLED, {})
    shuffled = {model: recorded[model] for model in without}
    long = results.get(LONG, {})
    tables = {
        "Known truth": of_results(results[TRUTH], "known_truth"),
        "Spike statistics": of_results(recorded, "statistics"),
        "Distribution of the divergences": [
            row for row in of_results(recorded, "distributions") if row["row"].startswith(DISTRIBUTED)
        ],
        "Phase shuffle": _side_by_side(("losses", "statistics"), {", on": shuffled, ", off": without}),
        "Length of a window": _side_by_side(("statistics",), {", short": recorded if long else {}, ", 2048": long}),
    }
    return {title: rows for title, rows in tables.items() if rows}


def _side_by_side(tables, labelled):
    """Rows of two experiments, those of one metric below each other."""
    rows = [row for label, results in labelled.items() for table in tables for row in of_results(results, table, label)]
    return sorted(rows, key=lambda row: row["row"].rsplit(",", 1)[0])


def markdown(first, tables, about, models) -> str:
    """All tables as Markdown; a column that holds nothing in a table is left out of it.

    Args:
      first: of `hyper_parameters`.
      tables: of `all_tables`.
      about: {title: what stands above the table}.
      models: names of the models trained here, in the order of their columns.
    """
    lines = ["## Hyper-parameters", "", textwrap.fill(about["Hyper-parameters"], WIDTH), ""]
    cells = [[name, _plain(theirs), *(_plain(ours.get(model)) for model in models)] for name, theirs, ours in first]
    lines += _markdown(["", "original", *(f"`{model}`" for model in models)], cells)
    for title, rows in tables.items():
        lines += ["", f"## {title}", "", textwrap.fill(about[title], WIDTH), ""]
        columns = {"": _name} | {name: _known(name) for name in KNOWN} | {"floor": _beside("floor")}
        columns |= {f"`{model}`": _ours(model) for model in models}
        columns |= {header: _beside(name) for name, header in BASELINES.items()}
        filled = {header: [cell(row) for row in rows] for header, cell in columns.items()}
        filled = {header: cells for header, cells in filled.items() if set(cells) != {NOTHING}}
        lines += _markdown(list(filled), zip(*filled.values()))
    return "\n".join(lines) + "\n"


def comma_separated(first, tables, models) -> str:
    """All tables in one, in full precision; a column for a model's mean over seeds and one for its SD."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    ours = [name for model in models for name in (model, f"{model}_sd")]
    known = ["original", "original_floor", "other_run_least", "other_run_largest"]
    writer.writerow(["table", "row", "unit", *known, *ours, *BESIDE])
    for name, theirs, values in first:
        cells = [cell for model in models for cell in (values.get(model), None)]
        writer.writerow(["Hyper-parameters", name, "", theirs, None, None, None, *cells])
    for title, rows in tables.items():
        for row in rows:
            theirs = [value for name in KNOWN for value in row[name] or (None, None)]
            found = [value for model in models for value in row["models"].get(model) or (None, None)]
            writer.writerow([title, row["row"], row["unit"], *theirs, *found, *(row[column] for column in BESIDE)])
    return text.getvalue()


def _markdown(headers, rows):
    return ["| " + " | ".join(row) + " |" for row in (headers, ["---"] * len(headers), *rows)]


def _name(row):
    return f"{row['row']} ({row['unit']})" if row["unit"] else row["row"]


def _known(column):
    """The cell of a value with the floor that is known beside it, or of a range."""
    joined = "{} (its floor {})" if column == "original" else "{} to {}"

    def cell(row):
        if not row[column]:
            return NOTHING
        first, second = row[column]
        return number(first) if second is None else joined.format(number(first), number(second))

    return cell


def _ours(model):
    def cell(row):
        if not row["models"].get(model):
            return NOTHING
        mean, sd = row["models"][model]
        return number(mean) if sd is None else f"{number(mean)} ± {sd:.2g}"

    return cell


def _beside(column):
    return lambda row: NOTHING if row[column] is None else number(row[column])


def _plain(value):
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
