"""The run folder: the only place that knows what lies where in `checkpoints/<run>/`.

config.json      configuration, data, split, scaling, package versions
recording.h5     the prepared recording it was trained on
checkpoint/      training state, the last few
generator.keras  the averaged generator, giving dF/F; built-in Keras layers only
metrics.jsonl    one line a log step
tensorboard/     the same as TensorBoard events, and previews as images
previews/        windows of fixed noise as the training goes on
samples*.h5      what generate.py wrote
evaluation*/     what evaluate.py wrote
"""

import importlib.metadata
import json
import os
import pathlib
import re

from calciumgan_tf import files
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import split
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import recording

ROOT = pathlib.Path("checkpoints")
NEWEST = "newest"  # what --checkpoint means without a value
FORMAT_VERSION = 1
PACKAGES = ("tensorflow", "tensorflow-probability", "keras", "numpy", "scipy", "oasis-deconv")
TRAIN_FIRST = "train one with: python train.py --dataset=synthetic"


class Run:
    """One run folder. The paths are attributes; nothing is read or written until asked for."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config_file = self.folder / "config.json"
        self.recording_file = self.folder / "recording.h5"
        self.checkpoint_folder = self.folder / "checkpoint"
        self.generator_file = self.folder / "generator.keras"
        self.metrics_file = self.folder / "metrics.jsonl"
        self.tensorboard_folder = self.folder / "tensorboard"
        self.preview_folder = self.folder / "previews"
        self.samples_file = self.folder / "samples.h5"
        self.evaluation_folder = self.folder / "evaluation"

    @classmethod
    def new(cls, asked, dataset) -> "Run":
        """A folder for a new run: `asked`, or the first free name like `dataset` in `checkpoints/`.

        Raises:
          InputError: `asked` exists already.
        """
        if asked and os.path.lexists(asked):
            raise InputError(f"--run={asked} exists already", "choose another name, or add --resume to go on with it")
        name = re.sub(r"[^\w.-]+", "_", pathlib.Path(dataset).stem) or "run"
        return cls(asked or files.fresh(ROOT / name))

    @classmethod
    def open(cls, asked, flag="checkpoint") -> "Run":
        """An existing run: `asked`, or the one started last.

        Raises:
          InputError: there is none.
        """
        if asked in (None, "", NEWEST):
            started = sorted(ROOT.glob("*/config.json"), key=lambda file: file.stat().st_mtime_ns)
            if not started:
                raise InputError(f"there is no run in {ROOT}/ yet", TRAIN_FIRST)
            return cls(started[-1].parent)
        if not pathlib.Path(asked).is_dir():
            raise InputError(f"--{flag}={asked} is not a run folder", f"runs are the folders in {ROOT}/; {TRAIN_FIRST}")
        if not (pathlib.Path(asked) / "config.json").exists():
            raise InputError(f"--{flag}={asked} has no config.json, so it is not a run folder", TRAIN_FIRST)
        return cls(asked)

    def start(self, config: Config, data, split, parameters) -> None:
        """Writes the recording and the settings; config.json comes last, so that a run that has it is complete.

        Args:
          config: Config.
          data: Recording.
          split: windows.Split.
          parameters: {'generator': count, 'critic': count}.
        """
        data.save(self.recording_file)
        files.write_json(
            self.config_file,
            {
                "format_version": FORMAT_VERSION,
                "config": config.to_json(),
                "data": {
                    "source": data.source,
                    "sha256": data.sha256(),
                    "frames": data.frames,
                    "neurons": data.neurons,
                    "frame_rate": data.frame_rate,
                    "tau_decay": data.tau_decay,
                },
                "split": split.to_json(),
                "parameters": parameters,
                "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            },
        )

    def settings(self) -> dict:
        """What config.json holds; raises InputError if it can't be read."""
        try:
            return json.loads(self.config_file.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise InputError(f"{self.config_file} can't be read ({error})", TRAIN_FIRST) from error

    def config(self) -> Config:
        """The configuration of the run."""
        return Config.from_json(self.settings()["config"])

    def recording(self) -> recording.Recording:
        """The recording it was trained on."""
        return recording.load(self.recording_file)

    def split(self) -> split.Split:
        """How that was split."""
        return split.Split.from_json(self.settings()["split"])

    def trained_generator(self) -> pathlib.Path:
        """Path of the saved generator; raises InputError where training never came to its first checkpoint."""
        if not self.generator_file.exists():
            raise InputError(
                f"{self.folder} has no checkpoint yet", f"go on with: python train.py --resume --run={self.folder}"
            )
        return self.generator_file

    def newest_samples(self) -> pathlib.Path:
        """Path of the samples written last; raises InputError where there are none."""
        found = sorted(self.folder.glob("samples*.h5"), key=lambda file: file.stat().st_mtime_ns)
        if not found:
            self.trained_generator()
            raise InputError(
                f"{self.folder} has no samples yet", f"draw some with: python generate.py --checkpoint={self.folder}"
            )
        return found[-1]

    def log(self, entry: dict) -> None:
        """Adds a line to metrics.jsonl."""
        with open(self.metrics_file, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def logged(self) -> list:
        """The lines of metrics.jsonl as dicts."""
        return [json.loads(line) for line in self.metrics_file.read_text(encoding="utf-8").splitlines()]

    def saved_step(self) -> int:
        """Step of the newest checkpoint; 0 without one."""
        saved = (file.stem.rsplit("-", 1)[-1] for file in self.checkpoint_folder.glob("ckpt-*.index"))
        return max(map(int, saved), default=0)

    def forget_after(self, step: int) -> None:
        """Takes out log lines later than `step`, which a resumed run will write again.

        Also half a line of a killed one.
        """
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

    def save_generator(self, model) -> None:
        """Replaces generator.keras by `model`."""
        with files.replacing(self.generator_file) as partial:
            model.save(partial)
