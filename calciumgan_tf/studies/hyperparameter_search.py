"""A search of hyper-parameters: Optuna proposes, the trainer trains, a validation part judges."""

import contextlib
import dataclasses
import json
import logging
import pathlib

import optuna
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from calciumgan_tf import files, locking
from calciumgan_tf.config import Config, options
from calciumgan_tf.dataset import sources
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError, TrainingDiverged
from calciumgan_tf.evaluation import registry
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.hyperparameters import STEPS

log = logging.getLogger(__name__)
ENDED = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED, optuna.trial.TrialState.FAIL)
SETTINGS = "settings"  # attribute of a study: the flags that it was begun with
INTERRUPTED = "interrupted"  # attribute of a study: numbers of trials that a killed search left unfinished
# Options that every trial has to share, since trials are compared on the same windows of the same recording.
SHARED = {"dataset", "synthetic_neurons", "frame_rate", "indicator", "tau_rise", "tau_decay", "window_frames", "split"}


def read_space(path, given) -> dict:
    """Reads a search space.

    Args:
      path: JSON file.
      given: {option: value} of the command line, for every trial.

    Returns:
      {option: Optuna distribution}.

    Raises:
      InputError: a file or an entry that can't be used; the message names it.
    """
    try:
        entries = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"--space={path} can't be read ({error})", "see configs/search.json") from error
    known = options()
    if not isinstance(entries, dict) or not entries:
        raise InputError(f"--space={path} is not an object of options", "see configs/search.json")
    for name in entries:
        if name not in known:
            raise InputError(f"--space={path}: there is no --{name}", "see train.py --helpfull")
        if name in SHARED or known[name][1].metadata["budget"]:
            raise InputError(
                f"--space={path}: {name} has to be the same in all trials", f"give it as a flag: --{name}=..."
            )
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

    def __init__(self, root, space, given, metric, evaluations, windows, strategy):
        """Measures the recording's validation part; `run` opens the study in `root`, or starts one.

        Args:
          root: folder, a pathlib.Path.
          space: of `read_space`.
          given: {option: value} for every trial.
          metric: name of a registered metric, to be minimised.
          evaluations: how often a trial is evaluated.
          windows: how many are generated and compared.
          strategy: tf.distribute.Strategy of all trials.

        Raises:
          InputError: a configuration that is wrong whatever the trial.
        """
        if metric not in registry.METRICS:
            raise InputError(f"--metric={metric} is unknown", f"choose one of {', '.join(registry.METRICS)}")
        self._root, self._space, self._given, self._strategy = root, space, given, strategy
        self._metric, self._evaluations, self._windows = metric, evaluations, windows
        first = {name: getattr(one, "choices", (getattr(one, "low", None),))[0] for name, one in space.items()}
        common = Config.of(**given, **first)
        self._recording = sources.load(common.data)
        data = TrainingData.prepare(self._recording, common, validation=True)
        self._reference = Reference.fit(self._recording, data.split, windows)
        root.mkdir(parents=True, exist_ok=True)
        self._seed = common.optimization.seed

    def _open(self):
        """Optuna's study; only for who holds the folder's lock."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        path = self._root / "study.log"
        lock = JournalFileOpenLock(str(path))
        with contextlib.suppress(RuntimeError):  # there is none
            lock.release()  # of a search that was killed, for which Optuna would wait
        if path.exists():
            files.drop_incomplete_line(path)
        journal = JournalFileBackend(str(path), lock)
        study = optuna.create_study(
            study_name=self._metric,
            storage=optuna.storages.JournalStorage(journal),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=3),
            load_if_exists=True,
        )
        settings = {"given": self._given, "space": {name: repr(one) for name, one in self._space.items()}}
        settings |= {"evaluations": self._evaluations, "windows": self._windows, "data": self._recording.sha256()}
        before = study.user_attrs.get(SETTINGS)
        if before is None:
            study.set_user_attr(SETTINGS, settings)
        elif before != settings:
            differing = ", ".join(name for name in settings if before.get(name) != settings[name])
            raise InputError(
                f"--study={self._root} was begun with another {differing}", "name a new --study, or give the same flags"
            )
        return study

    def _mark_interrupted(self):
        """Notes which trials a killed search left unfinished."""
        for trial in self._study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            self._study.set_user_attr(INTERRUPTED, [*self._interrupted, trial.number])
            self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)

    @property
    def _interrupted(self):
        return self._study.user_attrs.get(INTERRUPTED, [])

    def folder(self, number) -> pathlib.Path:
        """Run folder of a trial."""
        return self._root / f"trial-{number:03d}"

    def run(self, trials):
        """Runs trials until `trials` have ended, interrupted ones not counted; returns the best, or None.

        What is proposed depends on the trials that have ended, and not on how often the search was interrupted.

        Raises:
          InputError: another process searches in the folder, or a study there that was begun with other settings.
        """
        with locking.locked(self._root):
            self._study = self._open()
            self._mark_interrupted()
            return self._run(trials)

    def _run(self, trials):
        while (ended := len(self._study.get_trials(states=ENDED)) - len(self._interrupted)) < trials:
            self._study.sampler = optuna.samplers.TPESampler(seed=self._seed + ended)
            trial = self._study.ask(self._space)
            log.info("trial %d: %s", trial.number, trial.params)
            try:
                value = self._train(trial)
            except optuna.TrialPruned:
                self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                log.info("trial %d: stopped early", trial.number)
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
        """A line for each trial: number, state, parameters, its last value or the reason of its failure."""
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

        from calciumgan_tf.training.run import Run
        from calciumgan_tf.training.trainer import Trainer

        keras.backend.clear_session()
        config = Config.of(**self._given, **trial.params)
        data = TrainingData.prepare(self._recording, config, validation=True)
        trainer, run = Trainer(config, data, self._strategy), Run(files.new_folder(self.folder(trial.number)))
        steps = config.schedule.last_step or STEPS
        with tf.summary.create_file_writer(str(run.tensorboard_folder)).as_default():
            hparams.hparams(trial.params, trial_id=str(trial.number))
            ends = sorted({max(1, steps * part // self._evaluations) for part in range(1, self._evaluations + 1)})
            for last in ends:
                trainer.schedule = dataclasses.replace(config.schedule, steps=last)
                if trainer.train(run, resume=last > ends[0]):
                    raise KeyboardInterrupt
                value = self._value(run)
                tf.summary.scalar(self._metric, value, trainer.step)
                trial.report(value, trainer.step)
                if last < ends[-1] and trial.should_prune():
                    raise optuna.TrialPruned
        return value

    def _value(self, run):
        """The metric of a run's generator, against the validation part."""
        from calciumgan_tf.sampling import sampler, samples

        sampler.sample(run, run.samples_file, sampler.Request(self._windows))
        generated = samples.load(run.samples_file).traces
        value = self._reference.compare(generated).rows[self._metric]["generated"]
        if value is None:
            raise InputError(f"{self._metric} is undefined", "take another --metric, or more --steps")
        return value
