"""The diagnosis of trained models and of every baseline on one recording: the tables of docs/results.md.

    for model in calciumgan physiological; do for seed in 0 1 2; do
      run=checkpoints/results/mouse-$model-$seed
      python train.py --dataset=data/mouse.h5 --model=$model --seed=$seed --steps=2000 --run=$run
      python generate.py --checkpoint=$run --num_samples=400
    done; done
    python benchmarks/diagnosis.py --name=mouse checkpoints/results/mouse-*
    python benchmarks/diagnosis.py                                            # only writes the tables again

The runs have to be of one recording and one split; the newest samples of each are judged. Results are lines of
docs/results/diagnosis.jsonl; those of the same --name are replaced.
"""

import argparse
import collections
import json
import pathlib
import statistics

import measure

from calciumgan_tf.evaluation.baselines import BASELINES, TrainingPart
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS, Diagnosis
from calciumgan_tf.evaluation.diagnostics.findings import DIFFERENT, EQUIVALENT, UNDETERMINED
from calciumgan_tf.evaluation.tables import COPIED, number
from calciumgan_tf.sampling import samples
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.training.run import Run

LINES = measure.ROOT / "docs" / "results" / "diagnosis.jsonl"
BEGIN, END = "<!-- made by: python benchmarks/diagnosis.py -->", "<!-- end of what is made -->"
WINDOWS = 400
MARKS = {DIFFERENT: "≠", EQUIVALENT: "=", UNDETERMINED: "?"}
MODELS = ("calciumgan", "physiological")
TABLES = {  # baselines of each of the two tables of a recording
    "Models": ("rerendered",),
    "Baselines": ("block_bootstrap", "phase_randomised", "vector_autoregression", "dichotomized_gaussian"),
}


def judged(name, folders):
    """Yields a line for each run and each baseline."""
    runs = [Run.open(folder) for folder in folders]
    data = runs[0].training_data()
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    diagnosis = Diagnosis(data.recording, data.split, settings)

    def line(windows, **about):
        result = diagnosis.compare(windows, deconvolution.infer_spikes(windows, settings).spikes)
        rows = {
            row: [found.distance.value, found.distance.low, found.distance.high, found.distance.p, found.verdict]
            for row, found in result.findings.items()
        }
        copying = {"p": result.copying.p_value, "repeated": result.repeated}
        return {"recording": name, "heldout_windows": diagnosis.heldout_windows, **about, "rows": rows} | copying

    yield {
        "recording": name,
        "source": "training",
        "rows": {row: [one.distance.value] for row, one in diagnosis.training[1.0].items()},
    }
    faults = diagnosis.faults[1.0].items()
    yield {"recording": name, "source": "null", "rows": {row: [one.distance.value] for row, one in faults}}
    for run in runs:
        config = run.config()
        about = {"source": config.model, "seed": config.optimization.seed, "step": run.saved_step()}
        yield line(samples.load(run.newest_samples()).traces[:WINDOWS], **about)
    part = TrainingPart(data.recording, data.split, settings, WINDOWS, 0)
    for source, baseline in BASELINES.items():
        yield line(baseline.windows(part), source=source)


def read(path):
    """The lines that are there."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def cell(lines, row):
    """Median over seeds of the value, and the verdicts: one mark where all seeds agree, else one each."""
    values = [line["rows"][row][0] for line in lines]
    marks = "".join(MARKS[line["rows"][row][-1]] for line in lines if len(line["rows"][row]) > 1)
    marks = marks[:1] if len(set(marks)) == 1 else marks
    return f"{number(statistics.median(values))} {marks}".strip()


def table(lines, sources):
    """Markdown table of one recording: training part, fault, and some sources."""
    of_source = collections.defaultdict(list)
    for line in lines:
        of_source[line["source"]].append(line)
    known = [source for source in sources if source in of_source]
    titles = [BASELINES[source].title if source in BASELINES else source for source in known]
    table = [["row", "training part", *titles, "fault"]]
    for row in ROWS:
        cells = [cell(of_source[source], row.name) for source in ("training", *known)]
        table.append([f"`{row.name}`", *cells, f"{row.null} {cell(of_source['null'], row.name)}"])
    copied = [f"{sum(line['p'] < COPIED for line in of_source[one])} of {len(of_source[one])}" for one in known]
    table.append(["copies found", "", *copied, ""])
    head, *rows = table
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def document(lines):
    """The generated part of docs/results.md."""
    parts = []
    for name in dict.fromkeys(line["recording"] for line in lines):
        own = [line for line in lines if line["recording"] == name]
        steps = {line["source"]: line["step"] for line in own if "step" in line}
        windows = next(line["heldout_windows"] for line in own if "heldout_windows" in line)
        trained = ", ".join(f"`{model}` {step:,} steps" for model, step in steps.items())
        about = f"{windows} held-out windows that share no frame; {trained}, median of the seeds."
        parts += [f"### {name.capitalize()}", about]
        parts += [table(own, (*MODELS, *TABLES["Models"])), table(own, TABLES["Baselines"])]
    return "\n\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", help="run folders with samples")
    parser.add_argument("--name", help="of the recording")
    parser.add_argument("--lines", type=pathlib.Path, default=LINES)
    parser.add_argument("--output", type=pathlib.Path, default=measure.ROOT / "docs" / "results.md")
    arguments = parser.parse_args()
    known = read(arguments.lines)
    if arguments.runs:
        known = [line for line in known if line["recording"] != arguments.name]
        known += judged(arguments.name, arguments.runs)
        arguments.lines.parent.mkdir(parents=True, exist_ok=True)
        arguments.lines.write_text("".join(json.dumps(line) + "\n" for line in known), encoding="utf-8")
    text = arguments.output.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    arguments.output.write_text(f"{before}{BEGIN}\n\n{document(known)}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
