"""Trained models and every baseline on one recording: the tables of docs/results.md, and the small one of README.md.

    for seed in 0 1 2; do
      for model in calciumgan:1500 physiological:400; do
        run=checkpoints/results/mouse-${model%:*}-$seed
        python train.py --dataset=data/mouse.h5 --model=${model%:*} --steps=${model#*:} --seed=$seed --run=$run
        python generate.py --checkpoint=$run --num_samples=400
      done
    done
    python benchmarks/results.py --name=mouse checkpoints/results/mouse-*
    python benchmarks/results.py                        # only writes the tables again

The runs have to be of one recording and one split; the newest samples of each are judged. Runs of the physiological
model with --steps=0, --critic_updates=0 or --statistics_loss=0 are baselines: the generator before training, without a
critic, and without a loss on statistics. Runs that differ in their seed are judged together. Results are lines of
docs/results/lines.jsonl; those of the same --name and source are replaced, those of sources without a run are kept.
"""

import argparse
import collections
import json
import pathlib
import statistics
import textwrap

import measure

from calciumgan_tf.evaluation.baselines import BASELINES, TrainingPart
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS, Diagnosis
from calciumgan_tf.evaluation.diagnostics.findings import DIFFERENT, EQUIVALENT, UNDETERMINED
from calciumgan_tf.evaluation.diagnostics.pooling import pool
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.evaluation.tables import COPIED, number
from calciumgan_tf.sampling import samples
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.training.run import Run

LINES = measure.ROOT / "docs" / "results" / "lines.jsonl"
BEGIN, END = "<!-- {}: made by python benchmarks/results.py -->", "<!-- end of {} -->"
WINDOWS = 400
MARKS = {DIFFERENT: "≠", EQUIVALENT: "=", UNDETERMINED: "?"}
MODELS = {"calciumgan": "`calciumgan`", "physiological": "`physiological`"}
ABLATIONS = {
    "untrained": "`physiological`, calibrated only",
    "critic off": "critic off",
    "statistics loss off": "statistics loss off",
}
SURROGATES = ("rerendered", "block_bootstrap", "phase_randomised", "vector_autoregression", "dichotomized_gaussian")
SUMMARY = "summary"  # its marks are in README.md
SUMMARISED = ("synthetic", "mouse", "zebrafish")
AREAS = {
    "neuron_classifier": "AUC, single neurons",
    "neuron_kernels": "AUC, single neurons, random kernels",
    "population_classifier": "AUC, population",
}
MULTIPLES = {
    "firing_rate_kl": "firing rate KL",
    "correlation_kl": "correlation KL",
    "van_rossum_kl": "van Rossum KL",
    "correlation_rmse": "correlation RMSE",
    "population_count_kl": "population count KL",
}
COLUMNS = {"floor": "training part", "within": "within"}
OTHERS = {"dichotomized_gaussian": "DG", "shuffled": "shuffled"}


def source(run):
    """What the lines call a run: its model, or the part of the physiological model that was left out."""
    config = run.config()
    if config.model == "physiological":
        if not run.saved_step():
            return "untrained"
        if not config.optimization.critic_updates:
            return "critic off"
        if not config.physiological.statistics_loss:
            return "statistics loss off"
    return config.model


def judged(name, folders):
    """Yields a line for the recording, for the runs of each source, and for each baseline."""
    groups = collections.defaultdict(list)
    for folder in folders:
        run = Run.open(folder)
        groups[source(run)].append(run)
    data = next(iter(groups.values()))[0].training_data()
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    diagnosis = Diagnosis(data.recording, data.split, settings)
    reference = Reference.fit(data.recording, data.split, WINDOWS)

    def line(many, **about):
        measured = [
            diagnosis.measure(windows, deconvolution.infer_spikes(windows, settings).spikes, number)
            for number, windows in enumerate(many)
        ]
        result = pool(ROWS, measured)
        rows = {row: _finding(found) for row, found in result.findings.items()}
        by_run = {row.name: [one[row.name].value for one in result.by_run] for row in ROWS} if result.by_run else {}
        copying = {"copied": result.copying.p_value < COPIED, "repeated": result.repeated}
        return {"recording": name, **about, "rows": rows, "by_run": by_run} | copying

    recorded = diagnosis.recorded
    for side, compared in (("training", recorded.training), ("fault", recorded.faults)):
        rows = {row: {"value": one.distance.value} for row, one in compared[1.0].items()}
        yield {"recording": name, "source": side, "heldout_windows": len(recorded.heldout_starts), "rows": rows}
    for kind, runs in groups.items():
        generated = [samples.load(run.newest_samples()).traces[:WINDOWS] for run in runs]
        about = {"source": kind, "seeds": len(runs), "step": runs[0].saved_step()}
        if kind in MODELS:
            about["spikes"] = _spike_metrics([reference.compare(windows).rows for windows in generated])
        yield line(generated, **about)
    part = TrainingPart(data.recording, data.split, settings, WINDOWS, 0)
    for kind in SURROGATES:
        yield line([BASELINES[kind].windows(part)], source=kind)


def _finding(found):
    distance = found.distance
    numbers = {"value": distance.value, "low": distance.low, "high": distance.high, "p": found.p}
    return numbers | {"verdict": found.verdict, "note": found.note}


def _spike_metrics(evaluations):
    """{metric: {column: median over runs}}; the columns without generated windows are the same for all runs."""
    columns = (*COLUMNS, "generated", *OTHERS)
    return {
        metric: {column: _median([rows[metric][column] for rows in evaluations]) for column in columns}
        for metric in evaluations[0]
    }


