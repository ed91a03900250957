"""A search of hyper-parameters: Optuna proposes, the trainer trains, a validation part judges."""

import dataclasses
import json
import logging
import pathlib

import optuna

from calciumgan_tf.config import STEPS, Config
from calciumgan_tf.errors import InputError, TrainingDiverged

log = logging.getLogger(__name__)
ENDED = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED, optuna.trial.TrialState.FAIL)
ASKED = "asked"  # attribute of a study: what was asked for when it was begun
INTERRUPTED = "interrupted"  # attribute of a study: numbers of trials that a killed search left unfinished


def read_space(path, given) -> dict:
    """Reads a search space.

    Args:
      path: JSON file.
      given: {option: value}, what holds for every trial.

    Returns:
      {option: Optuna distribution}.

    Raises:
      InputError: a file or an entry that can't be used; the message names it.
    """
    try:
        entries = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(f"--space={path} can't be read ({error})", "see configs/search.json") from error
    names = {field.name for field in dataclasses.fields(Config)}
    if not isinstance(entries, dict) or not entries:
        raise InputError(f"--space={path} is not an object of options", "see configs/search.json")
    for name in entries:
        if name not in names:
            raise InputError(f"--space={path}: there is no --{name}", "see train.py --help")
        if name in given:
            raise InputError(f"--{name} is given and in --space={path}", "leave one of them out")
    return {name: _distribution(name, entry, path) for name, entry in entries.items()}


def _distribution(name, entry, path):
    if isinstance(entry, list) and entry:
        return optuna.distributions.CategoricalDistribution(entry)
    try:
        whole = isinstance(entry["low"], int) and isinstance(entry["high"], int)
        kind = optuna.distributions.IntDistribution if whole else optuna.distributions.FloatDistribution
        return kind(**entry)
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(
            f"--space={path}: {name} is {json.dumps(entry)}", 'give a list of values, or {"low", "high", "log"}'
        ) from error


class Study:
    """A folder of trials: `study.log` is Optuna's journal, `trial-*` are run folders."""

    def __init__(self, root, space, given, metric, evaluations, windows):
        """Opens the study in `root`, or starts one.

        Raises:
          InputError: a study that was begun otherwise, or a configuration that is wrong whatever the trial.
        """
        from calciumgan_tf.dataset import sources, split
        from calciumgan_tf.evaluation import metrics

        if metric not in metrics.UNITS:
            raise InputError(f"--metric={metric} is unknown", f"choose one of {', '.join(metrics.UNITS)}")
        self._root, self._space, self._given = root, space, given
        self._metric, self._evaluations, self._windows = metric, evaluations, windows
        first = {name: getattr(one, "choices", (getattr(one, "low", None),))[0] for name, one in space.items()}
        config = Config(**given, **first)  # for what all trials share: data, window, seed
        self._data = sources.load(config)
        whole = split.split_frames(self._data.frames, config.window_frames, config.split, self._data.trial_frames)
        self._split = whole.validation()
        root.mkdir(parents=True, exist_ok=True)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        journal = optuna.storages.journal.JournalFileBackend(str(root / "study.log"))
        self._study = optuna.create_study(
            study_name=metric,
            storage=optuna.storages.JournalStorage(journal),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=3),
            load_if_exists=True,
        )
        asked = {"given": given, "space": {name: repr(one) for name, one in space.items()}}
        asked |= {"evaluations": evaluations, "windows": windows, "data": self._data.sha256()}
        before = self._study.user_attrs.get(ASKED)
        if before is None:
            self._study.set_user_attr(ASKED, asked)
        elif before != asked:
            differing = ", ".join(name for name in asked if before.get(name) != asked[name])
            raise InputError(
                f"--study={root} was begun with another {differing}", "name a new --study, or ask as before"
            )
        # A number of its own for each part of a search, so that what is gone on with does not begin anew.
        self._study.sampler = optuna.samplers.TPESampler(seed=config.seed + len(self._study.trials))
        for trial in self._study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            self._study.set_user_attr(INTERRUPTED, [*self._interrupted, trial.number])
            self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            self._study.enqueue_trial(trial.params)

    @property
    def _interrupted(self):
        return self._study.user_attrs.get(INTERRUPTED, [])

    def folder(self, number) -> pathlib.Path:
        """Run folder of a trial."""
        return self._root / f"trial-{number:03d}"

    def run(self, trials):
        """Runs trials until there are so many, interrupted ones not counted; returns the best, or None."""
        while len(self._study.get_trials(states=ENDED)) - len(self._interrupted) < trials:
            trial = self._study.ask(self._space)
            log.info("trial %d: %s", trial.number, trial.params)
            try:
                value = self._train(trial)
            except optuna.TrialPruned:
                self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                log.info("trial %d: given up", trial.number)
            except (InputError, TrainingDiverged) as error:
                trial.set_user_attr("reason", str(error))
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
                log.info("trial %d: failed: %s", trial.number, error)
            else:
                self._study.tell(trial, value)
                log.info("trial %d: %s %.4g", trial.number, self._metric, value)
        done = self._study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
        return min(done, key=lambda trial: trial.value, default=None)

    def table(self) -> str:
        """A line a trial: number, state, parameters, its last value or the reason of its failure."""
        lines = []
        for trial in self._study.trials:
            value = list(trial.intermediate_values.values())[-1:]
            about = INTERRUPTED if trial.number in self._interrupted else trial.user_attrs.get("reason", "")
            about = about or "".join(f"{self._metric} {number:.4g}" for number in value)
            lines.append(f"{trial.number:4d}  {trial.state.name:8}  {json.dumps(trial.params)}  {about}")
        return "\n".join(lines)

    def _train(self, trial):
        import keras
        import tensorflow as tf
        from tensorboard.plugins.hparams import api as hparams

        from calciumgan_tf.dataset import scaling
        from calciumgan_tf.evaluation import comparison
        from calciumgan_tf.sampling import sampler, samples
        from calciumgan_tf.training import trainer
        from calciumgan_tf.training.run import Run

        keras.backend.clear_session()
        config = Config(**self._given, **trial.params)
        scale = scaling.fit(self._data, self._split.training, config.scaling, config.scaling_quantile)
        training, run = trainer.Trainer(config, self._data, self._split, scale), Run(self.folder(trial.number))
        steps = config.last_step or STEPS
        with tf.summary.create_file_writer(str(run.tensorboard_folder)).as_default():
            hparams.hparams(trial.params, trial_id=str(trial.number))
            for part in range(1, self._evaluations + 1):
                training.config = dataclasses.replace(config, steps=max(1, steps * part // self._evaluations))
                if training.train(run, resume=part > 1):
                    raise KeyboardInterrupt
                sampler.sample(run, run.samples_file, self._windows, seed=0)
                generated = samples.load(run.samples_file).traces
                value = comparison.evaluate(self._data, self._split, generated).rows[self._metric]["generated"]
                if value is None:
                    raise InputError(f"{self._metric} is undefined", "take another --metric, or more --steps")
                tf.summary.scalar(self._metric, value, training.step)
                trial.report(value, training.step)
                if part < self._evaluations and trial.should_prune():
                    raise optuna.TrialPruned
        return value
