"""The Python interface: its documented example, and the errors of the scripts as exceptions."""

import doctest
import os
import subprocess
import sys

import numpy as np
import pytest

import calciumgan_tf as cg
from calciumgan_tf import api

TINY = {"window_frames": 64, "units": 2, "critic_units": 2, "phase_shuffle": 1, "noise_dim": 4, "batch_size": 4}


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def recording():
    return cg.synthetic_recording(neurons=3, minutes=2)


def test_the_documented_example(tmp_path):
    results = doctest.testmod(api, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert results.attempted >= 8 and not results.failed
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "data:image/png;base64" in page


def test_names_are_those_of_the_api():
    assert set(api.__all__) == set(cg.__all__) <= set(dir(cg))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cg.nothing  # noqa: B018


def test_the_package_is_imported_without_heavy_libraries():
    heavy = "tensorflow", "keras", "scipy", "matplotlib", "h5py", "numpy"
    program = f"import sys, calciumgan_tf; print([name for name in {heavy} if name in sys.modules])"
    folder = os.path.dirname(os.path.dirname(cg.__file__))
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_a_run_is_sampled_and_evaluated_like_by_the_scripts(recording, tmp_path, script):
    seen = []
    run = cg.train(recording, run="made", steps=2, log_every=1, callback=seen.append, **TINY)
    assert [entry["step"] for entry in seen] == [1, 2] == [entry["step"] for entry in run.losses]
    windows = run.sample(70, seed=3)
    done = script("generate.py", "--checkpoint=made", "--num_samples=70", "--seed=3", "--output=made.h5")
    assert done.returncode == 0, done.stderr
    from calciumgan_tf.sampling import samples

    np.testing.assert_array_equal(samples.load(tmp_path / "made.h5").traces[:], windows)
    done = script("generate.py", "--checkpoint=made", "--frames=90", "--seed=3", "--output=session.h5")
    assert done.returncode == 0, done.stderr
    session = samples.load(tmp_path / "session.h5").traces[:]
    np.testing.assert_array_equal(run.session(90, seed=3), session)
    np.testing.assert_array_equal(run.session(20, seed=3, start_frame=70), session[70:])
    with pytest.raises(cg.InputError, match="session: 0 frames"):
        run.session(0)
    assert run.recording.sha256() == recording.sha256()
    assert repr(run) == "<TrainedRun made: calciumgan, 2 steps>"
    again = cg.open_run("made")
    result, other = cg.evaluate(recording, windows, run=again), cg.evaluate(recording, windows)
    assert result.value("firing_rate_kl") == other.value("firing_rate_kl")
    assert list(result.table.index) == list(result.evaluation.rows) and "correlation_rmse" in str(result)
    numbers = result.table[["ci95_low", "ci95_high", "beyond_low", "beyond_baseline_shuffled_high"]]
    assert (numbers.dtypes == "float64").all()


def test_the_table_does_without_pandas(recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    result = cg.evaluate(recording, recording.traces[: 64 * 20].reshape(20, 64, 3))
    assert result.table[0]["metric"] == "firing_rate_kl" and isinstance(result.table, list)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda _: cg.read("nothing.npy"), "nothing.npy does not exist"),
        (lambda _: cg.read("nothing.npy", framerate=3), "options are frame_rate, "),
        (lambda one: cg.train(one, dataset="x"), "dataset is not an option here"),
        (lambda one: cg.train(one, unit=3), "there is no --unit"),
        (lambda one: cg.train(one, window_frames=60), "--window_frames=60"),
        (lambda one: cg.train(one, run=".."), "exists already"),
        (lambda _: cg.open_run("nothing"), "is not a run folder"),
        (lambda one: cg.evaluate(one, one.traces), "windows of shape"),
        (lambda one: cg.evaluate(one, np.zeros((9, 64, 2), np.float32)), "neurons"),
    ],
)
def test_wrong_input_is_an_exception_with_the_remedy(recording, tmp_path, call, message):
    with pytest.raises(cg.InputError, match=message):
        call(recording)
    assert not list(tmp_path.iterdir())
