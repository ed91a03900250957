"""How near generated windows come to a recording in a given time of training: one recipe on one task, several seeds.

    python benchmarks/fidelity.py --name=physiological --model=physiological
    python benchmarks/fidelity.py --name=paper --flagfile=configs/paper.flags --window_frames=256 --units=8
    python benchmarks/fidelity.py --task=mouse --dataset=data/mouse.h5 --name=default --minutes=20 --part=heldout
    python benchmarks/fidelity_report.py

Any flag of train.py changes the recipe. Training is stopped at fixed moments, evaluated with the project's own metrics
and continued; only training counts as time. Each evaluation is a line of --results; what has a line is not measured
again, so that a killed study resumes where it was. Recipes are compared on --part=validation, a part of the training
part; the held-out part is for the recipe that was chosen.
"""

import json
import os
import pathlib
import statistics

import measure
from absl import flags

from calciumgan_tf import cli, flagfile

TASKS = {  # flags that a recording of this kind needs
    "synthetic": {},
    "synthetic-32": {"window_frames": 512},
    "mouse": {},
    "zebrafish": {"window_frames": 128, "phase_shuffle": 7},
}
QUICK = {
    "window_frames": 64,
    "units": 2,
    "critic_units": 2,
    "noise_dim": 4,
    "phase_shuffle": 2,
    "batch_size": 4,
    "log_every": 1,
}
FAR = 10**9  # steps: never
COMPARED = "correlation_rmse"  # the metric of the last line

flagfile.define()
TASK = flags.DEFINE_enum("task", "synthetic", TASKS, "what is learned; mouse and zebrafish need --dataset")
NAME = flags.DEFINE_string("name", "default", "of the recipe, as the table will call it")
MINUTES = flags.DEFINE_float("minutes", 3, "training time of a seed", lower_bound=0)
MOMENTS = flags.DEFINE_integer("moments", 3, "evaluations, at equal distances of training time", lower_bound=1)
SEEDS = flags.DEFINE_list("seeds", ["0", "1", "2"], "one training each")
PART = flags.DEFINE_enum("part", "validation", ["validation", "heldout"], "what generated windows are compared with")
WINDOWS = flags.DEFINE_integer("windows", 400, "windows of each side of a comparison", lower_bound=2)
RESULTS = flags.DEFINE_string("results", str(measure.ROOT / "docs" / "fidelity" / "runs.jsonl"), "one line a moment")
RUNS = flags.DEFINE_string("runs", "checkpoints/fidelity", "folder of the run folders")
RECORDED = flags.DEFINE_float(
    "recorded_minutes", None, "length of a synthetic recording; default: its own", lower_bound=1
)
QUICKLY = flags.DEFINE_boolean("quick", False, "a tiny model, one step, results into --runs: for correctness")


def recording(task, config):
    """The recording of a task; raises InputError where it has to be given and is not."""
    from calciumgan_tf.dataset import sources
    from calciumgan_tf.errors import InputError
    from calciumgan_tf.synthetic import populations as synthetic

    frames = int(RECORDED.value * 60 * synthetic.FRAME_RATE) if RECORDED.value else synthetic.FRAMES
    if task == "synthetic" and config.data.dataset == sources.SYNTHETIC:
        return synthetic.population().recording(frames)
    if task == "synthetic-32":
        return synthetic.population(neurons=32).recording(frames)
    if config.data.dataset == sources.SYNTHETIC:
        raise InputError(f"--task={task} needs its recording", "give its path with --dataset")
    return sources.load(config.data)


def lines(path):
    """What has been measured: a list of dicts."""
    path = pathlib.Path(path)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Study:
    """One recipe on one task."""

    def __init__(self):
        from calciumgan_tf.config import Config
        from calciumgan_tf.dataset.training_data import TrainingData
        from calciumgan_tf.evaluation.reference import Reference
        from calciumgan_tf.training import distribution

        self.results = pathlib.Path(RUNS.value) / "quick.jsonl" if QUICKLY.value else pathlib.Path(RESULTS.value)
        self.results.parent.mkdir(parents=True, exist_ok=True)
        self.moments = 1 if QUICKLY.value else MOMENTS.value
        task = f"{TASK.value}-{RECORDED.value:g}-minutes" if RECORDED.value else TASK.value
        self.given = TASKS[TASK.value] | (QUICK if QUICKLY.value else {}) | flagfile.given()
        length = {"steps": 1} if QUICKLY.value else {"max_minutes": MINUTES.value / self.moments}
        self.config = Config.of(**self.given | length | {"checkpoint_every": FAR})
        self.key = {"task": task, "model": self.config.model, "name": NAME.value}
        self.key |= {"part": PART.value, "minutes": MINUTES.value}
        self.strategy = distribution.make_strategy()
        validation = PART.value == "validation"
        self.data = TrainingData.prepare(recording(TASK.value, self.config), self.config, validation)
        self.reference = Reference.fit(self.data.recording, self.data.split, WINDOWS.value, diagnostics=True)

    def run_seed(self, seed):
        """Trains and evaluates one seed, as far as it has not been measured; returns its last line."""
        from calciumgan_tf.training.run import Run
        from calciumgan_tf.training.trainer import Trainer

        key = self.key | {"seed": seed}
        done = [line for line in lines(self.results) if key.items() <= line.items()]
        if len(done) >= self.moments:
            return done[-1]
        run = Run(pathlib.Path(RUNS.value) / "-".join(map(str, (*self.key.values(), seed))))
        run.folder.mkdir(parents=True, exist_ok=True)
        trainer = Trainer(self.config.changed(seed=seed), self.data, self.strategy)
        for moment in range(len(done) + 1, self.moments + 1):
            trained = run.folder / f"moment-{moment}"
            if trained.exists():  # killed after this moment's training, before its line was written
                trainer.step = run.saved_step()
            elif stopped := trainer.train(run, resume=run.config_file.exists()):
                raise SystemExit(128 + stopped)
            trained.touch()
            done.append(key | {"moment": moment, "of": self.moments} | self.evaluate(run, trainer.step))
            with open(self.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(done[-1]) + "\n")
        return done[-1]

    def evaluate(self, run, step):
        """The line of one moment: step, flags, and every metric with its floor and its baselines."""
        from calciumgan_tf.evaluation import tables
        from calciumgan_tf.evaluation.registry import COLUMNS
        from calciumgan_tf.sampling import sampler, samples

        sampler.sample(run, run.samples_file, sampler.Request(WINDOWS.value))
        generated = samples.load(run.samples_file).traces
        evaluation = self.reference.compare(generated, model=self.config.model)
        columns = ("unit", *COLUMNS)
        return {
            "step": step,
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "windows": WINDOWS.value,
            "flags": {name: value for name, value in self.given.items() if name != "dataset"},
            "metrics": {name: {column: row[column] for column in columns} for name, row in evaluation.rows.items()},
            **{name: value for name, value in tables.plain(evaluation).items() if name in ("diagnosis", "copying")},
        }


def main():
    study = Study()
    last = [study.run_seed(int(seed)) for seed in SEEDS.value]
    compared = [line["metrics"][COMPARED] for line in last]
    ratios = [row["generated"] / row["floor"] for row in compared]
    measure.report(
        "fidelity",
        TASK.value,
        ratio=statistics.median(ratios),
        spread=[min(ratios), max(ratios)],
        rounds=len(ratios),
        compared=f"{COMPARED}, generated / floor",
    )


if __name__ == "__main__":
    cli.run(main)
