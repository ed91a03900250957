"""All experiments in a folder, and what is made of them."""

import json
import logging
import math
import pathlib

import numpy as np

from calciumgan_tf import files, flagfile
from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.errors import InputError
from calciumgan_tf.plotting import reproduction_figures, style
from calciumgan_tf.reproduction import estimate, experiment, original, tables
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.builders import Builder

log = logging.getLogger(__name__)
DRAWN_FROM = 100  # windows of which the most variable is drawn
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


def reproduce(root, plan, seeds, windows, strategy) -> pathlib.Path:
    """Runs every experiment that has no result yet; writes tables.md, tables.csv and the figures.

    Args:
      root: folder; an existing reproduction is resumed.
      plan: list of Experiment.
      seeds: how many of each.
      windows: how many are generated and compared.
      strategy: tf.distribute.Strategy of all trainings.

    Returns:
      path of tables.md.

    Raises:
      InputError: a folder of another plan.
    """
    root = pathlib.Path(root)
    _remember(root, plan, windows)
    results = {}
    for one in plan:
        runner = experiment.Runner(root, one, windows, strategy)
        results[one.name] = [runner.result(seed, draw=seed == 0) for seed in range(seeds)]
    drawing = _phase_shuffle(root, plan)
    style.name_model(drawing, plan[-2].config.model)
    style.save(drawing, root / "phase_shuffle.png")
    main = plan[-2].config  # with phase shuffle
    run = experiment.run_of(root, plan[-2], 0)
    paper = Config.of(**flagfile.read(flagfile.PAPER))
    builder = Builder(paper, original.NEURONS)
    built = {"generator": builder.generator().keras, "critic": builder.critic().keras}
    counts = {name: sum(math.prod(v.shape) for v in model.trainable_variables) for name, model in built.items()}
    first = tables.hyper_parameters(main, run.settings()["parameters"], paper, counts)
    found = tables.all_tables(results)
    with files.replacing(root / "tables.csv") as partial:
        partial.write_text(tables.comma_separated(first, found, main.model), encoding="utf-8")
    with files.replacing(root / "tables.md") as partial:
        partial.write_text(
            _heading(plan, seeds, windows) + tables.markdown(first, found, ABOUT, main.model), encoding="utf-8"
        )
    return root / "tables.md"


def dry_run(plan, seeds, strategy) -> None:
    """Prints each experiment and what it will cost, measured on one of them: all have models of the same size."""
    cost = estimate.measure(plan[-2], strategy)
    for one in plan:
        log.info("%s\n", estimate.describe(one, cost, seeds))
    seconds = sum(cost.seconds * one.config.schedule.last_step * seeds for one in plan)
    log.info(
        "all: about %s on this machine, evaluation not included; extrapolated from %d measured steps with %d windows a "
        "replica and %d with %d",
        estimate.duration(seconds), estimate.STEPS, estimate.WINDOWS[0], estimate.STEPS, estimate.WINDOWS[1],
    )  # fmt: skip


def _remember(root, plan, windows):
    """Writes the plan to plan.json, or checks that it is the one there."""
    now = {
        "windows": windows,
        **{one.name: {"config": one.config.to_json(), "sha256": one.recording.sha256()} for one in plan},
    }
    file = root / "plan.json"
    if not file.exists():
        files.write_json(file, now)
        return
    before = json.loads(file.read_text(encoding="utf-8"))
    if before != now:
        differing = ", ".join(sorted(set(_differences(before, now))))
        raise InputError(
            f"--output={root} was begun with other settings: {differing}", "give the same flags, or name a new --output"
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
        trainings[label] = (run.logged(), _most_variable(samples.load(run.samples_file).traces[:DRAWN_FROM]))
    data = TrainingData.prepare(with_shuffle.recording, with_shuffle.config)
    recording = data.recording
    recorded = _most_variable(RecordedWindows(recording.traces, data.split, data.split.heldout, DRAWN_FROM)[:])
    return reproduction_figures.phase_shuffle(recorded, trainings, recording.frame_rate)


def _most_variable(windows):
    """The window whose traces vary most."""
    return windows[np.argmax(windows.std(axis=1).sum(axis=1))]


def _heading(plan, seeds, windows):
    config = plan[-2].config
    lines = [f"# Reproduction: the model {config.model} on {config.data.dataset}", ""]
    lines += [f"- `{one.name}`: {one.about}, {one.config.schedule.last_step:,} steps" for one in plan]
    lines += ["", f"Columns of {config.model}: mean ± SD over {seeds} seeds; {windows:,} windows of each set.", "", ""]
    return "\n".join(lines)
