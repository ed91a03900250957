"""generate.py --spikes: inferred spikes, and the events that the physiological model made its traces from."""

import h5py
import numpy as np
import pytest

import calciumgan_tf as cg
from calciumgan_tf.sampling import sampler

TINY = {"window_frames": 64, "units": 2, "critic_units": 2, "phase_shuffle": 1, "noise_dim": 4, "batch_size": 4}


@pytest.fixture(scope="module", params=["calciumgan", "physiological"])
def run(request, tmp_path_factory):
    recording = cg.synthetic_recording(neurons=3, minutes=2)
    short = {"calibration": 2} if request.param == "physiological" else {}
    folder = tmp_path_factory.mktemp("runs") / request.param
    return cg.train(recording, run=folder, model=request.param, steps=1, **TINY, **short)


def test_events_make_the_traces(run, script, tmp_path):
    done = script("generate.py", f"--checkpoint={run.folder}", "--num_samples=70", "--spikes", "--output=x.h5")
    assert done.returncode == 0, done.stderr
    model = run.folder.name
    with h5py.File(tmp_path / "x.h5") as file:
        assert ("events" in file) == (model == "physiological")
        np.testing.assert_array_equal(file["traces"], run.sample(70))
        assert set(np.unique(file["spikes"])) <= {0, 1} and file["spikes"].attrs["kind"] == b"inferred"
        if model == "calciumgan":
            return
        events, traces = file["events"][:], file["traces"][:]
    assert events.min() >= 0 and events.shape == traces.shape
    # Noise is independent of events, so that a frame's largest events and its rises go together.
    steps = np.diff(traces, axis=1)
    assert np.corrcoef(events[:, 1:].ravel(), steps.ravel())[0, 1] > 0.2


def test_a_generator_without_events_has_none(run):
    made = sampler.with_events(sampler.load_generator(run._run))
    assert (made is None) == (run.folder.name == "calciumgan")


@pytest.mark.parametrize("output", ["x.csv", "x/", "x.nwb"])
def test_other_formats_are_written_and_not_overwritten(run, script, tmp_path, output):
    if output.endswith("nwb"):
        pytest.importorskip("pynwb")
    command = "generate.py", f"--checkpoint={run.folder}", "--num_samples=2", f"--output={output}"
    assert script(*command).returncode == 0
    assert (tmp_path / output).exists()
    again = script(*command)
    assert again.returncode == 2 and "exists already" in again.stderr
    assert script(*command, "--overwrite").returncode == 0


def test_a_folder_of_another_kind_is_not_overwritten(run, script, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine.txt").write_text("kept")
    done = script("generate.py", f"--checkpoint={run.folder}", "--num_samples=2", "--output=x/", "--overwrite")
    assert done.returncode == 2 and "was not written by this command" in done.stderr
    assert (tmp_path / "x" / "mine.txt").read_text() == "kept"


def test_the_next_command_is_one_that_works(run, script):
    command = "generate.py", f"--checkpoint={run.folder}", "--num_samples=40"
    shown = script(*command, "--output=y.h5").stdout
    following = shown.split("next: python ")[1].split()
    assert "--generated=y.h5" in following
    done = script(*following)
    assert done.returncode == 0, done.stderr
    shown = script(*command, "--output=y.csv").stdout
    assert f"of {run.folder}, step " in shown
    assert "draw a samples file (.h5): python generate.py --checkpoint=" in shown
