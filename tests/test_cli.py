"""Wrong input, as a user meets it: one line on stderr that says what to do, status 2, nothing written."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from calciumgan_tf.config import Config, options
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.run import Run


@pytest.fixture
def files(tmp_path, recording):
    """One file for each mistake, a started run without a checkpoint, and samples that fit none."""
    broken = recording.traces.copy()
    broken[3:5, 1] = np.nan
    constant = recording.traces.copy()
    constant[:, 2] = 1
    np.save(tmp_path / "good.npy", recording.traces)
    np.save(tmp_path / "nan.npy", broken)
    np.save(tmp_path / "constant.npy", constant)
    np.save(tmp_path / "swapped.npy", recording.traces.T)
    (tmp_path / "notes.txt").write_text("not a recording")
    recording.save(tmp_path / "whole.h5")
    (tmp_path / "truncated.h5").write_bytes((tmp_path / "whole.h5").read_bytes()[:3000])
    run = Run(tmp_path / "started")
    run.folder.mkdir()
    config = Config.of(window_frames=64, phase_shuffle=2)
    run.write_settings(config, TrainingData.prepare(recording, config), {})
    attributes = {"model": "", "frame_rate": 30.0, "tau_decay": 0.8, "seed": 0, "run": "x", "step": 1}
    samples.write(tmp_path / "other.h5", [{"traces": np.ones((4, 64, 5), np.float32)}], 4, 64, 5, attributes)
    attributes["frame_rate"] = 24.0
    samples.write(tmp_path / "five.h5", [{"traces": np.ones((4, 64, 5), np.float32)}], 4, 64, 5, attributes)
    return tmp_path


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


MISTAKES = {
    "missing path": ("train.py --dataset=none.npy", "none.npy does not exist"),
    "not a recording": ("prepare.py --recording=notes.txt", "notes.txt can't be read (it holds no numbers)"),
    "nan": ("train.py --dataset=nan.npy --frame_rate=24", "neuron 1 has 2 frames of NaN or Inf"),
    "constant": ("prepare.py --recording=constant.npy --frame_rate=24", "constant trace of neuron 2"),
    "swapped": ("train.py --dataset=swapped.npy --frame_rate=24", "2000 neurons but only 3 frames"),
    "too short": ("train.py --dataset=whole.h5 --window_frames=1024", "the recording has 2000 frames, less than"),
    "no frame rate": ("train.py --dataset=good.npy", "no frame rate: give it in Hz with --frame_rate"),
    "window length": ("train.py --window_frames=100", "--window_frames=100 is not divisible by 32: take 96 or 128"),
    "truncated": ("train.py --dataset=truncated.h5", "truncated.h5 can't be read"),
    "output exists": ("prepare.py --recording=good.npy --frame_rate=24 --output=whole.h5", "whole.h5 exists already"),
    "run exists": ("train.py --run=started", "--run=started exists already"),
    "no run to sample": ("generate.py --checkpoint", "there is no run in checkpoints/ yet"),
    "no run to evaluate": ("evaluate.py --spike_metrics", "there is no run in checkpoints/ yet"),
    "no run to resume": ("train.py --resume", "there is no run in checkpoints/ yet"),
    "no checkpoint to sample": ("generate.py --checkpoint=started", "started has no checkpoint yet"),
    "no checkpoint to judge": ("evaluate.py --spike_metrics --checkpoint=started", "started has no checkpoint yet"),
    "not a run": ("generate.py --checkpoint=nowhere", "--checkpoint=nowhere is not a run folder"),
    "changed configuration": ("train.py --resume --run=started --units=9", "--units=9, but the run was started with 8"),
    "seed of 2^31": (
        "train.py --seed=2147483648",
        "--seed=2147483648 is out of range: it has to be at most 2147483647",
    ),
    "seed of samples": ("generate.py --checkpoint=started --seed=2147483648", "--seed=2147483648 is out of range"),
    "unknown model": ("train.py --model=vae", "--model"),
    "option of another model": ("train.py --calibration=3", "--calibration=3, but --model=calciumgan has none"),
    "unknown flag": ("train.py --stepz=3", "Unknown command line flag 'stepz'"),
    "negative seed": ("evaluate.py --spike_metrics --seed=-1", "flag --seed=-1"),
    "wrong type": ("train.py --steps=many", "--steps"),
    "missing flag file": ("train.py --flagfile=none.flags", "none.flags"),
    "stray argument": ("train.py synthetic", "unexpected argument 'synthetic'"),
    "no windows": ("generate.py --num_samples=0 --checkpoint=started", "--num_samples=0"),
    "nothing to evaluate": ("evaluate.py", "nothing to evaluate: add --spike_metrics"),
    "half a pair": ("evaluate.py --spike_metrics --recorded=whole.h5", "--recorded without --generated"),
    "frame rates differ": (
        "evaluate.py --spike_metrics --recorded=whole.h5 --generated=other.h5",
        "the recording has 24 Hz, the samples 30 Hz",
    ),
    "unknown neuron": ("prepare.py --recording=whole.h5 --drop=9", "--drop names 9"),
}


@pytest.mark.parametrize("command, message", MISTAKES.values(), ids=MISTAKES)
def test_mistake(script, files, command, message):
    before = contents(files)
    finished = script(*command.split())
    lines = finished.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ") and message in lines[0], finished.stderr
    assert ": " in lines[0].removeprefix("error: ")
    assert finished.returncode == 2
    assert contents(files) == before


def test_samples_of_other_neurons(script, files):
    finished = script("evaluate.py", "--spike_metrics", "--recorded=whole.h5", "--generated=five.h5")
    assert finished.returncode == 2
    assert "error: generated windows have 5 neurons, the recording has 3" in finished.stderr


@pytest.mark.parametrize("name", ["prepare.py", "train.py", "generate.py", "evaluate.py", "search.py", "reproduce.py"])
def test_help_has_examples_and_flags_in_groups(script, name):
    finished = script(name, "--help")
    assert finished.returncode == 0 and not finished.stderr
    assert f"python {name} --" in finished.stdout and "\nThis command:\n" in finished.stdout


def test_help_of_training_is_short_and_the_full_help_complete(script):
    """At most 30 flags in named groups; every option is in the full help."""
    shown, full = (script("train.py", flag).stdout for flag in ("--help", "--helpfull"))
    everyday = [line for line in shown.splitlines() if line.startswith("  --")]
    assert 10 < len(everyday) <= 30
    assert all(f"\n{heading}:\n" in shown for heading in ("Data", "Model", "Training", "Length and output"))
    assert all(f"  --{name}" in full for name in options())
    assert len([line for line in full.splitlines() if line.startswith("  --")]) == len(options()) + 5


def test_dry_run_of_the_paper(script, files):
    """Parameters as the original has them; nothing is written."""
    neurons = np.random.default_rng(0).normal(size=(8000, 102)).astype(np.float32)
    np.save(files / "wide.npy", neurons)
    before = contents(files)
    paper = __file__.replace("tests/test_cli.py", "configs/paper.flags")
    finished = script("train.py", f"--flagfile={paper}", "--dataset=wide.npy", "--frame_rate=24", "--dry_run")
    assert finished.returncode == 0, finished.stderr
    assert "4,375,740 parameters" in finished.stdout and "4,110,273 parameters" in finished.stdout
    assert "--beta_1=0.9\n" in finished.stdout and "model: calciumgan, " in finished.stdout
    assert contents(files) == before


@pytest.mark.parametrize("name", ["prepare", "train", "generate", "evaluate", "reproduce", "search"])
def test_scripts_start_without_tensorflow(name):
    """Its notes would stand before the line that says what is wrong; quiet.first_import leaves them out."""
    program = f"import sys, {name}; print([one for one in ('tensorflow', 'keras') if one in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=pathlib.Path(__file__).parents[1], capture_output=True, text=True
    )
    assert (found.stdout, found.stderr) == ("[]\n", "")
