"""The run folder: the only place that knows what lies where in `checkpoints/<run>/`.

config.json      model, configuration, data, split, scaling, neuron statistics, package versions
recording.h5     the prepared recording it was trained on
checkpoint/      training state, the last few
generator.keras  the averaged generator, giving dF/F; built-in Keras layers only
generator_best.keras  with --keep_best, that of the checkpoint closest to the validation part
metrics.jsonl    a line of losses at every logged step
tensorboard/     the same as TensorBoard events, and previews as images
previews/        windows of fixed noise in the course of the training
samples*.h5      written by generate.py; of the ready-made generators in checkpoints/ instead
.parts-*/        windows that generate.py has made so far, until all are there
evaluation*/     written by evaluate.py
"""

import importlib.metadata
import io
import json
import os
import pathlib
import re
import zipfile

import h5py

from calciumgan_tf import files, hdf5, locking, resources
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import sources
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import recording

ROOT = pathlib.Path("checkpoints")
READY = resources.folder("checkpoints") / "ready"  # generators that are part of the project
NEWEST = "newest"  # what --checkpoint means without a value
FORMAT_VERSION = 2
INFORMATION = "calciumgan_tf.json"  # member of generator.keras: its model and step
WEIGHTS = "model.weights.h5"
MEMBERS = (INFORMATION, WEIGHTS, "config.json", "metadata.json")
PACKAGES = ("tensorflow", "tensorflow-probability", "keras", "numpy", "scipy", "oasis-deconv")
ABOUT = ("source", "frames", "neurons", "neuron_ids", "frame_rate", "tau_decay")  # of the recording, in config.json
TRAIN_FIRST = "train one with: python train.py --dataset=synthetic"


