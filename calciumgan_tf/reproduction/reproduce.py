"""All experiments in a folder, and what is made of them."""

import json
import logging
import math
import pathlib

import numpy as np

from calciumgan_tf import cli, files
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import split
from calciumgan_tf.errors import InputError
from calciumgan_tf.plotting import reproduction_figures, style
from calciumgan_tf.reproduction import estimate, experiment, original, tables
from calciumgan_tf.reproduction.plan import PAPER_FLAGS
from calciumgan_tf.sampling import samples
from calciumgan_tf.training import builders

log = logging.getLogger(__name__)
LOOKED_AT = 100  # windows of which the liveliest is drawn
ABOUT = {
    "Hyper-parameters": "The original's are those of its training command; `--help` of train.py says what they mean.",
    "Known truth": "Errors against fresh windows of the truth, all deconvolved alike. `_of_5`: five windows, paired by "
    "their number, as in the original, whose windows are longer wherever window_frames says so; compare each with its "
    "own floor. The others: all windows together. The floor is a second set of fresh windows of the truth.",
    "Spike statistics": "Against the held-out part. The first four are the paper's. The original's are not known.",
    "Distribution of the divergences": "Quartiles over neurons (firing rate) or windows (the others), nats.",
    "Phase shuffle": "The same training with phase shuffle and without. Losses are the first and the last that were "
    "logged; the original's are of its own recording, 400 epochs.",
}


def reproduce(root, plan, seeds, windows) -> pathlib.Path:
    """Runs what has not been run yet; writes tables.md, tables.csv and the figures.

    Args:
      root: folder; an existing one is gone on with.
      plan: list of Experiment.
      seeds: how many of each.
      windows: how many are generated and compared.

    Returns:
      path of tables.md.

    Raises:
      InputError: a folder of another plan.
    """
    root = pathlib.Path(root)
    _remember(root, plan, windows)
    results = {
        one.name: [experiment.result(root, one, seed, windows, draw=seed == 0) for seed in range(seeds)] for one in plan
    }
    style.save(_phase_shuffle(root, plan), root / "phase_shuffle.png")
    main = plan[-2].config  # with phase shuffle
    run = experiment.run_of(root, plan[-2], 0)
    paper = Config(**cli.read_flagfile(PAPER_FLAGS, Config))
    built = {
        "generator": builders.generator(paper, original.NEURONS),
        "critic": builders.critic(paper, original.NEURONS),
    }
    counts = {name: sum(math.prod(v.shape) for v in model.trainable_variables) for name, model in built.items()}
    first = tables.hyper_parameters(main, run.settings()["parameters"], paper, counts)
    found = tables.all_tables(results)
    with files.replacing(root / "tables.csv") as partial:
        partial.write_text(tables.comma_separated(first, found), encoding="utf-8")
    with files.replacing(root / "tables.md") as partial:
        partial.write_text(_heading(plan, seeds, windows) + tables.markdown(first, found, ABOUT), encoding="utf-8")
    return root / "tables.md"


def dry_run(plan, seeds) -> None:
    """Prints each experiment and what it will cost, measured on the first: all have models of the same size."""
    cost = estimate.measure(plan[-2])
    for one in plan:
        log.info("%s\n", estimate.describe(one, cost, seeds))
    seconds = sum(cost.seconds * one.config.last_step * seeds for one in plan)
    log.info(
        "all: about %s on this machine, evaluation not counted; extrapolated from %d measured steps with %d windows a "
        "batch and %d with %d",
        estimate.duration(seconds), estimate.STEPS, estimate.BATCHES[0], estimate.STEPS, estimate.BATCHES[1],
    )  # fmt: skip


def _remember(root, plan, windows):
    """Writes what is run to plan.json, or checks that it is the same as there."""
    now = {
        "windows": windows,
        **{one.name: {"config": one.config.to_json(), "sha256": one.data.sha256()} for one in plan},
    }
    file = root / "plan.json"
    if not file.exists():
        files.write_json(file, now)
        return
    before = json.loads(file.read_text(encoding="utf-8"))
    if before != now:
        differing = ", ".join(sorted(set(_differences(before, now))))
        raise InputError(
            f"--output={root} was begun otherwise: {differing}", "leave the flags as they were, or name a new --output"
        )


def _differences(before, now, name=""):
    if isinstance(before, dict) and isinstance(now, dict):
        for key in {*before, *now}:
            yield from _differences(before.get(key), now.get(key), key)
    elif before != now:
        yield f"{name} was {before}, is {now}"


def _phase_shuffle(root, plan):
    with_shuffle, without = plan[-2:]
    trainings = {}
    for label, one in (("with phase shuffle", with_shuffle), ("without", without)):
        run = experiment.run_of(root, one, 0)
        trainings[label] = (run.logged(), _lively(samples.load(run.samples_file).traces[:LOOKED_AT]))
    data, config = with_shuffle.data, with_shuffle.config
    parts = split.split_frames(data.frames, config.window_frames, config.split, data.trial_frames)
    recorded = _lively(split.RecordedWindows(data.traces, parts, parts.heldout, LOOKED_AT)[:])
    return reproduction_figures.phase_shuffle(recorded, trainings, data.frame_rate)


def _lively(windows):
    """The window whose traces vary most."""
    return windows[np.argmax(windows.std(axis=1).sum(axis=1))]


def _heading(plan, seeds, windows):
    lines = [f"# Reproduction: {plan[-2].config.dataset}", ""]
    lines += [f"- `{one.name}`: {one.about}, {one.config.last_step:,} steps" for one in plan]
    lines += ["", f"Ours: mean ± SD over {seeds} seeds; {windows:,} windows of each set.", "", ""]
    return "\n".join(lines)