def _median(values):
    return statistics.median(values) if None not in values else None


def read(path):
    """The lines that are there."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def markdown(rows):
    """A table from lists of cells, headers first."""
    head, *rest = rows
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rest))


def cell(row):
    """A value, its verdict, and `~` where the training part is as far from the held-out part."""
    mark = MARKS.get(row.get("verdict"), "")
    return f"{number(row['value'])} {mark}{'~' if 'training part' in row.get('note', '') else ''}".strip()


def diagnosis_table(lines, titles):
    """Distances and verdicts of some sources beside the training part's and the fault's."""
    known = [one for one in titles if one in lines]
    table = [["row", "training part", *(titles[one] for one in known), "fault"]]
    for row in ROWS:
        cells = [cell(lines[one]["rows"][row.name]) for one in ("training", *known, "fault")]
        cells[-1] = f"{row.null} {cells[-1]}"
        table.append([f"`{row.name}`{' *' if row.primary else ''}", *cells])
    table.append(["copies found", "", *("yes" if lines[one]["copied"] else "no" for one in known), ""])
    return markdown(table)


def spike_table(lines):
    """Spike metrics of both models beside the columns without a network."""
    known = [one for one in MODELS if one in lines]
    table = [["metric", *COLUMNS.values(), *(MODELS[one] for one in known), *OTHERS.values()]]
    for metric, columns in lines[known[0]]["spikes"].items():
        values = [columns[one] for one in COLUMNS]
        values += [lines[one]["spikes"][metric]["generated"] for one in known]
        values += [columns[one] for one in OTHERS]
        table.append([metric, *map(number, values)])
    return markdown(table)


def page(lines):
    """The generated part of a recording's page."""
    trained = ", ".join(f"{MODELS[one]} {lines[one]['step']:,} steps" for one in MODELS if one in lines)
    seeds = next(lines[one]["seeds"] for one in MODELS if one in lines)
    about = (
        f"{lines['training']['heldout_windows']} held-out windows that share no frame; {trained}, {seeds} seeds "
        f"together, {WINDOWS} windows each."
    )
    surrogates = {one: BASELINES[one].title for one in SURROGATES}
    ablations = {
        one: f"{title} ({lines[one]['step']:,} steps, {lines[one]['seeds']} seed{'s' * (lines[one]['seeds'] > 1)})"
        for one, title in ABLATIONS.items()
        if one in lines
    }
    titles = MODELS | {"rerendered": surrogates.pop("rerendered")}, ablations, surrogates
    tables = [diagnosis_table(lines, chosen) for chosen in titles if chosen.keys() & lines.keys()]
    return "\n\n".join([textwrap.fill(about, 100), *tables, spike_table(lines)])


def summary(of_recordings):
    """Both models on some recordings: areas, verdicts, and spike metrics as multiples of the training part's own."""
    of_models = [
        (f"{name}, {MODELS[model]}", of_recordings[name][model])
        for name in SUMMARISED
        for model in MODELS
        if model in of_recordings.get(name, {})
    ]
    table = [["", *(title for title, _ in of_models)]]
    for row, title in AREAS.items():
        table.append([title, *(f"{line['rows'][row]['value'] + 0.5:.2f}" for _, line in of_models)])
    verdicts = [collections.Counter(row["verdict"] for row in line["rows"].values()) for _, line in of_models]
    table.append([f"of {len(ROWS)} rows different", *(str(count[DIFFERENT]) for count in verdicts)])
    table.append([f"of {len(ROWS)} rows equivalent", *(str(count[EQUIVALENT]) for count in verdicts)])
    for metric, title in MULTIPLES.items():
        ratios = [line["spikes"][metric]["generated"] / line["spikes"][metric]["floor"] for _, line in of_models]
        table.append([f"{title} / training part's", *(f"{ratio:.2g}" for ratio in ratios)])
    return markdown(table)


def write_between(name, made, path):
    """Writes what is made between the marks of a name."""
    text, begin, end = path.read_text(encoding="utf-8"), BEGIN.format(name), END.format(name)
    if begin not in text or end not in text:
        raise SystemExit(f"{path} has no place for {name}: write {begin} and {end} into it")
    before, rest = text.split(begin)
    path.write_text(f"{before}{begin}\n\n{made}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")


def write_tables(known, output, readme):
    """Writes the page of every recording, and the summary."""
    of_recordings = collections.defaultdict(dict)
    for line in known:
        of_recordings[line["recording"]][line["source"]] = line
    for name, lines in of_recordings.items():
        write_between(name, page(lines), output)
    write_between(SUMMARY, summary(of_recordings), readme)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", help="run folders with samples")
    parser.add_argument("--name", help="of the recording")
    parser.add_argument("--lines", type=pathlib.Path, default=LINES)
    parser.add_argument("--output", type=pathlib.Path, default=measure.ROOT / "docs" / "results.md")
    parser.add_argument("--readme", type=pathlib.Path, default=measure.ROOT / "README.md")
    arguments = parser.parse_args()
    known = read(arguments.lines)
    if arguments.runs:
        made = {(line["recording"], line["source"]): line for line in judged(arguments.name, arguments.runs)}
        known = [line for line in known if (line["recording"], line["source"]) not in made] + [*made.values()]
        arguments.lines.parent.mkdir(parents=True, exist_ok=True)
        arguments.lines.write_text("".join(json.dumps(line) + "\n" for line in known), encoding="utf-8")
    write_tables(known, arguments.output, arguments.readme)


if __name__ == "__main__":
    main()
