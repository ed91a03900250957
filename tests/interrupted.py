"""The scripts, killed at some moment and started again: whether what they leave is what an undisturbed run leaves.

A Stage is a script with its input; `undisturbed` runs it once, `disturbed` kills it and starts it again.
faults/test_kills.py does so a few times, benchmarks/reliability.py a hundred times.
"""

import dataclasses
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable

import h5py
import numpy as np
import tensorflow as tf

from calciumgan_tf import hdf5
from calciumgan_tf.sampling import samples
from calciumgan_tf.synthetic import populations
from calciumgan_tf.training.run import INFORMATION, WEIGHTS, Run

ROOT, KILLED = pathlib.Path(__file__).parents[1], pathlib.Path(__file__).with_name("killed.py")
TINY = "--window_frames=64 --units=2 --critic_units=2 --noise_dim=4 --phase_shuffle=2 --batch_size=4 --log_every=2"
SPACE = {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}, "kernel_size": [4, 8]}
STEPS = 24
TIMEOUT = 600  # s
UNLIKE = re.compile(r'"(steps_per_second|shared_object_id)": [\d.e+-]+')  # what may differ: speed, Keras' numbers


@dataclasses.dataclass(frozen=True)
class Stage:
    """A script and what it makes.

    Attributes:
      script: name without `.py`.
      flags: of the first start.
      make: function of a folder that writes the input.
      result: function of the folder that returns {name: hash} of what is to be equal.
      again: function of the folder after a kill that returns the flags of the second start, None where nothing is left
        to do.
    """

    script: str
    flags: str
    make: Callable
    result: Callable
    again: Callable


@dataclasses.dataclass(frozen=True)
class Whole:
    """An undisturbed run: what it made, its number of changes, and the times of its first line and its end, s."""

    result: dict
    changes: int
    first_line: float
    end: float


def start(stage, folder, flags, number=0):
    """The process of a stage, which kills itself at change `number`."""
    command = [sys.executable, str(KILLED), str(number), str(folder), str(ROOT / f"{stage.script}.py"), *flags.split()]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes)


def undisturbed(stage, folder) -> Whole:
    """Runs a stage in a new folder.

    Raises:
      AssertionError: it failed.
    """
    folder.mkdir()
    stage.make(folder)
    began = time.monotonic()
    process = start(stage, folder, stage.flags)
    first = process.stdout.readline()
    first_line = time.monotonic() - began
    shown = first + process.communicate(timeout=TIMEOUT)[0]
    assert process.returncode == 0, shown
    changes = int(shown.rsplit("changes: ", 1)[1])
    return Whole(stage.result(folder), changes, first_line, time.monotonic() - began)


