"""Files that try to run code, to reach other files, or to exhaust the machine, and what becomes of them.

Each attempt is a command in a folder that holds what somebody else made: a recording, samples, a run folder, a flag
file. docs/security.md lists them; faults/test_hostile.py makes each. A file named `executed` would show that code ran.
"""

import dataclasses
import io
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import zipfile
from collections.abc import Callable

import h5py
import keras
import numpy as np

from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling import parts, sampler, samples
from calciumgan_tf.training import cross_fit
from calciumgan_tf.training.run import Run

READY = pathlib.Path(__file__).parents[1] / "checkpoints" / "ready" / "physiological"
EXECUTED, SECRET = "executed", "secret.h5"  # what must not appear; what must not be read
PREPARE, JUDGE = "prepare.py --frame_rate=24 --output=made.h5", "evaluate.py --spike_metrics --recorded=r.h5"
GENERATE = "generate.py --checkpoint=run --num_samples=2 --output=x.npy"
LARGE = 1 << 42  # bytes
ATTRIBUTES = {"model": "", "frame_rate": 24.0, "tau_decay": 0.8, "seed": 0, "run": "x", "step": 1}


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One of them.

    Attributes:
      source: what somebody else made: a recording, samples, a run folder, or another file that is read.
      about: what it tries.
      make: function of a folder that writes it.
      command: script and flags.
      said: a part of the error; '' where the command works and the attempt is without effect.
    """

    source: str
    about: str
    make: Callable
    command: str
    said: str = ""


ATTEMPTS = []


def attempt(source, about, command, said=""):
    """Registers a function of a folder as one."""

    def register(make):
        ATTEMPTS.append(Attempt(source, about, make, command, said))
        return make

    return register


def table() -> str:
    """All of them as a table in Markdown."""
    lines = ["| what comes from elsewhere | what it tries | what happens |", "| --- | --- | --- |"]
    for one in ATTEMPTS:
        happens = f"refused: {one.said}" if one.said else "no effect"
        lines.append(f"| {one.source} | {one.about} | {happens} |")
    return "\n".join(lines)


def prepare(folder) -> None:
    """Writes what attempts need beside their own file: a recording, its twin that is nobody's business, and a run."""
    traces = np.random.default_rng(0).normal(size=(2000, 3)).astype(np.float32)
    for name in ("r.h5", SECRET):
        Recording(traces, 24.0, name).save(folder / name)
    samples.write(folder / "s.h5", [{"traces": traces[: 20 * 64].reshape(20, 64, 3)}], (20, 64, 3), ATTRIBUTES)
    shutil.copytree(READY, folder / "run")


