"""prepare.py as a user runs it: what --overwrite replaces and what it leaves alone."""

import h5py
import numpy as np
import pytest

from calciumgan_tf.recordings import recording as recordings

COMMAND = ("prepare.py", "--recording=x.npy", "--frame_rate=24", "--overwrite")


@pytest.fixture
def folder(tmp_path, traces):
    np.save(tmp_path / "x.npy", traces)
    return tmp_path


def test_overwrite_replaces_a_prepared_recording(script, folder, recording):
    recording.save(folder / "old.h5")
    finished = script(*COMMAND, "--output=old.h5", "--drop=1")
    assert finished.returncode == 0, finished.stderr
    assert "left out: neuron 1" in finished.stdout
    assert recordings.load(folder / "old.h5").neuron_ids == ("0", "2")


@pytest.mark.parametrize("kind", ["samples", "text", "folder"])
def test_overwrite_leaves_everything_else_alone(script, folder, kind):
    path = folder / "other.h5"
    if kind == "folder":
        path.mkdir()
        (path / "metrics.jsonl").write_text("kept")
    elif kind == "text":
        path.write_text("kept")
    else:
        with h5py.File(path, "w") as file:
            file.attrs["format"] = "calciumgan_tf/samples"
    before = {entry: entry.is_dir() or entry.read_bytes() for entry in folder.rglob("*")}
    finished = script(*COMMAND, "--output=other.h5")
    assert finished.returncode == 2
    assert finished.stderr == (
        "error: --output=other.h5 was not written by this command, so --overwrite does not replace it: "
        "choose another name\n"
    )
    assert {entry: entry.is_dir() or entry.read_bytes() for entry in folder.rglob("*")} == before
