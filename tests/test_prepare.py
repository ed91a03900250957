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


@pytest.mark.parametrize(
    "flags, kernel",
    [
        (("--indicator=gcamp6s",), "kernel: rise 0.064 s, decay 0.72 s (given by preset gcamp6s)"),
        (("--tau_rise=0.2", "--tau_decay=0.9"), "kernel: rise 0.2 s, decay 0.9 s (given)"),
        ((), "s (estimated from 3 neurons, the neurons' decays too much alike"),
    ],
)
def test_kernel_is_printed_with_its_source(script, folder, flags, kernel):
    finished = script(*COMMAND, "--output=k.h5", *flags)
    assert finished.returncode == 0, finished.stderr
    assert kernel in finished.stdout


def test_a_drift_is_noted_and_can_be_taken_off(script, folder, traces):
    """A sine of five minutes, ten times as large as the noise."""
    noise = np.random.default_rng(0).normal(0, 0.1, (14400, 2))
    np.save(folder / "drift.npy", noise + np.sin(2 * np.pi * np.arange(14400) / 7200)[:, None])
    command = ("prepare.py", "--recording=drift.npy", "--frame_rate=24", "--tau_decay=0.5")
    assert "note: the baseline drifts by" in script(*command, "--output=a.h5").stdout
    flat = script(*command, "--output=b.h5", "--subtract_baseline")
    assert "note: the baseline drifts" not in flat.stdout and "less its running baseline" in flat.stdout


def test_files_of_one_population_are_joined_selected_and_resampled(script, tmp_path, traces):
    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", traces.T)
    (tmp_path / "speed.txt").write_text("\n".join(str(number % 7) for number in range(traces.shape[0])))
    done = script(
        "prepare.py", "--recording=a.npy", "--recording=b.npy", "--frame_rate=24", "--transpose", "--neurons=0,2",
        "--frames=:1800", "--resample=12", "--conditions=speed.txt", "--output=both.h5",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = recordings.load(tmp_path / "both.h5")
    assert made.traces.shape == (1800, 2) and made.frame_rate == 12 and made.joins == (900,)
    assert made.neuron_ids == ("0", "2") and made.condition_names == ("speed",)
    assert "frames 0 to 1800" in done.stdout and "resampled from 24 Hz" in done.stdout