def disturbed(stage, folder, number=0, seconds=None) -> dict:
    """Runs a stage in a new folder, kills it, and starts it again as a user would.

    Args:
      stage: Stage.
      folder: pathlib.Path.
      number: of the change before which it is killed, 0 for none.
      seconds: after which it is killed, instead.

    Returns:
      {'killed': whether it did not end before, 'left': 'nothing', 'a part' or 'all' of its work, 'result': hashes}.

    Raises:
      AssertionError: it could not be started again.
    """
    folder.mkdir()
    stage.make(folder)
    before = set(folder.rglob("*"))
    process = start(stage, folder, stage.flags, number)
    try:
        process.communicate(timeout=seconds or TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    killed, flags = process.returncode == -signal.SIGKILL, stage.again(folder)
    assert killed or process.returncode == 0, process.returncode
    left = "all" if flags is None else "a part" if set(folder.rglob("*")) - before else "nothing"
    if flags is not None:
        process = start(stage, folder, flags)
        shown, _ = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0, shown
    return {"killed": killed, "left": left, "result": stage.result(folder)}


def _hash(*contents):
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def _files(*paths):
    """{name: hash} of files; of HDF5 files, which hold times, that of what is in them."""
    return {path.name: _hdf5(path) if path.suffix == ".h5" else _hash(path.read_bytes()) for path in paths}


def _hdf5(file):
    """Hash of the attributes and arrays of an HDF5 file."""
    parts = []

    def add(name, node):
        parts.append(repr((name, sorted(hdf5.read_attributes(node).items()))).encode())
        if isinstance(node, h5py.Dataset):
            parts.append(node[()].tobytes())

    with h5py.File(file, "r") as opened:
        add("/", opened)
        opened.visititems(add)
    return _hash(*parts)


def _generator(file):
    """Hash of a saved generator's layers, weights, model and step."""
    with zipfile.ZipFile(file) as archive:
        layers = UNLIKE.sub("", archive.read("config.json").decode())
        return _hash(layers.encode(), archive.read(INFORMATION)) + _hdf5(io.BytesIO(archive.read(WEIGHTS)))


def _trained(folder):
    """Hashes of a run folder: training state, generators, previews and losses."""
    run = Run(folder)
    reader = tf.train.load_checkpoint(str(run.checkpoint_folder / f"ckpt-{run.saved_step()}"))
    names = sorted(name for name in reader.get_variable_to_dtype_map() if name != "_CHECKPOINTABLE_OBJECT_GRAPH")
    generators = {file.name: _generator(file) for file in sorted(run.folder.glob("generator*.keras"))}
    losses = UNLIKE.sub("", run.metrics_file.read_text())
    state = [np.asarray(reader.get_tensor(name)).tobytes() for name in names if "save_counter" not in name]
    found = {"checkpoint": _hash(*state), "losses": _hash(losses.encode())} | generators
    return found | _files(*sorted(run.preview_folder.glob("*.png")))


def _recording(folder):
    populations.population(neurons=3).recording(2000).save(folder / "r.h5")


def _prepare():
    def make(folder):
        np.save(folder / "raw.npy", populations.population(neurons=20).recording(20_000).traces)

    flags = "--recording=raw.npy --frame_rate=24 --output=x.h5"
    return Stage("prepare", flags, make, lambda at: _files(at / "x.h5"), _unless_there("x.h5", flags))


def _unless_there(name, flags):
    """The same command again, unless what it makes is there."""
    return lambda folder: None if (folder / name).exists() else flags


def _train():
    flags = (
        f"--dataset=r.h5 --model=physiological {TINY} --calibration=10 --steps={STEPS} --checkpoint_every=4 --keep_best"
    )

    def again(folder):
        run = Run(folder / "run")
        if not run.config_file.exists():
            return f"{flags} --run=run"
        return None if run.saved_step() == STEPS else "--resume --run=run"

    return Stage("train", f"{flags} --run=run", _recording, lambda at: _trained(at / "run"), again)


def _generate():
    def make(folder):
        shutil.copytree(ROOT / "checkpoints" / "ready" / "physiological", folder / "run")

    flags = "--checkpoint=run --num_samples=2500 --output=s.h5"
    return Stage("generate", flags, make, lambda at: _files(at / "s.h5"), _unless_there("s.h5", flags))


def _evaluate():
    def make(folder):
        _recording(folder)
        windows = populations.population(neurons=3).windows(40, 64)[1]
        attributes = {"model": "wavegan", "frame_rate": 24.0, "tau_decay": 0.8, "seed": 0, "run": "x", "step": 1}
        samples.write(folder / "s.h5", [{"traces": windows}], windows.shape, attributes)

    flags = "--diagnostics --recorded=r.h5 --generated=s.h5 --output=e"
    return Stage("evaluate", flags, make, lambda at: _files(*sorted((at / "e").iterdir())), _unless_there("e", flags))


def _reproduce():
    flags = f"--recording=r.h5 {TINY} --models=calciumgan --steps=3 --seeds=1 --num_windows=12 --output=out"

    def result(folder):
        runs = {
            f"{run.name}/{name}": one
            for run in sorted((folder / "out" / "runs").iterdir())
            for name, one in _trained(run).items()
        }
        pictures = sorted((folder / "out" / "calciumgan").rglob("*.png"))
        return runs | _files(folder / "out" / "tables.md", folder / "out" / "tables.csv", *pictures)

    return Stage("reproduce", flags, _recording, result, lambda at: flags)


def _search():
    flags = f"--space=space.json {TINY} --dataset=r.h5 --steps=4 --trials=3 --evaluations=1 --num_windows=20"

    def make(folder):
        _recording(folder)
        (folder / "space.json").write_text(json.dumps(SPACE))

    def result(folder):
        import optuna

        journal = optuna.storages.journal.JournalFileBackend(str(folder / "study" / "study.log"))
        study = optuna.load_study(study_name="correlation_rmse", storage=optuna.storages.JournalStorage(journal))
        done = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
        return {str(place): [trial.params, trial.value] for place, trial in enumerate(done)}

    return Stage("search", f"{flags} --study=study", make, result, lambda at: f"{flags} --study=study")


STAGES = {stage.script: stage for stage in (_prepare(), _train(), _generate(), _evaluate(), _reproduce(), _search())}
