"""Which metrics tell which planted fault, and how often they tell one where there is none: docs/metrics.md.

    python benchmarks/faults.py
    python benchmarks/faults.py --windows=1000 --recordings=40

A cell is the metric's value for the faulty windows over its floor, or a p value; marked where the metric says that
something is wrong (calciumgan_tf/trust/faults.py). The first column counts the recordings, of other populations each,
for which it says so of windows without any fault.
"""

import argparse
import collections
import inspect
import json
import pathlib
import re

import measure
import planted_faults

from calciumgan_tf.dataset.split import RecordedWindows, split_frames
from calciumgan_tf.evaluation import comparison, diagnostics, memorisation, metrics
from calciumgan_tf.evaluation.diagnostics_table import SECTIONS

FRAMES = 512  # of a window: in 256, correlation_kl can't tell white noise from the recording
BEGIN, END = "<!-- made by: python benchmarks/faults.py -->", "<!-- end of what is made -->"


def found(name, windows, frames, seed=0):
    """Evaluation and Trust of a fault."""
    truth = planted_faults.Truth(seed=seed)
    data = truth.recording()
    parts = split_frames(data.frames, frames)
    recorded = {
        part: RecordedWindows(data.traces, parts, getattr(parts, part), windows)[:] for part in ("training", "heldout")
    }
    planted = planted_faults.plant(name, truth.windows(windows, frames), **recorded)
    collected = diagnostics.Collector(data, parts)
    evaluation = comparison.evaluate(data, parts, planted, observe=collected)
    return evaluation, diagnostics.assess(data, parts, planted, evaluation, collected)


def named(evaluation, trust):
    """All metrics."""
    return [*evaluation.rows, *trust.rows, "memorisation"]


def cell(metric, evaluation, trust):
    """What the table shows."""
    mark = " **!**" if planted_faults.tells(metric, evaluation, trust) else ""
    if metric == "memorisation":
        return f"p {trust.memorisation.p_value:.2g}{mark}"
    row = trust.rows.get(metric) or evaluation.rows[metric]
    if row.get("p"):
        return f"p {row['p']['generated']:.2g}{mark}"
    if row["generated"] is None:
        return f"undefined{mark}"
    return f"{row['generated'] / row['floor']:.2g} x{mark}" if row["floor"] else f"{row['generated']:.2g}{mark}"


def table(columns, alarms, recordings):
    """Markdown: a metric a row, a fault a column."""
    names = named(*next(iter(columns.values())))
    lines = [["metric", f"false alarms of {recordings}", *columns], ["---"] * (len(columns) + 2)]
    lines += [
        [f"`{name}`", str(alarms[name] or "-"), *(cell(name, *pair) for pair in columns.values())] for name in names
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def definitions():
    """Every metric with its docstring, without arguments."""
    spikes = {name: (metric, metrics.UNITS[name]) for name, metric in (metrics.POOLED | metrics.WINDOWED).items()}
    spikes = {name: spikes[name] for name in metrics.UNITS}
    copying = {"memorisation": (memorisation.Memorisation, "p")}
    parts = []
    for section, known in {"spike statistics": spikes, **diagnostics.METRICS, "copying": copying}.items():
        lines = [f"**{section.capitalize()}.** {SECTIONS.get(section, '')}".strip(), ""]
        for name, (source, _) in known.items():
            text = re.split("Args:|Attributes:", inspect.getdoc(source))[0]
            lines.append(f"- `{name}`: {' '.join(text.split())}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=400, help="of each set")
    parser.add_argument("--recordings", type=int, default=20, help="without a fault")
    parser.add_argument("--output", type=pathlib.Path, default=measure.ROOT / "docs" / "metrics.md")
    parser.add_argument("--quick", action="store_true", help="one recording, few short windows: for correctness")
    asked = parser.parse_args()
    windows, frames, recordings = (30, 64, 1) if asked.quick else (asked.windows, FRAMES, asked.recordings)
    alarms = collections.Counter()
    for seed in range(recordings):
        pair = found("none", windows, frames, seed + 1)
        alarms.update(name for name in named(*pair) if planted_faults.tells(name, *pair))
    columns = {name: found(name, windows, frames) for name in planted_faults.FAULTS[: 1 if asked.quick else None]}
    made = "\n\n".join([BEGIN, table(columns, alarms, recordings), "## The metrics", definitions(), END])
    if not asked.quick:
        text = asked.output.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        asked.output.write_text(before + made + rest.split(END)[1], encoding="utf-8")
    count = len(named(*next(iter(columns.values()))))
    share = sum(alarms.values()) / (recordings * count)
    print(json.dumps({"benchmark": "faults", "faults": len(columns), "metrics": count, "false_alarms": share}))


if __name__ == "__main__":
    main()