class Run:
    """A run folder; its paths are attributes, and nothing is read or written before a method is called."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config_file = self.folder / "config.json"
        self.recording_file = self.folder / "recording.h5"
        self.checkpoint_folder = self.folder / "checkpoint"
        self.generator_file = self.folder / "generator.keras"
        self.best_generator_file = self.folder / "generator_best.keras"
        self.metrics_file = self.folder / "metrics.jsonl"
        self.tensorboard_folder = self.folder / "tensorboard"
        self.preview_folder = self.folder / "previews"
        ready = self.folder.parent.resolve() == READY.resolve()
        self.samples_file = ROOT / f"ready-{self.folder.name}.h5" if ready else self.folder / "samples.h5"

    @classmethod
    def create(cls, path, config: Config) -> "Run":
        """Creates the folder of a new run, exclusively: of two trainings started at once, each gets its own.

        Args:
          path: the folder; None for the first free name like `synthetic-calciumgan` in `checkpoints/`.
          config: Config, of which the default name is made.

        Raises:
          InputError: `path` exists, and is more than what a start that was interrupted leaves.
        """
        check_free(path)
        if path and _is_broken_start(path):
            return cls(path)
        if path:
            return cls(files.new_folder(path))
        dataset = re.sub(r"[^\w.-]+", "_", pathlib.Path(config.data.dataset).stem) or "run"
        return cls(files.fresh_folder(ROOT / f"{dataset}-{config.model}"))

    @classmethod
    def open(cls, path, flag="checkpoint") -> "Run":
        """An existing run: `path`, or the newest in `checkpoints/`.

        Raises:
          InputError: there is none.
        """
        if path in (None, "", NEWEST):
            started = sorted(ROOT.glob("*/config.json"), key=lambda file: file.stat().st_mtime_ns)
            if not started:
                raise InputError(f"there is no run in {ROOT}/ yet", TRAIN_FIRST)
            return cls(started[-1].parent)
        if not pathlib.Path(path).exists() and pathlib.Path(path).parent.name == READY.name:
            path = READY / pathlib.Path(path).name  # of an installed package
        if not pathlib.Path(path).is_dir():
            raise InputError(f"--{flag}={path} is not a run folder", f"runs are the folders in {ROOT}/; {TRAIN_FIRST}")
        if not (pathlib.Path(path) / "config.json").exists():
            raise InputError(f"--{flag}={path} has no config.json, so it is not a run folder", TRAIN_FIRST)
        return cls(path)

    def with_best(self) -> "Run":
        """This run, whose saved generator is that of the best checkpoint.

        Raises:
          InputError: it was trained without --keep_best, or did not come to its first checkpoint.
        """
        if not self.best_generator_file.exists():
            remedy = "leave --best out, or train with --keep_best"
            raise InputError(f"--best, but there is no {self.best_generator_file.name} in {self.folder}", remedy)
        best = Run(self.folder)
        best.generator_file = self.best_generator_file
        best.samples_file = self.samples_file.with_stem(f"{self.samples_file.stem}_best")
        return best

    def write_settings(self, config: Config, data: TrainingData, parameters: dict) -> None:
        """Writes the recording and the settings; config.json comes last, so that a run that has it is complete.

        Args:
          config: Config.
          data: TrainingData.
          parameters: {'generator': count, 'critic': count}.
        """
        source = data.recording
        source.save(self.recording_file)
        about = {name: getattr(source, name) for name in ABOUT}
        settings = {
            "format_version": FORMAT_VERSION,
            "model": config.model,
            "config": config.to_json(),
            "parameters": parameters,
            "recording": about | {"sha256": source.sha256()},
            "training_data": data.to_json(),
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        }
        files.write_json(self.config_file, settings)

    def write_config(self, config: Config) -> None:
        """Replaces the configuration in config.json, of which only the budget may have changed."""
        started = self.config_file.stat()
        files.write_json(self.config_file, self.settings() | {"config": config.to_json()})
        os.utime(self.config_file, ns=(started.st_atime_ns, started.st_mtime_ns))  # the run started last stays so

    def settings(self) -> dict:
        """What config.json holds.

        Raises:
          InputError: it can't be read, or another version of this project wrote it.
        """
        try:
            files.check_regular(self.config_file)
            settings = json.loads(self.config_file.read_text(encoding="utf-8"))
            version = settings["format_version"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{self.config_file} can't be read ({error})", TRAIN_FIRST) from error
        if version != FORMAT_VERSION:
            raise InputError(
                f"{self.folder} is a run of format {version}, and this version reads format {FORMAT_VERSION}",
                f"train again with: python train.py --dataset={self.recording_file}",
            )
        return settings

    def config(self) -> Config:
        """The configuration of the run."""
        with files.reading(self.config_file, TRAIN_FIRST):
            return Config.from_json(self.settings()["config"])

    def training_data(self) -> TrainingData:
        """The recording that it was trained on, and all that was prepared of it.

        Synthetic data are made again where the folder does not hold them.

        Raises:
          InputError: a damaged file, or a recording that is not the one that config.json names.
        """
        settings, config = self.settings(), self.config()
        made = config.data.dataset in (sources.SYNTHETIC, sources.SYNTHETIC_TUNED)
        if made and not self.recording_file.exists():
            own = sources.load(config.data)
        else:
            own = recording.load(self.recording_file)
        with files.reading(self.config_file, TRAIN_FIRST):
            if own.sha256() != settings["recording"]["sha256"]:
                raise InputError(f"{self.recording_file} is not the recording of this run", "copy the run again")
            return TrainingData.from_json(own, settings["training_data"])

    def trained_generator(self) -> pathlib.Path:
        """Path of the saved generator.

        Raises:
          InputError: the training did not come to its first checkpoint.
        """
        if not self.generator_file.exists():
            raise InputError(
                f"{self.folder} has no checkpoint yet", f"resume it with: python train.py --resume --run={self.folder}"
            )
        return self.generator_file

    def checked_generator(self) -> pathlib.Path:
        """Path of the saved generator, whose archive holds what Keras writes and nothing that leads out of it.

        Keras itself refuses a generator with Python code (its safe mode).

        Raises:
          InputError: as `trained_generator`, or a file that is damaged or made by another program.
        """
        path = self.trained_generator()
        with files.reading(path, f"resume {self.folder} to save it again"), zipfile.ZipFile(path) as archive:
            if unknown := sorted({*archive.namelist()} - {*MEMBERS}):
                raise ValueError(f"it holds {unknown[0]}")
            files.check_declared(path, sum(info.file_size for info in archive.infolist()))
            with h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as weights:
                hdf5.check_contained(weights, path)
        return path

    def newest_samples(self) -> pathlib.Path:
        """Path of the samples written last.

        Raises:
          InputError: there are none.
        """
        written = self.samples_file.parent.glob(f"{self.samples_file.stem}*.h5")
        samples = sorted(written, key=lambda file: file.stat().st_mtime_ns)
        if not samples:
            self.trained_generator()
            raise InputError(
                f"{self.folder} has no samples yet", f"draw some with: python generate.py --checkpoint={self.folder}"
            )
        return samples[-1]

    def log(self, entry: dict) -> None:
        """Adds a line to metrics.jsonl."""
        with open(self.metrics_file, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def logged(self) -> list:
        """The lines of metrics.jsonl as dicts."""
        return [json.loads(line) for line in self.metrics_file.read_text(encoding="utf-8").splitlines()]

    def saved_steps(self) -> list:
        """Steps of the checkpoints, in ascending order."""
        saved = (file.stem.rsplit("-", 1)[-1] for file in self.checkpoint_folder.glob("ckpt-*.index"))
        return sorted(map(int, saved))

    def saved_step(self) -> int:
        """Step of the newest checkpoint; 0 without one."""
        return max(self.saved_steps(), default=0)

    def remove_leftovers(self) -> None:
        """Removes what a training that was killed was writing; only for who holds the folder's lock."""
        own = (self.config_file, self.recording_file, self.metrics_file, self.generator_file, self.best_generator_file)
        for file in [file for one in own for file in self.folder.glob(f"{files.PARTIAL}*-{one.name}")]:
            file.unlink()
        files.remove_leftovers(self.preview_folder)

    def drop_log_after(self, step: int) -> None:
        """Drops log lines after `step`, which a resumed run will write again, and an incomplete last line."""
        if not self.metrics_file.exists():
            return
        kept = []
        for line in self.metrics_file.read_text(encoding="utf-8").splitlines():
            try:
                if json.loads(line)["step"] <= step:
                    kept.append(line + "\n")
            except json.JSONDecodeError:
                break
        with files.replacing(self.metrics_file) as partial:
            partial.write_text("".join(kept), encoding="utf-8")

    def save_generator(self, generator, information: dict, best: bool = False) -> None:
        """Replaces the saved generator.

        Args:
          generator: Keras model.
          information: {'model', 'step'} and, of the best one, 'distance'; stored in the same file, and ignored by
            Keras.
          best: whether it is the best so far instead of the newest.
        """
        with files.replacing(self.best_generator_file if best else self.generator_file) as partial:
            generator.save(partial)
            with zipfile.ZipFile(partial) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            members[INFORMATION] = json.dumps(information).encode()
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:  # about half as large as Keras' own
                for name, content in members.items():
                    archive.writestr(name, content)

    def generator_information(self) -> dict:
        """What `save_generator` stored beside the generator.

        Raises:
          InputError: the file is damaged.
        """
        generator_file = self.trained_generator()
        remedy = f"resume {self.folder} to save it again"
        with files.reading(generator_file, remedy), zipfile.ZipFile(generator_file) as archive:
            return json.loads(archive.read(INFORMATION))


def check_free(path) -> None:
    """Raises InputError where the folder that the user gave for a new run exists; see `Run.create`."""
    if path and os.path.lexists(path) and not _is_broken_start(path):
        raise InputError(f"--run={path} exists already", "choose another name, or add --resume to resume it")


def _is_broken_start(path):
    """Whether a folder holds no more than a training leaves that ended before it had written its settings."""
    folder = pathlib.Path(path)
    if folder.is_symlink() or not folder.is_dir():
        return False
    names = {file.name for file in folder.iterdir() if not file.name.startswith(files.PARTIAL)}
    return not names or (locking.FILE in names and names <= {locking.FILE, "recording.h5"})
