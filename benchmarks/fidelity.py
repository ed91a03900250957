"""How near generated windows come to a recording in a given time of training: one recipe on one task, several seeds.

    python benchmarks/fidelity.py --name=default
    python benchmarks/fidelity.py --name=paper --flagfile=configs/paper.flags --window_frames=256 --units=8
    python benchmarks/fidelity.py --task=mouse --dataset=data/mouse.h5 --name=default --minutes=20 --part=heldout
    python benchmarks/fidelity_report.py

Any flag of train.py changes the recipe. Training is stopped at fixed moments, evaluated with the project's own metrics
and continued; only training counts as time. Each evaluation is a line of --results, and what has a line is not done
again, so that a killed study goes on where it was. Recipes are compared on --part=validation, a part of the training
part; the held-out part is for the recipe that was chosen.
"""

import json
import os
import pathlib
import statistics

import measure
from absl import flags

from calciumgan_tf import cli
from calciumgan_tf.config import Config

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
NEAREST = 200  # windows of either side whose nearest training window is looked for

cli.define_flags(Config)
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
    if task == "synthetic" and config.dataset == sources.SYNTHETIC:
        return synthetic.population().recording(frames)
    if task == "synthetic-32":
        return synthetic.population(neurons=32).recording(frames)
    if config.dataset == sources.SYNTHETIC:
        raise InputError(f"--task={task} needs its recording", "give its path with --dataset")
    return sources.load(config)


def lines(path):
    """What has been measured: a list of dicts."""
    path = pathlib.Path(path)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Study:
    """One recipe on one task."""

    def __init__(self):
        from calciumgan_tf.dataset import split

        self.results = pathlib.Path(RUNS.value) / "quick.jsonl" if QUICKLY.value else pathlib.Path(RESULTS.value)
        self.results.parent.mkdir(parents=True, exist_ok=True)
        self.moments = 1 if QUICKLY.value else MOMENTS.value
        task = f"{TASK.value}-{RECORDED.value:g}-minutes" if RECORDED.value else TASK.value
        self.key = {"task": task, "name": NAME.value, "part": PART.value, "minutes": MINUTES.value}
        self.given = TASKS[TASK.value] | (QUICK if QUICKLY.value else {}) | cli.given_flags(Config)
        self.config = Config(**self.given)
        self.data = recording(TASK.value, self.config)
        self.split = split.split_frames(self.data.frames, self.config.window_frames, self.config.split)
        if PART.value == "validation":
            self.split = self.split.validation()

    def run_seed(self, seed):
        """Trains and evaluates one seed, as far as it has not been done; returns its last line."""
        import dataclasses

        from calciumgan_tf.dataset import scaling
        from calciumgan_tf.training import trainer
        from calciumgan_tf.training.run import Run

        key = self.key | {"seed": seed}
        done = [line for line in lines(self.results) if key.items() <= line.items()]
        if len(done) >= self.moments:
            return done[-1]
        config = dataclasses.replace(
            self.config,
            seed=seed,
            steps=1 if QUICKLY.value else None,
            max_minutes=MINUTES.value / self.moments,
            checkpoint_every=FAR,
        )
        run = Run(pathlib.Path(RUNS.value) / "-".join(map(str, (*self.key.values(), seed))))
        scale = scaling.fit(self.data, self.split.training, config.scaling, config.scaling_quantile)
        training = trainer.Trainer(config, self.data, self.split, scale)
        for moment in range(len(done) + 1, self.moments + 1):
            saved = run.saved_step()
            if saved > (done[-1]["step"] if done else 0):  # killed after this moment's training, before its line
                training.step = saved
            elif stopped := training.train(run, resume=run.config_file.exists()):
                raise SystemExit(128 + stopped)
            done.append(key | {"moment": moment, "of": self.moments} | self.evaluate(run, training))
            with open(self.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(done[-1]) + "\n")
        return done[-1]

    def evaluate(self, run, training):
        """The line of one moment: step, flags, and every metric with its floor and its baselines."""
        from calciumgan_tf.dataset import split
        from calciumgan_tf.evaluation import comparison, memorisation
        from calciumgan_tf.sampling import sampler, samples

        sampler.sample(run, run.samples_file, WINDOWS.value, seed=0)
        generated = samples.load(run.samples_file).traces
        found = comparison.evaluate(self.data, self.split, generated)
        heldout = split.RecordedWindows(self.data.traces, self.split, self.split.heldout, NEAREST)[:]
        nearest = memorisation.compare(generated[:NEAREST], heldout, self.data.traces, self.split.training)
        columns = ("unit", *comparison.COLUMNS)
        return {
            "step": training.step,
            "cores": len(os.sched_getaffinity(0)),
            "windows": WINDOWS.value,
            "memorisation": {"p": nearest.p_value, "effect": nearest.effect},
            "flags": {name: value for name, value in self.given.items() if name != "dataset"},
            "metrics": {name: {column: row[column] for column in columns} for name, row in found.rows.items()},
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
