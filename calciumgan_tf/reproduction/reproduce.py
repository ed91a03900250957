"""All experiments in a folder, and what is made of them."""

import json
import logging
import math
import pathlib
import textwrap

import numpy as np

from calciumgan_tf import files, flagfile, locking
from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.errors import InputError
from calciumgan_tf.plotting import reproduction_figures, style
from calciumgan_tf.reproduction import estimate, experiment, original, tables
from calciumgan_tf.reproduction.plan import RECORDING, TRUTH, UNSHUFFLED
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.builders import Builder

log = logging.getLogger(__name__)
DRAWN_FROM = 100  # windows of which the most variable is drawn
ABOUT = {
    "Hyper-parameters": "The original's are those of its training command; `--help` of train.py says what they mean.",
    "Known truth": "Errors against fresh windows of the truth, all deconvolved alike. `_of_5`: five windows, paired by "
    "their number, as in the original, whose windows are longer wherever window_frames says so; compare each with its "
    "own floor. The others: all windows together. The floor is a second set of fresh windows of the truth.",
    "Spike statistics": "Against the held-out part. The first four are the paper's, whose values are not known. The "
    "other run trained the original's own files for a fifth of its epochs, on windows of 2,048 frames, and had no "
    "floor.",
    "Distribution of the divergences": "Quartiles over neurons (firing rate) or windows (the others), nats.",
    "Phase shuffle": "The same training with phase shuffle and without. Losses are the first and the last that were "
    "logged; the original's are of its own recording, 400 epochs.",
    "Length of a window": "Trained and compared with windows of the length above, and with windows of 2,048 frames. "
    "What is computed within a window (correlation_kl, covariance_kl, van_rossum_kl) has other values in longer "
    "windows, so that each has to be compared with its own floor.",
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
      InputError: a folder of another plan, or one that another process works in.
    """
    with locking.locked(root):
        for folder in (root, *(pathlib.Path(root) / model for model in plan[0].configs)):
            files.remove_leftovers(folder)
        return _reproduce(pathlib.Path(root), plan, seeds, windows, strategy)


def _reproduce(root, plan, seeds, windows, strategy):
    remember(root, plan, windows=windows)
    results = {}
    for one in plan:
        runner = experiment.Runner(root, one, windows, strategy)
        results[one.name] = {
            model: [runner.result(model, seed, draw=seed == 0) for seed in range(seeds)] for model in one.configs
        }
    _draw_phase_shuffle(root, plan)
    main = _main(plan)
    models = list(main.configs)
    parameters = {model: experiment.run_of(root, main, model, 0).settings()["parameters"] for model in models}
    paper = Config.of(**flagfile.read(flagfile.PAPER))
    builder = Builder(paper, original.NEURONS)
    built = {"generator": builder.generator().keras, "critic": builder.critic().keras}
    counts = {name: sum(math.prod(v.shape) for v in model.trainable_variables) for name, model in built.items()}
    first = tables.hyper_parameters(main.configs, parameters, paper, counts)
    found = tables.all_tables(results)
    with files.replacing(root / "tables.csv") as partial:
        partial.write_text(tables.comma_separated(first, found, models), encoding="utf-8")
    with files.replacing(root / "tables.md") as partial:
        partial.write_text(
            _heading(plan, seeds, windows) + tables.markdown(first, found, ABOUT, models), encoding="utf-8"
        )
    return root / "tables.md"


def _main(plan):
    """The experiment whose statistics are the main table's."""
    named = {one.name: one for one in plan}
    return named.get(RECORDING) or named[TRUTH]


def dry_run(plan, seeds, strategy) -> None:
    """Prints each training and what it will cost, measured with its own model and length of windows."""
    total, costs = 0.0, {}
    for one in plan:
        for model, config in one.configs.items():
            size = model, config.data.window_frames
            if size not in costs:
                costs[size] = estimate.measure(one.recording, config, strategy)
            log.info("%s\n", estimate.describe(one, model, costs[size], seeds))
            total += costs[size].seconds * config.schedule.last_step * seeds
    log.info(
        "all: about %s on this machine, evaluation not included; extrapolated from %d measured steps with %d windows a "
        "replica and %d with %d",
        estimate.duration(total), estimate.STEPS, estimate.WINDOWS[0], estimate.STEPS, estimate.WINDOWS[1],
    )  # fmt: skip


def remember(root, plan, **settings) -> None:
    """Writes the plan to plan.json, or checks that it is the one there.

    Args:
      root: pathlib.Path, folder of the reproduction.
      plan: list of Experiment.
      **settings: further plain values.

    Raises:
      InputError: another plan is there.
    """
    now = {
        **settings,
        **{
            one.name: {model: config.to_json() for model, config in one.configs.items()}
            | {"sha256": one.recording.sha256()}
            for one in plan
        },
    }
    file = root / "plan.json"
    if not file.exists():
        files.write_json(file, now)
        return
    before = _completed(json.loads(file.read_text(encoding="utf-8")))
    if before != now:
        differing = ", ".join(sorted(set(_differences(before, now))))
        raise InputError(
            f"--output={root} was begun with other settings: {differing}", "give the same flags, or name a new --output"
        )


def _completed(plan):
    """A plan in which options that are younger than it have the values that they had."""
    if not isinstance(plan, dict):
        return plan
    if "data" in plan and "generator" in plan:
        return Config.from_json(plan).to_json()
    return {name: _completed(part) for name, part in plan.items()}


def _differences(before, now, name=""):
    if isinstance(before, dict) and isinstance(now, dict):
        for key in {*before, *now}:
            yield from _differences(before.get(key), now.get(key), key)
    elif before != now:
        yield f"{name} was {before}, is {now}"


def _draw_phase_shuffle(root, plan):
    """A figure for each model that was trained with phase shuffle and without."""
    shuffled = _main(plan)
    for without, model in [(one, model) for one in plan if one.name == UNSHUFFLED for model in one.configs]:
        trainings = {}
        for label, one in (("with phase shuffle", shuffled), ("without", without)):
            run = experiment.run_of(root, one, model, 0)
            trainings[label] = (run.logged(), _most_variable(samples.load(run.samples_file).traces[:DRAWN_FROM]))
        data = TrainingData.prepare(shuffled.recording, shuffled.configs[model])
        windows = RecordedWindows(data.recording.traces, data.split, data.split.heldout, DRAWN_FROM)
        drawing = reproduction_figures.phase_shuffle(_most_variable(windows[:]), trainings, data.recording.frame_rate)
        style.name_model(drawing, model)
        style.save(drawing, root / model / "phase_shuffle.png")


def _most_variable(windows):
    """The window whose traces vary most."""
    return windows[np.argmax(windows.std(axis=1).sum(axis=1))]


def _heading(plan, seeds, windows):
    models = list(_main(plan).configs)
    lines = [f"# Reproduction: {' and '.join(models)} on {_main(plan).config.data.dataset}", ""]
    for one in plan:
        steps = ", ".join(f"{model} {config.schedule.last_step:,} steps" for model, config in one.configs.items())
        about = f"- `{one.name}`: {one.about}, {one.config.data.window_frames} frames a window; {steps}"
        lines.append(textwrap.fill(about, tables.WIDTH, subsequent_indent="  "))
    lines += ["", f"Columns of models: mean ± SD over {seeds} seeds; {windows:,} windows of each set.", "", ""]
    return "\n".join(lines)
