"""Tables and curves of what benchmarks/fidelity.py measured: docs/fidelity/tables.md and a picture a task.

python benchmarks/fidelity_report.py
"""

import argparse
import collections
import pathlib
import statistics

import fidelity
import measure

FOLDER = measure.ROOT / "docs" / "fidelity"
CURVES = (
    "firing_rate_kl",
    "firing_rate_rmse",
    "correlation_rmse",
    "population_count_kl",
    "isi_mean_rmse",
    "isi_sd_rmse",
)
REFERENCES = {"floor": "-", "dichotomized_gaussian": ":", "shuffled": "--"}  # column: line style
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe and Ito 2008


def median(values):
    """Median of those that are defined, or None."""
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def text(value):
    """Three digits."""
    return "-" if value is None else f"{value:.3g}"


def grouped(found):
    """{(task, part): {(model, recipe, minutes): {moment: [line of each seed]}}}."""
    groups = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(list)))
    for line in found:
        groups[line["task"], line["part"]][line["model"], line["name"], line["minutes"]][line["moment"]].append(line)
    return groups


def column(lines, metric, name):
    """Median of a column over lines."""
    return median([line["metrics"][metric][name] for line in lines])


def table(recipes):
    """Markdown of one task: a recipe a row, the median of its seeds at the last moment."""
    last = {recipe: moments[max(moments)] for recipe, moments in recipes.items()}
    everything = [line for lines in last.values() for line in lines]
    metrics = list(everything[0]["metrics"])
    header = ["recipe", "model", "minutes", "cores", "seeds", "steps", *metrics, "p of copying"]
    rows = [header, ["---"] * len(header)]
    for name in ("floor", "within", "dichotomized_gaussian", "shuffled"):
        rows.append([f"*{name}*", *[""] * 5, *(text(column(everything, metric, name)) for metric in metrics), ""])
    for (model, recipe, minutes), lines in last.items():
        about = [
            model,
            f"{minutes:g}",
            str(lines[0]["cores"]),
            str(len(lines)),
            f"{median([line['step'] for line in lines]):.0f}",
        ]
        copying = text(median([line["copying"]["p"] for line in lines if "copying" in line]))
        values = [text(column(lines, metric, "generated")) for metric in metrics]
        rows.append([f"`{recipe}`", *about, *values, copying])
        if lines[0]["part"] == "heldout":
            values = [text(column(lines, metric, "generated_vs_training")) for metric in metrics]
            rows.append([f"`{recipe}` against training", *about, *values, ""])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def draw(recipes, path):
    """Metrics over training time: the median of the seeds, all seeds as a band, floor and baselines as lines."""
    from calciumgan_tf.plotting import style

    drawing, axes = style.figure(5.2, 2, 3, sharex=True)
    everything = [line for moments in recipes.values() for lines in moments.values() for line in lines]
    for axis, metric in zip(axes.ravel(), CURVES):
        for name, line_style in REFERENCES.items():
            level = column(everything, metric, name)
            if level is not None:
                axis.axhline(level, color="grey", linestyle=line_style, linewidth=1, label=name.replace("_", " "))
        for (model, recipe, minutes), colour in zip(recipes, COLOURS):
            moments = sorted(recipes[model, recipe, minutes].items())
            label = recipe if recipe == model else f"{model}: {recipe}"
            times = [minutes * number / lines[0]["of"] for number, lines in moments]
            values = [[line["metrics"][metric]["generated"] for line in lines] for _, lines in moments]
            axis.plot(times, [median(several) for several in values], "o-", color=colour, markersize=3, label=label)
            known = [[value for value in several if value is not None] or [float("nan")] for several in values]
            axis.fill_between(
                times, list(map(min, known)), list(map(max, known)), color=colour, alpha=0.15, linewidth=0
            )
        unit = everything[0]["metrics"][metric]["unit"]
        axis.set_title(f"{metric} ({unit})" if unit else metric, fontsize=8)
        axis.set_yscale("log")
        axis.tick_params(which="both", labelsize=7)
    for axis in axes[-1]:
        axis.set_xlabel("minutes of training", fontsize=8)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7, frameon=False)
    style.save(drawing, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", default=FOLDER / "runs.jsonl", help="lines of benchmarks/fidelity.py")
    parser.add_argument("--output", default=FOLDER, type=pathlib.Path, help="folder of the table and the pictures")
    asked = parser.parse_args()
    parts = ["<!-- made by: python benchmarks/fidelity_report.py -->"]
    for (task, part), recipes in sorted(grouped(fidelity.lines(asked.results)).items()):
        parts.append(f"## {task}, against the {part} part\n\n{table(recipes)}")
        curves = {recipe: moments for recipe, moments in recipes.items() if len(moments) > 1}
        if part == "heldout" and curves:
            draw(curves, asked.output / f"{task}.png")
            parts.append(f"![{task}]({task}.png)")
    (asked.output / "tables.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