class Harmful:
    """Calls a function when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def _calls(folder):
    marker = str(folder / EXECUTED)
    return {
        "a shell command": (os.system, f"touch {marker}"),
        "a process": (subprocess.call, ["touch", marker]),
        "eval": (eval, f"open({marker!r}, 'w')"),
        "exec": (exec, f"open({marker!r}, 'w')"),
        "a file to be opened": (open, marker, "w"),
        "a method of pathlib": (pathlib.Path.touch, pathlib.Path(marker)),
        "getattr": (getattr, pathlib.Path(), "touch"),
        "an array of a terabyte": (np.ndarray, (1 << 40,)),
        "bytes without end": (bytearray, 1 << 40),
    }


def _pickle(name):
    @attempt("recording", f"a pickle with {name}", f"{PREPARE} --recording=x.pkl", "x.pkl can't be read")
    def make(folder):
        content = {"signals": np.zeros((3, 900)), "x": Harmful(*_calls(folder)[name])}
        (folder / "x.pkl").write_bytes(pickle.dumps(content))


for _name in _calls(pathlib.Path()):
    _pickle(_name)


def _objects(folder):
    return np.array([Harmful(os.system, f"touch {folder / EXECUTED}")], object)


def _suite2p(name):
    @attempt("recording", f"an array of pickled objects as suite2p's {name}", f"{PREPARE} --recording=p", name)
    def make(folder):
        (folder / "p").mkdir()
        rising = np.random.default_rng(0).normal(500, 5, (2, 900)).astype(np.float32)
        for file, array in (("F", rising), ("Fneu", rising / 9), ("iscell", np.ones((2, 2))), ("stat", rising)):
            np.save(folder / "p" / f"{file}.npy", array)
        np.save(folder / "p" / name, _objects(folder))


for _name in ("F.npy", "Fneu.npy", "iscell.npy", "ops.npy"):
    _suite2p(_name)


@attempt("recording", "an array of pickled objects in a .npz", f"{PREPARE} --recording=x.npz", "x.npz")
def _(folder):
    np.savez(folder / "x.npz", a=_objects(folder))


@attempt("recording", "a .npy that declares four terabytes", f"{PREPARE} --recording=x.npy", "x.npy can't be read")
def _(folder):
    header = {"descr": "<f4", "fortran_order": False, "shape": (LARGE // 12, 3)}
    with open(folder / "x.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.write(b"0" * 1000)


@attempt("recording", "a .npz that unpacks to eight gigabytes", f"{PREPARE} --recording=x.npz", "x.npz")
def _(folder):
    header = io.BytesIO()
    shape = (1 << 30, 2)
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(folder / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as file:
        file.write(header.getvalue())
        file.write(b"\0" * (1 << 22))


def _hdf5(about, said, change):
    @attempt("recording", about, f"{PREPARE} --recording=x.h5", said)
    def make(folder):
        shutil.copy(folder / "r.h5", folder / "x.h5")
        with h5py.File(folder / "x.h5", "a") as file:
            del file["traces"]
            change(file, folder, (2000,))

    @attempt("samples", about, f"{JUDGE} --generated=x.h5", said)
    def make_samples(folder):
        shutil.copy(folder / "s.h5", folder / "x.h5")
        with h5py.File(folder / "x.h5", "a") as file:
            del file["traces"]
            change(file, folder, (20, 64))


def _external_link(file, folder, _):
    file["traces"] = h5py.ExternalLink(str(folder / SECRET), "traces")


def _virtual(file, folder, shape):
    layout = h5py.VirtualLayout((*shape, 3), np.float32)
    layout[...] = h5py.VirtualSource(str(folder / SECRET), "traces", (*shape, 3))
    file.create_virtual_dataset("traces", layout)


def _raw(file, folder, shape):
    file.create_dataset("traces", (*shape, 3), "f4", external=[(str(folder / SECRET), 0, h5py.h5f.UNLIMITED)])


def _bomb(file, folder, shape):
    shape = LARGE // 12, *shape[1:], 3
    file.create_dataset("traces", shape, "f4", chunks=(1 << 16, *shape[1:]), compression="gzip")


def _loop(file, folder, _):
    file["traces"] = h5py.SoftLink("/traces")


_hdf5("a link to another HDF5 file", "is a link to another file", _external_link)
_hdf5("a virtual array of another file", "is kept in other files", _virtual)
_hdf5("an array whose bytes are those of another file", "is kept in other files", _raw)
_hdf5("an array that declares four terabytes", "declares", _bomb)
_hdf5("a link to itself", "x.h5", _loop)


@attempt("recording", "an HDF5 group that holds itself", f"{PREPARE} --recording=x.h5", "x.h5")
def _(folder):
    with h5py.File(folder / "x.h5", "w") as file:
        file["loop"] = file["/"]


@attempt(
    "recording", "a pipe, which would be read for ever", f"{PREPARE} --recording=x.npy", "x.npy is not a recording"
)
def _(folder):
    os.mkfifo(folder / "x.npy")


@attempt("recording", "a device without an end", f"{PREPARE} --recording=/dev/zero", "/dev/zero is not a recording")
def _(folder):
    pass


@attempt("samples", "an array of pickled objects", f"{JUDGE} --generated=x.npy --frame_rate=24", "x.npy can't be read")
def _(folder):
    np.save(folder / "x.npy", _objects(folder))


@attempt("samples", "a pipe, which would be read for ever", f"{JUDGE} --generated=x.h5", "x.h5 is a pipe or a device")
def _(folder):
    os.mkfifo(folder / "x.h5")


def _generator(folder, change):
    """Replaces a member of the run's generator.keras."""
    path = folder / "run" / "generator.keras"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@attempt("run folder", "a generator with a Lambda layer of code", GENERATE, "generator.keras can't be read")
def _(folder):
    inputs = keras.Input((32,))
    marker = str(folder / EXECUTED)
    output = keras.layers.Lambda(lambda x: (open(marker, "w").close(), x)[1], output_shape=(32,))(inputs)
    keras.Model(inputs, output).save(folder / "code.keras")
    (folder / EXECUTED).unlink(missing_ok=True)
    with zipfile.ZipFile(folder / "code.keras") as archive:
        code = {name: archive.read(name) for name in archive.namelist()}
    _generator(folder, lambda members: members.update(code))


