"""A cross-fit: runs of one recording, each of which holds out another part of it, in one folder.

cross_fit.json   number of folds, configuration, and which folds are trained
recording.h5     the recording
fold-0, ...      run folders
"""

import dataclasses
import json
import logging
import os
import pathlib

from calciumgan_tf import files, locking
from calciumgan_tf.config import Config
from calciumgan_tf.dataset.split import Fold
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import recording
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.training.run import NEWEST, ROOT, Run

log = logging.getLogger(__name__)
FORMAT, VERSION = "calciumgan_tf/cross_fit", 1
FILE = "cross_fit.json"
BUDGET = ("steps", "max_minutes")
FOLDS = range(2, 11)  # how many there may be


class CrossFit:
    """The folder of a cross-fit; nothing is read or written before a method is called."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / FILE
        self.recording_file = self.folder / "recording.h5"

    @classmethod
    def create(cls, path, config: Config, source: Recording, folds: int) -> "CrossFit":
        """Creates the folder, exclusively; cross_fit.json comes last, so that a folder that has it is complete.

        Args:
          path: the folder; None for the first free name like `synthetic-calciumgan` in `checkpoints/`.
          config: Config of all folds.
          source: Recording.
          folds: how many.

        Raises:
          InputError: `path` exists.
        """
        made = cls(Run.create(path, config).folder)
        header = {"format": FORMAT, "version": VERSION, "folds": folds}
        about = {"config": config.to_json(), "recording_sha256": source.sha256(), "trained": []}
        with locking.locked(made.folder):
            source.save(made.recording_file)
            files.write_json(made.file, header | about)
        return made

    def settings(self) -> dict:
        """What cross_fit.json holds.

        Raises:
          InputError: it can't be read.
        """
        with files.reading(self.file, "train again with --cross_fit"):
            settings = json.loads(self.file.read_text(encoding="utf-8"))
            if (settings["format"], settings["version"]) != (FORMAT, VERSION):
                raise ValueError(f"it is not {FORMAT} of version {VERSION}")
            if settings["folds"] not in FOLDS or not {*settings["trained"]} <= {*range(settings["folds"])}:
                raise ValueError(f"it names {settings['folds']} folds")
            return settings

    def config(self) -> Config:
        """The configuration of all folds."""
        with files.reading(self.file, "train again with --cross_fit"):
            return Config.from_json(self.settings()["config"])

    def check_budget(self, changes: dict) -> None:
        """Refuses another length of the training than that of the folds that are trained already.

        Args:
          changes: {flag: value} that the user gave.

        Raises:
          InputError: the message names the flag.
        """
        now = self.config().flags()
        for name in BUDGET:
            if name in changes and changes[name] != now[name]:
                raise InputError(
                    f"--{name}={changes[name]}, but the folds of {self.folder} are trained with {now[name]}",
                    f"leave --{name} out, so that all folds are trained alike",
                )

    def recording(self) -> Recording:
        """The recording.

        Raises:
          InputError: a damaged file, or another recording.
        """
        own = recording.load(self.recording_file)
        if own.sha256() != self.settings()["recording_sha256"]:
            raise InputError(f"{self.recording_file} is not the recording of {self.folder}", "copy the folder again")
        return own

    def run(self, number: int) -> Run:
        """The run of a fold, which may not exist yet."""
        return Run(self.folder / f"fold-{number}")

    def unfinished(self) -> list[int]:
        """Numbers of the folds that are not trained to their end."""
        settings = self.settings()
        return [number for number in range(settings["folds"]) if number not in settings["trained"]]

    def finish(self, number: int) -> None:
        """Notes that a fold is trained."""
        started, settings = self.file.stat(), self.settings()
        files.write_json(self.file, settings | {"trained": [*settings["trained"], number]})
        os.utime(self.file, ns=(started.st_atime_ns, started.st_mtime_ns))  # the run started last stays so

    def runs(self) -> list[Run]:
        """The runs of all folds.

        Raises:
          InputError: a fold that is missing, or not trained to its end.
        """
        unfinished, found = self.unfinished(), [self.run(number) for number in range(self.settings()["folds"])]
        for number, run in enumerate(found):
            if number in unfinished or not run.config_file.exists():
                what = "is not trained to its end" if run.config_file.exists() else "is missing"
                remedy = f"resume it with: python train.py --resume --run={self.folder}"
                raise InputError(f"{run.folder} {what}", remedy if number in unfinished else "copy the folder again")
        return found

    def training_data(self, config: Config) -> dict[int, TrainingData]:
        """{number: TrainingData} of the folds that are not finished.

        Raises:
          InputError: all are, or a damaged file.
        """
        source, unfinished = self.recording(), self.unfinished()
        if not unfinished:
            raise InputError(
                f"all folds of {self.folder} are trained already", f"python generate.py --checkpoint={self.folder}"
            )
        return {number: self._data(number, source, config) for number in unfinished}

    def _data(self, number, source, config):
        run = self.run(number)
        if run.config_file.exists():
            return dataclasses.replace(run.training_data(), recording=source)
        return TrainingData.prepare(source, config, fold=Fold(number, self.settings()["folds"]))

    def train(self, data: dict, trainer_of) -> int | None:
        """Trains all folds that are not finished, one after another; those that were begun are resumed.

        Args:
          data: {number: TrainingData}.
          trainer_of: function of TrainingData that returns a Trainer.

        Returns:
          the number of the signal that ended it early, or None.
        """
        for number, of_fold in data.items():
            run = self.run(number)
            trainer = trainer_of(of_fold)
            log.info("fold %d of %d: %s, in %s", number + 1, self.settings()["folds"], of_fold.split, run.folder)
            resume, last = run.config_file.exists(), trainer.schedule.last_step
            if not (resume and last and run.saved_step() >= last):  # ended between its last step and its note
                run.folder.mkdir(exist_ok=True)
                stopped_by = trainer.train(run, resume)
                if stopped_by:
                    return stopped_by
            self.finish(number)
        return None


def folds_of(source: Recording, config: Config, folds: int) -> dict[int, TrainingData]:
    """{number: TrainingData} of all folds of a new cross-fit.

    Raises:
      InputError: as TrainingData.prepare, for any of the folds.
    """
    return {number: TrainingData.prepare(source, config, fold=Fold(number, folds)) for number in range(folds)}


def opened(path, flag="checkpoint") -> Run | CrossFit:
    """An existing run or cross-fit: `path`, or what was started last in `checkpoints/`.

    Raises:
      InputError: there is none.
    """
    if path in (None, "", NEWEST):
        files_of = [*ROOT.glob("*/config.json"), *ROOT.glob(f"*/{FILE}")]
        newest = max(files_of, key=lambda file: file.stat().st_mtime_ns, default=None)
        return CrossFit(newest.parent) if newest and newest.name == FILE else Run.open(path, flag)
    return CrossFit(path) if (pathlib.Path(path) / FILE).exists() else Run.open(path, flag)


def open_runs(path, flag="checkpoint") -> list[Run]:
    """The run of a run folder, or those of all folds of a cross-fit.

    Raises:
      InputError: there is none, or a fold is missing.
    """
    found = opened(path, flag)
    return found.runs() if isinstance(found, CrossFit) else [found]
