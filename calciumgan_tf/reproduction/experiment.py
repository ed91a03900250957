"""A model of an experiment with one seed: trained, sampled, compared; what is done already is not done again."""

import functools
import json
import logging
import pathlib

import keras
import numpy as np

from calciumgan_tf import files
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.evaluation import ground_truth
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.evaluation.registry import COLUMNS, METRICS
from calciumgan_tf.plotting import report, reproduction_figures, style
from calciumgan_tf.reproduction.plan import Experiment
from calciumgan_tf.sampling import sampler, samples
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.trainer import Trainer

log = logging.getLogger(__name__)
QUARTILES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
LOSSES = ("critic_loss", "gradient_penalty")


def run_of(root, experiment: Experiment, model, seed) -> Run:
    """Its run folder."""
    return Run(pathlib.Path(root) / "runs" / f"{experiment.name}-{model}-{seed}")


def train(run, config, data, strategy) -> None:
    """Trains a model to its last step; a training that was stopped goes on, and one that is done is left as it is.

    Args:
      run: Run.
      config: Config.
      data: TrainingData.
      strategy: tf.distribute.Strategy.

    Raises:
      KeyboardInterrupt: it was interrupted; it is saved.
    """
    keras.backend.clear_session()
    resume = run.config_file.exists()
    if resume and run.saved_step() == config.schedule.last_step:
        return
    run.folder.mkdir(parents=True, exist_ok=True)
    if Trainer(config, data, strategy).train(run, resume):
        raise KeyboardInterrupt


class Runner:
    """Runs the trainings of an experiment one after another; the recorded side of the comparison is computed once."""

    def __init__(self, root, experiment: Experiment, windows: int, strategy):
        """Prepares nothing yet.

        Args:
          root: folder of the reproduction.
          experiment: Experiment.
          windows: how many are generated and compared.
          strategy: tf.distribute.Strategy.
        """
        self._root, self._experiment, self._windows = pathlib.Path(root), experiment, windows
        self._strategy = strategy

    @functools.cached_property
    def _data(self):
        configs = self._experiment.configs.items()
        return {model: TrainingData.prepare(self._experiment.recording, config) for model, config in configs}

    @property
    def _split(self):
        return next(iter(self._data.values())).split  # the same for all models

    @functools.cached_property
    def _reference(self):
        return Reference.fit(self._experiment.recording, self._split, self._windows)

    def result(self, model: str, seed: int, draw: bool) -> dict:
        """The result of a model with a seed, which is computed only if it is not in the run folder already.

        Args:
          model: one of the experiment's.
          seed: of training and samples.
          draw: whether to write the experiment's figures to the root folder.

        Returns:
          {'step', 'model', 'tables': {table: {row: {'unit', column: value}}}}.

        Raises:
          KeyboardInterrupt: training was interrupted; it is saved.
        """
        experiment = self._experiment
        run = run_of(self._root, experiment, model, seed)
        file = run.folder / "result.json"
        if file.exists():
            return json.loads(file.read_text(encoding="utf-8"))
        log.info("\n%s, %s, seed %d: %s", experiment.name, model, seed, experiment.about)
        if not run.samples_file.exists():
            train(run, experiment.configs[model].changed(seed=seed), self._data[model], self._strategy)
            sampler.sample(run, run.samples_file, sampler.Request(self._windows, seed))
        tables = self._tables(run, model, seed, draw)
        result = {"model": model, "step": experiment.configs[model].schedule.last_step, "tables": tables}
        files.write_json(file, result)
        return result

    def _tables(self, run, model, seed, draw):
        experiment = self._experiment
        generated = samples.load(run.samples_file).traces
        tables = {"losses": _losses(run)}
        if experiment.truth is not None:
            sides = experiment.truth, experiment.recording, self._split, generated, self._windows, seed
            tables["known_truth"], summaries = ground_truth.compare(*sides)
            if draw:
                drawing = reproduction_figures.known_truth(summaries)
                style.name_model(drawing, model)
                style.save(drawing, self._root / model / "known_truth.png")
        if experiment.statistics:
            evaluation = self._reference.compare(generated, model=model, source=str(run.samples_file))
            columns = ("unit", *COLUMNS)
            rows = evaluation.rows.items()
            tables["statistics"] = {name: {key: row[key] for key in columns} for name, row in rows}
            tables["distributions"] = _distributions(evaluation.divergences)
            if draw:
                title = f"{experiment.about}: windows of the model {model}"
                report.write(evaluation, self._root / model / experiment.name, title)
        return tables


def _losses(run):
    """First and last logged means of the critic's losses, if there was a critic."""
    logged = [entry for entry in run.logged() if all(name in entry for name in LOSSES)]
    if not logged:
        return {}
    first, last = logged[0], logged[-1]
    return {
        f"{name}_{when}": {"unit": "", "generated": entry[name]}
        for name in LOSSES
        for when, entry in (("first", first), ("last", last))
    }


def _distributions(divergences):
    """Quartiles of the paper's divergences over neurons or windows."""
    rows = {}
    for name in [column for column in COLUMNS if column in divergences]:
        for metric, values in divergences[name].items():
            for quartile, value in _quartiles(values).items():
                rows.setdefault(f"{metric}_{quartile}", {"unit": METRICS[metric].unit})[name] = value
    return rows


def _quartiles(values):
    values = values[np.isfinite(values)]
    return {name: float(np.quantile(values, share)) if values.size else None for name, share in QUARTILES.items()}