@attempt("run folder", "a generator with a layer of any module's", GENERATE, "generator.keras can't be read")
def _(folder):
    def change(members):
        config = json.loads(members["config.json"])
        config["config"]["layers"][1] |= {"module": "subprocess", "class_name": "Popen", "registered_name": None}
        config["config"]["layers"][1]["config"] = {"args": ["touch", str(folder / EXECUTED)]}
        members["config.json"] = json.dumps(config)

    _generator(folder, change)


@attempt("run folder", "a generator with a member outside of its archive", GENERATE, "it holds ../../executed")
def _(folder):
    _generator(folder, lambda members: members.update({f"../../{EXECUTED}": b"x", "assets/../../../executed": b"x"}))


@attempt("run folder", "a generator whose weights are those of another file", GENERATE, "is a link to another file")
def _(folder):
    def change(members):
        content = io.BytesIO()
        with h5py.File(content, "w") as file:
            file["layers"] = h5py.ExternalLink(str(folder / SECRET), "/")
        members["model.weights.h5"] = content.getvalue()

    _generator(folder, change)


@attempt("run folder", "settings nested too deep to be read", GENERATE, "config.json can't be read")
def _(folder):
    (folder / "run" / "config.json").write_text("[" * 100_000)


@attempt(
    "run folder",
    "another recording than the run's",
    "train.py --resume --run=run --steps=999",
    "recording.h5 is not the recording",
)
def _(folder):
    shutil.copy(folder / SECRET, folder / "run" / "recording.h5")
    values = json.loads((folder / "run" / "config.json").read_text())
    values["config"]["data"]["dataset"] = str(folder / "r.h5")
    (folder / "run" / "config.json").write_text(json.dumps(values))


@attempt("run folder", "kept parts of windows with pickled objects", "generate.py --checkpoint=run --num_samples=2000")
def _(folder):
    kept = sampler.kept_parts(Run(folder / "run"), sampler.Request(2000), parts.size_of(64 * 3, sampler.CHUNK))
    for number in range(len(kept)):
        kept.save(number, {"traces": _objects(folder)})


@attempt("run folder", "a cross-fit whose folds lie elsewhere", "generate.py --checkpoint=run", "can't be read")
def _(folder):
    (folder / "run" / "config.json").unlink()
    header = {"format": cross_fit.FORMAT, "version": cross_fit.VERSION, "trained": []}
    (folder / "run" / "cross_fit.json").write_text(json.dumps(header | {"folds": ["../..", "/etc"]}))


@attempt("flag file", "a flag file that includes itself", "train.py --flagfile=x.flags --dry_run")
def _(folder):
    (folder / "x.flags").write_text(f"--flagfile={folder / 'x.flags'}\n--units=4\n")


@attempt("flag file", "a flag with a command in it", "train.py --flagfile=x.flags", "does not exist")
def _(folder):
    (folder / "x.flags").write_text(f"--dataset=$(touch {folder / EXECUTED})\n")


@attempt("search space", "an object nested too deep to be read", "search.py --space=x.json", "x.json can't be read")
def _(folder):
    (folder / "x.json").write_text('{"a":' * 100_000)


NAME = "<script>alert(1)</script> $\\frac{$ \x1b[2J ../../executed"


def _named(folder):
    recorded = np.random.default_rng(0).normal(size=(2000, 3))
    Recording(recorded, 24.0, NAME, neuron_ids=(NAME, "=1+1", "b")).save(folder / "x.h5")


REPORT = "evaluate.py --spike_metrics --recorded=x.h5 --generated=s.h5 --output=e"


@attempt("recording", "names with HTML, formulas, terminal codes and paths", REPORT)
def _(folder):
    _named(folder)


@attempt("recording", "the same names in files that are written", f"{PREPARE} --recording=x.h5")
def _(folder):
    _named(folder)


@attempt("recording", "a file name of two lines", f"{PREPARE} --recording=two\nlines.npy", "lines.npy")
def _(folder):
    (folder / "two\nlines.npy").write_text("x")


@attempt(
    "folder", "a link to somebody's file where the output is to be written", f"{PREPARE} --recording=r.h5 --overwrite"
)
def _(folder):
    os.symlink(folder / SECRET, folder / "made.h5")
