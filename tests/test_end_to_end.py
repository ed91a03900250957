"""The scripts in a row, and a run that is killed, as a user would see them."""

import json
import pathlib
import signal
import subprocess
import sys

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf import hdf5
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
from calciumgan_tf.sampling import sampler
from calciumgan_tf.synthetic import populations

ROOT = pathlib.Path(__file__).parents[1]
TINY = ["--window_frames=64", "--units=2", "--kernel_size=8", "--critic_units=2", "--noise_dim=4", "--phase_shuffle=2"]
TINY += ["--critic_kernel_size=8", "--batch_size=8"]


def ok(finished):
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_recording_to_report(script, tmp_path):
    np.save(tmp_path / "raw.npy", populations.population(neurons=4).recording(4000).traces)
    shown = ok(script("prepare.py", "--recording=raw.npy", "--frame_rate=24", "--output=data/x.h5"))
    assert "4 neurons, 4000 frames at 24 Hz, 2.8 minutes" in shown and "note: transients" not in shown
    assert "s (estimated from 4 neurons, " in shown
    slow = ok(
        script("prepare.py", "--recording=raw.npy", "--frame_rate=24", "--tau_decay=0.1", "--output=data/slow.h5")
    )
    assert "kernel: rise within a frame, decay 0.1 s (given)" in slow
    assert "s, not 0.1 s; if the indicator is another one" in slow

    budget = ["--steps=4", "--checkpoint_every=2", "--log_every=2", "--virtual_devices=2"]
    shown = ok(script("train.py", "--dataset=data/x.h5", *TINY, *budget))
    assert "model: calciumgan" in shown and "replicas: 2" in shown
    run = "checkpoints/x-calciumgan"
    assert shown.splitlines()[-1] == f"trained; next: python generate.py --checkpoint={run}"
    ok(script("train.py", "--resume", "--steps=6"))

    for name in ("samples.h5", "samples-002.h5"):  # the same command can be typed twice
        assert name in ok(script("generate.py", "--checkpoint", "--num_samples=70"))
    refused = script("generate.py", "--checkpoint", "--output=data/x.h5", "--overwrite")
    assert refused.returncode == 2 and "data/x.h5 was not written by this command" in refused.stderr
    with h5py.File(tmp_path / run / "samples.h5") as file:
        about = hdf5.read_attributes(file)
        assert file["traces"].shape == (70, 64, 4)
        assert (about["model"], about["step"], about["frame_rate"]) == ("calciumgan", 6, 24)
        windows = file["traces"][:]
    np.testing.assert_allclose(alone(tmp_path / run / "generator.keras"), windows[:64], atol=1e-5)

    shown = ok(script("evaluate.py", "--spike_metrics", "--checkpoint"))
    assert "firing_rate_kl" in shown and shown.splitlines()[-1] == f"report: {run}/evaluation/report.html"
    metrics = json.loads((tmp_path / run / "evaluation/metrics.json").read_text())
    assert metrics["settings"]["windows"] == 70 and len(metrics["metrics"]) == 9
    page = (tmp_path / run / "evaluation/report.html").read_text()
    assert page.count("<img") == page.count("data:image/png") == 7
    pair = ["--recorded=data/x.h5", f"--generated={run}/samples.h5", "--output=pair", "--num_windows=50"]
    assert "report: pair/report.html" in ok(script("evaluate.py", "--spike_metrics", *pair))


ALONE = """
import importlib.util, sys
assert importlib.util.find_spec("calciumgan_tf") is None
import keras, numpy
noise = list(numpy.load(sys.argv[2]).values())
numpy.save(sys.argv[3], keras.saving.load_model(sys.argv[1]).predict(noise, verbose=0))
"""


def alone(generator):
    """The first windows of seed 0, made by a process that can't import this package."""
    folder = generator.parent
    key = Randomness(0).key(Purpose.SAMPLES, 0)
    np.savez(folder / "noise.npz", *draw_noise(keras.saving.load_model(generator), sampler.CHUNK, key))
    files = [generator.name, "noise.npz", "windows.npy"]
    finished = subprocess.run([sys.executable, "-c", ALONE, *files], cwd=folder, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return np.load(folder / "windows.npy")


def start(folder, run, steps):
    command = [sys.executable, str(ROOT / "train.py"), f"--run={run}", f"--steps={steps}", "--log_every=1"]
    command += ["--resume"] if (folder / run).exists() else ["--checkpoint_every=5", *TINY]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(process, text):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if text in line:
            return
    raise AssertionError("".join(seen))


def weights(folder):
    reader = tf.train.load_checkpoint(str(folder / "checkpoint"))
    names = [
        name for name in reader.get_variable_to_shape_map() if "OBJECT_GRAPH" not in name and "save_counter" not in name
    ]
    return {name: reader.get_tensor(name) for name in names}


@pytest.mark.slow
def test_killed_twice_and_resumed_equals_uninterrupted(tmp_path):
    whole = start(tmp_path, "whole", 30)
    whole.communicate()
    for step in (8, 19):  # between checkpoints
        process = start(tmp_path, "killed", 30)
        wait_for(process, f"train {step}/30")
        process.kill()
        process.wait()
    process = start(tmp_path, "killed", 30)
    wait_for(process, "train 16/30")  # from the checkpoint of step 15, not from the start
    process.communicate()
    assert whole.returncode == process.returncode == 0
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "killed")
    assert one.keys() == other.keys() and len(one) > 50
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_interrupted_run_says_how_to_resume(tmp_path):
    process = start(tmp_path, "run", 100_000)
    wait_for(process, "train 3/")
    process.send_signal(signal.SIGINT)
    rest = process.communicate()[0]
    assert process.returncode == 128 + signal.SIGINT
    assert rest.splitlines()[-1] == "stopped; resume with: python train.py --resume --run=run"
    assert (tmp_path / "run" / "generator.keras").exists()
