"""evaluate.py as a user meets it: what it writes, what it names, and what it refuses."""

import json

import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.sampling import samples
from calciumgan_tf.synthetic import populations, surrogate
from calciumgan_tf.training.run import Run


def write(path, traces, model, frame_rate=24.0):
    attributes = {"model": model, "frame_rate": frame_rate, "tau_decay": 0.8, "seed": 0, "run": "x", "step": 1}
    samples.write(path, [{"traces": traces}], traces.shape, attributes)


@pytest.fixture
def pair(tmp_path):
    """Flags of a recording and generated windows of a named model."""
    truth = populations.population(neurons=3)
    truth.recording(2000).save(tmp_path / "r.h5")
    write(tmp_path / "s.h5", truth.windows(20, 64)[1], "wavegan")
    return ["--recorded=r.h5", "--generated=s.h5"]


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def refused(finished, message):
    lines = finished.stderr.splitlines()
    assert finished.returncode == 2 and lines[-1].startswith("error: ") and message in lines[-1], finished.stderr


def test_everything_names_the_model(script, tmp_path, pair):
    done = script("evaluate.py", "--diagnostics", *pair, "--output=e")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("wavegan: s.h5 against ") and "\nModel: wavegan; 20 windows of s.h5" in done.stdout
    assert done.stdout.splitlines()[-1] == "report: e/report.html"
    written = json.loads((tmp_path / "e" / "metrics.json").read_text())
    assert written["settings"]["model"] == "wavegan" and written["settings"]["samples"] == "s.h5"
    assert "Model: wavegan" in (tmp_path / "e" / "report.html").read_text()
    assert "trust" not in (done.stdout + (tmp_path / "e" / "metrics.json").read_text()).lower()


def test_samples_of_an_unknown_model(script, tmp_path, pair):
    np.save(tmp_path / "s.npy", np.asarray(samples.load(tmp_path / "s.h5").traces[:]))
    done = script("evaluate.py", "--spike_metrics", pair[0], "--generated=s.npy", "--frame_rate=24", "--num_windows=2")
    assert done.returncode == 0, done.stderr
    assert "Model: unknown; 2 windows of s.npy" in done.stdout
    assert "2 windows are too few to judge" in done.stdout
    assert json.loads((tmp_path / "evaluation" / "metrics.json").read_text())["settings"]["model"] == ""


def test_overwrite_replaces_an_evaluation_and_nothing_else(script, tmp_path, pair):
    run = tmp_path / "run"
    (run / "checkpoint").mkdir(parents=True)
    (run / "config.json").write_text("{}")
    before = contents(tmp_path)
    command = ["evaluate.py", "--spike_metrics", *pair]
    refused(script(*command, "--output=run", "--overwrite"), "--output=run was not written by this command")
    refused(script(*command, "--output=r.h5", "--overwrite"), "--output=r.h5 was not written by this command")
    assert contents(tmp_path) == before

    assert script(*command, "--output=e").returncode == 0
    (tmp_path / "e" / "old.png").write_bytes(b"")
    refused(script(*command, "--output=e"), "--output=e exists already")
    assert script(*command, "--output=e", "--overwrite").returncode == 0
    assert not (tmp_path / "e" / "old.png").exists() and (tmp_path / "e" / "report.html").exists()


def test_patterns_and_spike_metrics_are_written_together(script, tmp_path):
    surrogate.recording().save(tmp_path / "r.h5")
    write(tmp_path / "s.h5", surrogate.trials(40)[1], "mlp")
    flags = ["--recorded=r.h5", "--generated=s.h5", "--output=e"]
    done = script("evaluate.py", "--patterns", "--spike_metrics", *flags)
    assert done.returncode == 0, done.stderr
    assert {"patterns.json", "patterns.png", "metrics.json", "report.html"} <= {
        path.name for path in (tmp_path / "e").iterdir()
    }
    patterns = json.loads((tmp_path / "e" / "patterns.json").read_text())
    assert patterns["settings"]["model"] == "mlp" and patterns["divergence_nats"]["floor"] > 0
    assert script("evaluate.py", "--patterns", *flags, "--overwrite").returncode == 0
    assert not (tmp_path / "e" / "metrics.json").exists()


@pytest.fixture
def runs(tmp_path):
    """`runs(name, seed, model)`: a run folder with samples and without a training."""
    truth = populations.population(neurons=3)

    def made(name, seed=0, model="calciumgan", frames=2000):
        config = Config.of(model=model, window_frames=64, phase_shuffle=2, seed=seed)
        run = Run(tmp_path / name)
        run.folder.mkdir()
        run.write_settings(config, TrainingData.prepare(truth.recording(frames), config), {})
        write(run.samples_file, truth.windows(20, 64, 100 * seed)[1], model)

    return made


def test_runs_are_pooled_to_one_table(script, tmp_path, runs):
    for seed in range(2):
        runs(f"seed-{seed}", seed)
    done = script("evaluate.py", "--diagnostics", "--checkpoint=seed-0", "--checkpoint=seed-1", "--output=e")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nDiagnosis\n") == 1 and "Spike metrics of" not in done.stdout
    assert "20 windows each of 2 runs (seed-0/samples.h5, seed-1/samples.h5)" in done.stdout
    written = json.loads((tmp_path / "e" / "metrics.json").read_text())
    assert written["settings"]["heldout_windows"] == 6 and not written["metrics"]
    assert [run["samples"] for run in written["runs"]] == ["seed-0/samples.h5", "seed-1/samples.h5"]
    squares = [run["rates"]["value"] * abs(run["rates"]["value"]) for run in written["runs"]]
    pooled = written["diagnosis"]["rates"]["generated"]["value"]
    assert pooled * abs(pooled) == pytest.approx(np.mean(squares))
    assert "<h2>Figures</h2>" not in (tmp_path / "e" / "report.html").read_text()


POOLED = [
    ("--diagnostics", "b", "a and b are runs of different recordings"),
    ("--diagnostics", "c", "a and c are runs of different models"),
    ("--diagnostics", "a", "--checkpoint names a twice"),
    ("--spike_metrics", "d", "2 runs are pooled by --diagnostics alone"),
    ("--diagnostics --generated=x.h5", "d", "--generated has no effect on several runs"),
]


@pytest.mark.parametrize("flags, other, message", POOLED)
def test_runs_that_are_not_to_be_pooled(script, tmp_path, runs, flags, other, message):
    runs("a")
    runs("b", frames=2100)
    runs("c", model="physiological")
    runs("d", seed=1)
    before = contents(tmp_path)
    refused(script("evaluate.py", *flags.split(), "--checkpoint=a", f"--checkpoint={other}"), message)
    assert contents(tmp_path) == before
