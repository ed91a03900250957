"""The tables of a reproduction: the original's figures, floor, the model trained here, and the baselines."""

import csv
import io

import numpy as np

from calciumgan_tf.config import options
from calciumgan_tf.evaluation.tables import number
from calciumgan_tf.reproduction import original
from calciumgan_tf.reproduction.plan import RECORDING, TRUTH, UNSHUFFLED

BESIDE = {"floor": "floor", "dichotomized_gaussian": "dichotomised Gaussian", "shuffled": "shuffled"}
KERNEL = ("indicator", "tau_rise", "tau_decay")
NOT_SHOWN = ("dataset", "synthetic_neurons", "frame_rate", *KERNEL, "split", "seed", "precision")
DISTRIBUTED = ("firing_rate_kl", "correlation_kl", "van_rossum_kl")


def of_results(results, table, label="") -> list:
    """Rows of a table that all seeds have.

    Args:
      results: one of experiment.result for each seed.
      table: name of the table in them.
      label: added to the names of the rows.

    Returns:
      list of {'row', 'unit', 'original', 'ours': (mean, SD over seeds), and the columns of BESIDE, means over seeds}.
    """
    rows = []
    for name, first in results[0]["tables"][table].items():
        values = {
            column: [result["tables"][table][name].get(column) for result in results]
            for column in ("generated", *BESIDE)
        }
        known = {column: [one for one in ones if one is not None] for column, ones in values.items()}
        ours = known.pop("generated")
        rows.append(
            {
                "row": f"{name}{label}",
                "unit": first["unit"],
                "original": original.FIGURES.get(name),
                "ours": (float(np.mean(ours)), float(np.std(ours, ddof=1)) if len(ours) > 1 else None)
                if ours
                else None,
                **{column: float(np.mean(ones)) if ones else None for column, ones in known.items()},
            }
        )
    return rows


def hyper_parameters(config, parameters, paper, built) -> list:
    """Rows of the first table: (name, the original's value, ours).

    Args:
      config: Config of the trainings here.
      parameters: {'generator', 'critic': how many its models have}.
      paper: Config with the original's settings.
      built: the same as `parameters`, of models built here with these settings and as many neurons.
    """
    ours, theirs = config.flags(), paper.flags()
    names = [name for name, (part, field) in options().items() if _is_shown(name, part, field, config.model)]
    rows = [(name, theirs[name], ours[name]) for name in names]
    rows += [(f"{name} parameters", original.PARAMETERS[name], count) for name, count in parameters.items()]
    settings = "parameters with the original's settings and neurons"
    return rows + [(f"{name} {settings}", original.PARAMETERS[name], count) for name, count in built.items()]


def _is_shown(name, part, field, model):
    if name in NOT_SHOWN or (part == "physiological" and model != "physiological"):
        return False
    return name == "steps" or not field.metadata["budget"]


def all_tables(results) -> dict:
    """{title: rows} of the tables with columns.

    Args:
      results: {experiment: [result of each seed]}.
    """
    recorded = results.get(RECORDING) or results[TRUTH]
    shuffle = [
        row
        for label, ones in ((", on", recorded), (", off", results[UNSHUFFLED]))
        for table in ("losses", "statistics")
        for row in of_results(ones, table, label)
    ]
    spread = [row for row in of_results(recorded, "distributions") if row["row"].startswith(DISTRIBUTED)]
    return {
        "Known truth": of_results(results[TRUTH], "known_truth"),
        "Spike statistics": of_results(recorded, "statistics"),
        "Distribution of the divergences": spread,
        "Phase shuffle": sorted(shuffle, key=lambda row: row["row"].rsplit(",", 1)[0]),
    }


def markdown(first, tables, about, model) -> str:
    """All tables as Markdown.

    Args:
      first: of `hyper_parameters`.
      tables: of `all_tables`.
      about: {title: what stands above the table}.
      model: name of the model trained here, the header of its column.
    """
    headers = ("", "original", "floor", f"`{model}`", "dichotomised Gaussian", "shuffled")
    lines = ["## Hyper-parameters", "", about["Hyper-parameters"], ""]
    lines += _markdown(("", "original", f"`{model}`"), [[_plain(cell) for cell in row] for row in first])
    for title, rows in tables.items():
        lines += ["", f"## {title}", "", about[title], ""]
        lines += _markdown(headers, [_cells(row) for row in rows])
    return "\n".join(lines) + "\n"


def comma_separated(first, tables, model) -> str:
    """All tables in one, in full precision; a column for the model's mean over seeds and one for its SD."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "row", "unit", "original", "original_floor", model, f"{model}_sd", *BESIDE])
    for name, theirs, ours in first:
        writer.writerow(["Hyper-parameters", name, "", theirs, "", ours])
    for title, rows in tables.items():
        for row in rows:
            theirs, ours = (row[key] or (None, None) for key in ("original", "ours"))
            writer.writerow([title, row["row"], row["unit"], *theirs, *ours, *(row[column] for column in BESIDE)])
    return text.getvalue()


def _markdown(headers, rows):
    return ["| " + " | ".join(row) + " |" for row in (headers, ["---"] * len(headers), *rows)]


def _cells(row):
    name = f"{row['row']} ({row['unit']})" if row["unit"] else row["row"]
    theirs = "-"
    if row["original"]:
        value, floor = row["original"]
        theirs = number(value) if floor is None else f"{number(value)} (its floor {number(floor)})"
    ours = "-"
    if row["ours"]:
        mean, sd = row["ours"]
        ours = number(mean) if sd is None else f"{number(mean)} ± {sd:.2g}"
    beside = {column: number(row[column]) for column in BESIDE}
    return [name, theirs, beside["floor"], ours, beside["dichotomized_gaussian"], beside["shuffled"]]


def _plain(value):
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
