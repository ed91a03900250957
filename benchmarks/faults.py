"""False alarms, planted faults and power of the diagnosis: the tables of docs/metrics.md.

    python benchmarks/faults.py                      # whatever is not in docs/metrics/faults.jsonl yet
    python benchmarks/faults.py --populations=20     # fewer populations without a fault
    python benchmarks/faults.py --tables             # only writes the tables again

Each task is a recording of another population (planted_faults.Truth), evaluated with windows that are perfect, have a
planted fault, or come from a population that differs a little. Its verdicts are a line of docs/metrics/faults.jsonl;
what is there is not done again.
"""

import argparse
import collections
import concurrent.futures
import json
import multiprocessing
import os
import pathlib

import measure
import planted_faults

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS, Diagnosis
from calciumgan_tf.evaluation.diagnostics.findings import DIFFERENT, EQUIVALENT, UNDETERMINED
from calciumgan_tf.spikes import deconvolution

WINDOWS, FRAMES = 400, 256  # generated windows, and frames of a window
POPULATIONS, SEEDS = 200, 3  # without a fault; of each fault and misfit
MINUTES = (15, 60)
NAMES = (*(row.name for row in ROWS), "copying", "repeated")
LINES = measure.ROOT / "docs" / "metrics" / "faults.jsonl"
BEGIN, END = "<!-- made by: python benchmarks/faults.py -->", "<!-- end of what is made -->"


def tasks(populations):
    """Pairs of what is evaluated, as (windows, minutes, seed)."""
    perfect = [("none", planted_faults.MINUTES, seed) for seed in range(populations)]
    faults = [(name, planted_faults.MINUTES, seed) for name in planted_faults.FAULTS[1:] for seed in range(SEEDS)]
    misfits = [(name, minutes, seed) for name in planted_faults.MISFITS for minutes in MINUTES for seed in range(SEEDS)]
    return faults + perfect + misfits


def evaluate(windows, minutes, seed, count=WINDOWS, frames=FRAMES):
    """The line of a task: the verdict of each row and its p value before the correction."""
    truth = planted_faults.Truth(seed=seed, frames=round(minutes * 60 * 24))
    recording = truth.recording()
    split = split_frames(recording.frames, frames)
    settings = deconvolution.fit_recording(recording, split.training)
    diagnosis = Diagnosis(recording, split, settings, seed)
    if windows in planted_faults.MISFITS:
        generated = planted_faults.Truth(seed=seed, **planted_faults.MISFITS[windows]).windows(count, frames)
    else:
        training = RecordedWindows(recording.traces, split, split.training, count)[:]
        generated = planted_faults.plant(windows, truth.windows(count, frames), training, seed)
    result = diagnosis.compare(generated, deconvolution.infer_spikes(generated, settings).spikes)
    rows = {name: [found.verdict, round(found.distance.p, 4)] for name, found in result.findings.items()}
    p = result.copying.p_value
    rows["copying"] = [DIFFERENT if p < tables.COPIED else UNDETERMINED, round(p, 4)]
    rows["repeated"] = [DIFFERENT if result.repeated else UNDETERMINED, 1.0]
    return {"windows": windows, "minutes": minutes, "seed": seed, "rows": rows}


def run(todo, path, processes):
    """Evaluates the tasks that have no line yet; a line is written as soon as it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {_task(line) for line in read(path)}
    todo = [task for task in todo if task not in known]
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, mp_context=context) as pool:
        for future in concurrent.futures.as_completed([pool.submit(evaluate, *task) for task in todo]):
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(future.result()) + "\n")


def _task(line):
    return line["windows"], line["minutes"], line["seed"]


def read(path):
    """The lines that are there."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def counts(lines):
    """{(windows, minutes): {row: Counter of verdicts}}, and how many lines there are of each."""
    found = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    number = collections.Counter()
    for line in lines:
        key = line["windows"], line["minutes"]
        number[key] += 1
        for row, (verdict, p) in line["rows"].items():
            found[key][row][verdict] += 1
            found[key][row]["p < .05"] += p < 0.05
    return found, number


def markdown(lines):
    """A table from lists of cells, headers first."""
    head, *rows = lines
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def false_alarms(found, number):
    """How often perfect windows are called different or equivalent."""
    key = "none", planted_faults.MINUTES
    lines = [["row", "different", "equivalent", "p < .05 before the correction"]]
    for name in NAMES:
        shares = [found[key][name][one] / number[key] for one in (DIFFERENT, EQUIVALENT, "p < .05")]
        lines.append([f"`{name}`", *(f"{share:.0%}" for share in shares)])
    return markdown(lines)


def detections(found, number, names, minutes):
    """In how many recordings a row calls windows different, for each fault."""
    lines = [["row", *names]]
    for name in NAMES:
        cells = [found[one, minutes][name][DIFFERENT] for one in names]
        lines.append([f"`{name}`", *(f"{cell} of {number[one, minutes]}" for cell, one in zip(cells, names))])
    return markdown(lines)


def power(found, number):
    """Which rows call a small misfit different in most recordings, by the length of the recording."""
    lines = [["misfit", *(f"{minutes} minutes" for minutes in MINUTES)]]
    for name in planted_faults.MISFITS:
        cells = []
        for minutes in MINUTES:
            total, rows = number[name, minutes], found[name, minutes]
            detecting = ", ".join(f"`{row}`" for row in rows if 2 * rows[row][DIFFERENT] > total)
            cells.append(detecting or ("none" if total else "-"))
        lines.append([name, *cells])
    return markdown(lines)


def write_tables(path, output):
    """Writes the tables and the definitions into docs/metrics.md."""
    found, number = counts(read(path))
    perfect = number["none", planted_faults.MINUTES]
    if not perfect:
        raise SystemExit(f"{path} has no line of windows without a fault")
    parts = [
        BEGIN,
        f"## False alarms: perfect windows, {perfect} populations",
        false_alarms(found, number),
        "## Planted faults",
        detections(found, number, planted_faults.FAULTS[1:], planted_faults.MINUTES),
        "## Small misfits, and how long a recording shows them",
        power(found, number),
        "## Definitions",
        tables.definitions_markdown(),
        END,
    ]
    text = output.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    output.write_text(before + "\n\n".join(parts) + rest.split(END)[1], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--populations", type=int, default=POPULATIONS, help="without a fault")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--output", type=pathlib.Path, default=measure.ROOT / "docs" / "metrics.md")
    parser.add_argument("--lines", type=pathlib.Path, default=LINES)
    parser.add_argument("--tables", action="store_true", help="evaluate nothing")
    parser.add_argument("--quick", action="store_true", help="one short recording, for correctness; writes nothing")
    arguments = parser.parse_args()
    if arguments.quick:
        line = evaluate("time reversed", 1, 0, count=30, frames=64)
        print(json.dumps({"benchmark": "faults", "rows": len(line["rows"])}))
        return
    if not arguments.tables:
        run(tasks(arguments.populations), arguments.lines, arguments.processes)
    write_tables(arguments.lines, arguments.output)


if __name__ == "__main__":
    main()
