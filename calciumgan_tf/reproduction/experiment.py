"""One experiment with one seed: trained, sampled, compared; what is done already is not done again."""

import dataclasses
import json
import logging
import pathlib

import keras
import numpy as np

from calciumgan_tf import files
from calciumgan_tf.dataset import scaling, split
from calciumgan_tf.evaluation import comparison, ground_truth, metrics
from calciumgan_tf.plotting import report, reproduction_figures, style
from calciumgan_tf.reproduction.plan import Experiment
from calciumgan_tf.sampling import sampler, samples
from calciumgan_tf.training import trainer
from calciumgan_tf.training.run import Run

log = logging.getLogger(__name__)
QUARTILES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
LOSSES = ("critic_loss", "gradient_penalty")


def run_of(root, experiment: Experiment, seed) -> Run:
    """Its run folder."""
    return Run(pathlib.Path(root) / "runs" / f"{experiment.name}-{seed}")


def result(root, experiment: Experiment, seed, windows, draw) -> dict:
    """What came out of an experiment.

    Args:
      root: folder of the reproduction.
      experiment: Experiment.
      seed: of training and samples.
      windows: how many are generated and compared.
      draw: whether to write its figures to `root`.

    Returns:
      {'step', 'tables': {table: {row: {'unit', column: value}}}}.

    Raises:
      KeyboardInterrupt: training was interrupted; it is saved.
    """
    run = run_of(root, experiment, seed)
    file = run.folder / "result.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    log.info("\n%s, seed %d: %s", experiment.name, seed, experiment.about)
    config, data = dataclasses.replace(experiment.config, seed=seed), experiment.data
    parts = split.split_frames(data.frames, config.window_frames, config.split, data.trial_frames)
    if not run.samples_file.exists():
        _train(run, config, data, parts)
        sampler.sample(run, run.samples_file, windows, seed)
    generated = samples.load(run.samples_file).traces

    tables = {"losses": _losses(run)}
    if experiment.truth is not None:
        tables["known_truth"], summaries = ground_truth.compare(experiment.truth, data, parts, generated, windows, seed)
        if draw:
            style.save(reproduction_figures.known_truth(summaries), pathlib.Path(root) / "known_truth.png")
    if experiment.statistics:
        evaluation = comparison.evaluate(data, parts, generated, windows, seed=seed)
        columns = ("unit", *comparison.COLUMNS)
        tables["statistics"] = {name: {key: row[key] for key in columns} for name, row in evaluation.rows.items()}
        tables["distributions"] = _distributions(evaluation.summaries)
        if draw:
            report.write(evaluation, pathlib.Path(root) / experiment.name, f"{experiment.about}: generated windows")
    found = {"step": config.last_step, "tables": tables}
    files.write_json(file, found)
    return found


def _train(run, config, data, parts):
    keras.backend.clear_session()
    resume = run.config_file.exists()
    if resume and run.saved_step() == config.last_step:
        return
    scale = scaling.fit(data, parts.training, config.scaling, config.scaling_quantile)
    if trainer.Trainer(config, data, parts, scale).train(run, resume):
        raise KeyboardInterrupt


def _losses(run):
    """First and last logged means of the critic's losses."""
    first, *_, last = run.logged()
    return {
        f"{name}_{when}": {"unit": "", "generated": entry[name]}
        for name in LOSSES
        for when, entry in (("first", first), ("last", last))
    }


def _distributions(summaries):
    """Quartiles of the paper's divergences over neurons or windows."""
    rows = {}
    for column, (reference, candidate) in comparison.COLUMNS.items():
        if reference not in summaries or candidate not in summaries:
            continue
        for name, values in metrics.divergences(summaries[reference], summaries[candidate]).items():
            for quartile, value in _quartiles(values).items():
                rows.setdefault(f"{name}_{quartile}", {"unit": metrics.UNITS[name]})[column] = value
    return rows


def _quartiles(values):
    values = values[np.isfinite(values)]
    return {name: float(np.quantile(values, share)) if values.size else None for name, share in QUARTILES.items()}
