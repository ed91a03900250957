"""Wrong input for every script, and what is said of it; docs/reliability/mistakes.md lists it.

Every one of them ends in a line on stderr and status 2, and writes nothing (faults/test_mistakes.py).
"""

import json
import pathlib
import shutil

import h5py
import numpy as np
from scipy import io

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.run import Run

READY = pathlib.Path(__file__).parents[1] / "checkpoints" / "ready" / "physiological"
ATTRIBUTES = {"model": "", "frame_rate": 24.0, "tau_decay": 0.8, "seed": 0, "run": "x", "step": 1}
MISTAKES = pathlib.Path(__file__).with_name("mistakes.txt")  # each: a command, and indented what it says


def read() -> dict:
    """{command: what the line begins with, after "error: "}; READY in a command stands for the ready-made generator."""
    lines = MISTAKES.read_text(encoding="utf-8").splitlines()
    return dict(zip(lines[::2], map(str.strip, lines[1::2])))


def table() -> str:
    """All of them as a table in Markdown."""
    lines = [f"| `{command}` | {said} |" for command, said in read().items()]
    return "\n".join(["| command | error |", "| --- | --- |", *lines])


def make(folder, recording) -> None:
    """Writes the files that the commands name: one for each mistake, and what a right command would need.

    Args:
      folder: pathlib.Path, empty.
      recording: of three neurons and 2,000 frames at 24 Hz.
    """
    _arrays(folder, recording.traces)
    _recordings(folder, recording)
    _samples(folder)
    _runs(folder, recording)
    for name, text in TEXTS.items():
        (folder / name).write_text(text)


def _arrays(folder, traces):
    broken, endless, constant = (traces.copy() for _ in range(3))
    broken[3:5, 1], endless[7, 0], constant[:, 2] = np.nan, np.inf, 1
    arrays = {
        "good": traces, "nan": broken, "infinite": endless, "constant": constant, "swapped": traces.T,
        "narrow": traces[:, :2], "one": traces[:, 0], "cube": traces[:20, None], "none": traces[:0],
        "short": traces[:100], "words": np.full((50, 2), "1.0"), "complex": traces.astype(complex),
    }  # fmt: skip
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    np.savez(folder / "two.npz", a=traces, b=traces)
    io.savemat(folder / "two.mat", {"a": traces, "b": traces})
    io.savemat(folder / "words.mat", {"a": "text"})
    (folder / "cut.npy").write_bytes((folder / "good.npy").read_bytes()[:5000])
    (folder / "empty").mkdir()
    (folder / "suite2p").mkdir()
    np.save(folder / "suite2p" / "F.npy", traces.T)


def _recordings(folder, recording):
    whole = folder / "whole.h5"
    recording.save(whole)
    (folder / "truncated.h5").write_bytes(whole.read_bytes()[:3000])
    shutil.copy(whole, folder / "later.h5")
    with h5py.File(folder / "later.h5", "a") as file:
        file.attrs["version"] = 99
    shutil.copy(whole, folder / "changed.h5")
    with h5py.File(folder / "changed.h5", "a") as file:
        del file["traces"]
        file["traces"] = recording.traces + 1
    with h5py.File(folder / "foreign.h5", "w") as file:
        file["data"] = recording.traces


def _samples(folder):
    ones = np.ones((4, 64, 3), np.float32)
    kinds = {"five": np.ones((4, 64, 5)), "single": ones[:1], "nan_samples": ones * np.nan, "long": np.ones((4, 96, 3))}
    for name, traces in kinds.items():
        samples.write(folder / f"{name}.h5", [{"traces": traces}], traces.shape, ATTRIBUTES)
    samples.write(folder / "fast.h5", [{"traces": ones}], ones.shape, ATTRIBUTES | {"frame_rate": 30.0})
    for name, shape in {"session": (200, 3), "sixteen": (4, 256, 16)}.items():
        samples.write(folder / f"{name}.h5", [{"traces": np.ones(shape, np.float32)}], shape, ATTRIBUTES)
    whole = (folder / "five.h5").read_bytes()
    (folder / "cut_samples.h5").write_bytes(whole[: len(whole) // 2])
    np.save(folder / "flat_samples.npy", ones[0])
    np.save(folder / "samples.npy", ones)


def _runs(folder, recording):
    recording.save(folder / "mine.h5")
    mine = Recording(recording.traces, 24.0, str(folder / "mine.h5"))
    for name in ("started", "damaged", "unknown", "later", "replaced", "untouched"):
        run = Run(folder / name)
        run.folder.mkdir()
        config = Config.of(dataset=str(folder / "mine.h5"), window_frames=64, phase_shuffle=2)
        run.write_settings(config, TrainingData.prepare(mine, config), {})
    (folder / "damaged" / "config.json").write_text("{")
    values = json.loads((folder / "unknown" / "config.json").read_text())
    further = {"config": values["config"] | {"colour": "blue"}}
    (folder / "unknown" / "config.json").write_text(json.dumps(values | further))
    (folder / "later" / "config.json").write_text(json.dumps(values | {"format_version": 99}))
    Recording(recording.traces + 1, 24.0, "other").save(folder / "replaced" / "recording.h5")
    (folder / "untouched" / "generator.keras").write_bytes(b"")


TEXTS = {
    "notes.txt": "not a recording",
    "ragged.csv": "1,2\n3\n",
    "uneven.csv": "time,a\n" + "".join(f"{number**1.1},{number % 3}\n" for number in range(200)),
    "nothing.csv": "",
    "stimuli.txt": "1\n2\n",
    "unknown.flags": "--colour=blue\n",
    "list.json": "[]",
    "broken.json": "{",
    "unknown.json": '{"colour": [1]}',
    "budget.json": '{"steps": [1, 2]}',
    "entry.json": '{"units": 3}',
    "rate.json": '{"learning_rate": [0.1]}',
}
