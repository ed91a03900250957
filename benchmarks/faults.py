"""Which metrics tell which planted fault: the table of docs/metrics.md.

    python benchmarks/faults.py
    python benchmarks/faults.py --windows=1000

A cell is the metric's value for the faulty windows over its floor, or a p value; marked where the metric says that
something is wrong (calciumgan_tf/trust/faults.py). The data are the ready-made synthetic ones, whose truth gives
windows without a fault.
"""

import argparse
import inspect
import json
import pathlib

import measure

from calciumgan_tf.evaluation import evaluate, metrics
from calciumgan_tf.evaluation.table import DEFINITIONS
from calciumgan_tf.split import RecordedWindows, split_frames
from calciumgan_tf.synthetic import datasets
from calciumgan_tf.trust import assess, coverage, dynamics_metrics, faults, two_sample, usefulness
from calciumgan_tf.trust.table import SECTIONS

FRAMES = 256  # of a window
BEGIN, END = "<!-- made by: python benchmarks/faults.py -->", "<!-- end of what is made -->"
SOURCES = {  # metric: where its docstring is
    **{name: function for name, (function, _) in dynamics_metrics.STATISTICS.items()},
    "sliced_wasserstein": two_sample.SlicedWasserstein,
    "mmd": two_sample.MaximumMeanDiscrepancy,
    "classifier": two_sample.Classifier,
    assess.DECODING: usefulness.decoding_error,
}


def found(name, windows, frames):
    """Evaluation and Trust of a fault."""
    truth = datasets.population()
    data = truth.recording()
    parts = split_frames(data.frames, frames)
    recorded = {
        part: RecordedWindows(data.traces, parts, getattr(parts, part), windows)[:] for part in ("training", "heldout")
    }
    planted = faults.plant(name, truth.windows(windows, frames)[1], **recorded)
    collected = assess.Collector(data, parts)
    evaluation = evaluate.evaluate(data, parts, planted, observe=collected)
    return evaluation, assess.assess(data, parts, planted, collected)


def cell(metric, evaluation, trust):
    """What the table shows."""
    mark = " **!**" if faults.tells(metric, evaluation, trust) else ""
    if metric == "memorisation":
        return f"p {trust.memorisation.p_value:.2g}{mark}"
    row = trust.rows.get(metric) or evaluation.rows[metric]
    if row.get("p"):
        return f"p {row['p']['generated']:.2g}{mark}"
    if row["generated"] is None:
        return f"undefined{mark}"
    return f"{row['generated'] / row['floor']:.2g} x{mark}" if row["floor"] else f"{row['generated']:.2g}{mark}"


def table(columns):
    """Markdown: a metric a row, a fault a column."""
    first = next(iter(columns.values()))
    names = [*metrics.UNITS, *first[1].rows, "memorisation"]
    lines = [["metric", *columns], ["---"] * (len(columns) + 1)]
    lines += [[f"`{name}`", *(cell(name, *pair) for pair in columns.values())] for name in names]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def definitions():
    """Every metric with its docstring's first paragraph."""
    lines = [f"- `{name}`: {meaning}." for name, meaning in DEFINITIONS.items()]
    lines += [f"- `{name}`: {' '.join(inspect.getdoc(source).split())}" for name, source in SOURCES.items()]
    lines.append(f"- {', '.join(f'`{name}`' for name in coverage.UNITS)}: {_first(coverage.compare)}")
    return "\n".join(lines)


def _first(source):
    return " ".join(inspect.getdoc(source).split("Args:")[0].split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=400, help="of each set")
    parser.add_argument("--output", type=pathlib.Path, default=measure.ROOT / "docs" / "metrics.md")
    parser.add_argument("--quick", action="store_true", help="one fault, few short windows: for correctness")
    asked = parser.parse_args()
    windows, frames = (30, 64) if asked.quick else (asked.windows, FRAMES)
    columns = {name: found(name, windows, frames) for name in faults.FAULTS[: 1 if asked.quick else None]}
    sections = "\n".join(f"- **{name}**: {meaning}" for name, meaning in SECTIONS.items())
    made = "\n\n".join([BEGIN, table(columns), "## The sections", sections, "## The metrics", definitions(), END])
    if not asked.quick:
        text = asked.output.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        asked.output.write_text(before + made + rest.split(END)[1], encoding="utf-8")
    print(
        json.dumps(
            {"benchmark": "faults", "faults": len(columns), "metrics": len(next(iter(columns.values()))[1].rows)}
        )
    )


if __name__ == "__main__":
    main()
