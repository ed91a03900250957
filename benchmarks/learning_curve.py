"""How the spike metrics change while a model is trained: those of every kept checkpoint of a run.

    python train.py --dataset=data/mouse.h5 --steps=15000 --checkpoint_every=500 --keep=1000 --run=checkpoints/long
    python benchmarks/learning_curve.py --name=mouse --every=1000 checkpoints/long

Writes docs/fidelity/curve_NAME.jsonl, a line a checkpoint, and curve_NAME.png, and prints a table. Checkpoints that
have a line already are not evaluated again. --diagnostics adds the AUC of the single-neuron classifier.
"""

import argparse
import json
import math

import measure
import numpy as np
from matplotlib.ticker import NullFormatter

from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.plotting import style
from calciumgan_tf.sampling import sampler
from calciumgan_tf.training.checkpoints import Checkpoints
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.trainer import Trainer

FOLDER = measure.ROOT / "docs" / "fidelity"
METRICS = {
    "firing_rate_kl": "rate KL",
    "firing_rate_rmse": "rate RMSE",
    "correlation_kl": "correlation KL",
    "van_rossum_kl": "van Rossum KL",
    "correlation_rmse": "correlation RMSE",
    "population_count_kl": "population count KL",
    "isi_mean_rmse": "mean interval RMSE",
    "isi_sd_rmse": "SD of intervals RMSE",
}
LOSSES = {"critic_loss": "critic loss", "gradient_penalty": "gradient penalty"}
# Of the original's own recording, at the end of some of its epochs of 8,755 windows in batches of 128: step, value.
ORIGINAL = {
    "critic_loss": ((1, -317.0), (684, -30.0), (6840, -14.6), (27360, -9.4)),
    "gradient_penalty": ((1, 23.7), (27360, 0.166)),
}
CLASSIFIER = "neuron_classifier"


def evaluated(run, every, windows, diagnostics, known):
    """Yields {'step', 'metrics': {metric: {column: value}}, 'auc'} of each checkpoint whose step `every` divides."""
    config, data = run.config(), run.training_data()
    trainer = Trainer(config, data, make_strategy())
    checkpoints = Checkpoints(trainer.gan, trainer.builder, data, config, run)
    reference = None
    for step in checkpoints.steps():
        if step in known or step % every:
            continue
        reference = reference or Reference.fit(data.recording, data.split, windows, diagnostics=diagnostics)
        checkpoints.restore(step)
        made = np.concatenate(list(sampler.windows(checkpoints.averaged_generator(), windows, seed=0)))
        evaluation = reference.compare(made, model=config.model)
        columns = ("floor", "generated", "dichotomized_gaussian", "shuffled")
        line = {
            "step": step,
            "metrics": {name: {column: evaluation.rows[name][column] for column in columns} for name in METRICS},
        }
        if evaluation.diagnosis is not None:
            line["auc"] = 0.5 + evaluation.diagnosis.findings[CLASSIFIER].distance.value
        yield line


def of_floor(row, column):
    """A value as a multiple of the training part's, NaN where either is undefined."""
    value, floor = row[column], row["floor"]
    return math.nan if value is None or not floor else value / floor


def drawn(lines, logged, title):
    """A figure: metrics as multiples of the training part's, with baselines, and losses beside the original's."""
    drawing, axes = style.figure(7.5, 5, 2)
    steps = [line["step"] for line in lines]
    for axis, (name, label) in zip(axes[:4].ravel(), METRICS.items()):
        ratios = [of_floor(line["metrics"][name], "generated") for line in lines]
        axis.plot(steps, ratios, color=style.GENERATED, marker=".")
        axis.axhline(1, color=style.RECORDED, linewidth=0.8)
        for column, dashes in (("dichotomized_gaussian", "--"), ("shuffled", ":")):
            axis.axhline(
                of_floor(lines[0]["metrics"][name], column), color=style.OTHER, linewidth=0.8, linestyle=dashes
            )
        axis.set_yscale("log")
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.set_ylabel(label, fontsize=7)
    for axis, (name, label) in zip(axes[4], LOSSES.items()):
        axis.plot([entry["step"] for entry in logged], [entry[name] for entry in logged], color=style.GENERATED)
        inside = [point for point in ORIGINAL[name] if point[0] <= steps[-1]]
        axis.plot(*zip(*inside), color="k", marker="x", linestyle="")
        axis.set_yscale("symlog", linthresh=1)
        axis.set_ylabel(label, fontsize=7)
        axis.set_xlabel("step", fontsize=7)
    for axis in axes.ravel():
        axis.set_xlim(0, 1.02 * steps[-1])
        axis.tick_params(labelsize=6)
    drawing.suptitle(title, fontsize=8)
    return drawing


def table(lines):
    """Markdown: a row a checkpoint, multiples of the training part's distance from the held-out part."""
    areas = any("auc" in line for line in lines)
    header = ["step", *METRICS.values(), *(["AUC, single neurons"] if areas else [])]
    rows = [header, ["---"] * len(header)]
    for line in lines:
        ratios = [of_floor(row, "generated") for row in line["metrics"].values()]
        last = [f"{line['auc']:.2f}" if "auc" in line else ""] if areas else []
        rows.append([f"{line['step']:,}", *(f"{ratio:.2g}" for ratio in ratios), *last])
    for column, label in (("dichotomized_gaussian", "dichotomised Gaussian"), ("shuffled", "shuffled")):
        ratios = [of_floor(row, column) for row in lines[0]["metrics"].values()]
        rows.append([label, *(f"{ratio:.2g}" for ratio in ratios), *([""] if areas else [])])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="of the curve")
    parser.add_argument("--every", type=int, default=1000, help="steps; others are left out")
    parser.add_argument("--windows", type=int, default=1000)
    parser.add_argument("--diagnostics", action="store_true")
    parser.add_argument("--folder", default=FOLDER, type=type(FOLDER), help="where to write")
    parser.add_argument("run", help="folder of a run trained with a large --keep")
    asked = parser.parse_args()
    run, path = Run.open(asked.run), asked.folder / f"curve_{asked.name}.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    for line in evaluated(run, asked.every, asked.windows, asked.diagnostics, {line["step"] for line in lines}):
        lines.append(line)
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print("step", line["step"], flush=True)
    lines.sort(key=lambda line: line["step"])
    title = f"{run.config().model}, {asked.name}: blue, training part; dashed, dichotomised Gaussian; dotted, shuffled"
    style.save(drawn(lines, run.logged(), f"{title}; crosses, the original"), path.with_suffix(".png"))
    print(table(lines))


if __name__ == "__main__":
    main()
