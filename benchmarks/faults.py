"""Which metrics detect which planted fault, and how often they detect one where there is none: docs/metrics.md.

    python benchmarks/faults.py
    python benchmarks/faults.py --windows=1000 --recordings=40

A cell is the metric's value for the faulty windows over its floor, or a p value. It is marked where the metric says
that something is wrong (planted_faults.detects). The first column counts the recordings, each of another population,
in which it says so of windows without any fault.
"""

import argparse
import collections
import json
import pathlib

import measure
import planted_faults

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.evaluation.registry import COPYING, METRICS

FRAMES = 512  # of a window: in 256, correlation_kl cannot tell white noise from the recording
WITHOUT_FAULT = ("none", "held-out windows")  # sets that no metric should mark, not shown
NAMES = (*METRICS, COPYING.name)
BEGIN, END = "<!-- made by: python benchmarks/faults.py -->", "<!-- end of what is made -->"


def evaluations(names, windows, frames, seed=0):
    """{fault: reference.Evaluation}, all against one recording.

    Args:
      names: of planted_faults.FAULTS.
      windows, frames: number and length of the windows of each set.
      seed: of the population.
    """
    truth = planted_faults.Truth(seed=seed)
    data = truth.recording()
    parts = split_frames(data.frames, frames)
    reference = Reference.fit(data, parts, windows, diagnostics=True)
    recorded = {
        part: RecordedWindows(data.traces, parts, getattr(parts, part), windows)[:] for part in ("training", "heldout")
    }
    fresh = truth.windows(windows, frames)
    return {name: reference.compare(planted_faults.plant(name, fresh, **recorded)) for name in names}


def cell(name, evaluation):
    """What the table shows of a metric."""
    mark = " **!**" if planted_faults.detects(name, evaluation) else ""
    if name == COPYING.name:
        return f"p {evaluation.memorisation.p_value:.2g}{mark}"
    row = evaluation.rows[name]
    if row["p"] and row["p"]["generated"] is not None:
        return f"p {row['p']['generated']:.2g}{mark}"
    if row["generated"] is None:
        return f"undefined{mark}"
    return f"{row['generated'] / row['floor']:.2g} x{mark}" if row["floor"] else f"{row['generated']:.2g}{mark}"


def table(columns, alarms, recordings):
    """Markdown: a row for each metric, a column for each fault."""
    shown = {fault: evaluation for fault, evaluation in columns.items() if fault not in WITHOUT_FAULT}
    lines = [["metric", f"false alarms of {recordings}", *shown], ["---"] * (len(shown) + 2)]
    lines += [
        [f"`{name}`", str(alarms[name] or "-"), *(cell(name, evaluation) for evaluation in shown.values())]
        for name in NAMES
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=400, help="of each set")
    parser.add_argument("--recordings", type=int, default=10, help="without a fault")
    parser.add_argument("--output", type=pathlib.Path, default=measure.ROOT / "docs" / "metrics.md")
    parser.add_argument("--quick", action="store_true", help="one recording, few short windows: for correctness")
    arguments = parser.parse_args()
    windows, frames, recordings = (30, 64, 1) if arguments.quick else (arguments.windows, FRAMES, arguments.recordings)
    alarms = collections.Counter()
    for seed in range(recordings):
        evaluation = evaluations(["none"], windows, frames, seed + 1)["none"]
        alarms.update(name for name in NAMES if planted_faults.detects(name, evaluation))
    columns = evaluations(planted_faults.FAULTS[: 1 if arguments.quick else None], windows, frames)
    parts = [BEGIN, table(columns, alarms, recordings), "## The metrics", tables.definitions_markdown(), END]
    if not arguments.quick:
        text = arguments.output.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        arguments.output.write_text(before + "\n\n".join(parts) + rest.split(END)[1], encoding="utf-8")
    detected = {fault: sum(planted_faults.detects(name, one) for name in NAMES) for fault, one in columns.items()}
    share = sum(alarms.values()) / (recordings * len(NAMES))
    result = {"faults": len(columns), "metrics": len(NAMES), "false_alarms": share, "detected_by": detected}
    print(json.dumps({"benchmark": "faults"} | result))


if __name__ == "__main__":
    main()
