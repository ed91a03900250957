"""A disk that is full: one line, and what was saved before is untouched.

A limit on the size of files stands for it, since no test can fill a disk.
"""

import pathlib
import resource
import subprocess
import sys

import numpy as np
import pytest

from calciumgan_tf import files

ROOT = pathlib.Path(__file__).parents[1]
TINY = ["--window_frames=64", "--units=2", "--critic_units=2", "--noise_dim=4", "--phase_shuffle=2", "--batch_size=4"]


def limited(folder, largest, name, *flags):
    """Runs a script that may write no file of more than `largest` bytes."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    command = [sys.executable, str(ROOT / name), *flags]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, preexec_fn=limit, timeout=300)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


@pytest.fixture
def raw(tmp_path):
    np.save(tmp_path / "raw.npy", np.random.default_rng(0).normal(size=(4000, 3)).astype(np.float32))
    return tmp_path


def one_line(done):
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ") and "can't be written (File too large): free some space" in done.stderr


def test_prepare_writes_all_or_nothing(raw):
    before = contents(raw)
    one_line(limited(raw, 20_000, "prepare.py", "--recording=raw.npy", "--frame_rate=24", "--output=x.h5"))
    assert contents(raw) == before


@pytest.mark.slow
def test_training_and_sampling_keep_what_was_saved(raw):
    ok = limited(raw, 2**30, "train.py", "--dataset=raw.npy", "--frame_rate=24", "--run=run", "--steps=2", *TINY)
    assert ok.returncode == 0, ok.stderr
    run = raw / "run"
    before = contents(run)
    one_line(limited(raw, 20_000, "train.py", "--resume", "--run=run", "--steps=4"))
    one_line(limited(raw, 100_000, "generate.py", "--checkpoint=run", "--num_samples=1000"))
    after = contents(run)
    kept = [path for path in before if path.parent.name == "checkpoint" or path.suffix in (".keras", ".h5")]
    assert len(kept) >= 5 and all(after[path] == before[path] for path in kept)
    again = limited(raw, 2**30, "train.py", "--resume", "--run=run", "--steps=4")
    assert again.returncode == 0 and "saved at step 4" in again.stdout


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device", "x"), RuntimeError("x; No space left on device")]
)
def test_problems_of_storage_are_told_from_others(error):
    assert files.storage_problem(error).endswith("can't be written (No space left on device)")
    wrapped = ValueError("a library's own")
    wrapped.__cause__ = error
    assert files.storage_problem(wrapped) == files.storage_problem(error)
    assert files.storage_problem(ValueError("x")) == ""
