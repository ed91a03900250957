"""Cross-fits as a user meets them: five trainings by one command, exact when resumed, and what is refused."""

import json
import shutil

import numpy as np
import pytest

from calciumgan_tf.sampling import samples
from calciumgan_tf.training.cross_fit import CrossFit
from calciumgan_tf.training.run import Run

STEPS, FOLDS = 2, 3


@pytest.fixture
def train(script, tmp_path, recording, tiny):
    """`train(*flags)`: a cross-fit of a tiny model into the folder `cross`."""
    recording.save(tmp_path / "r.h5")
    options = [f"--{name}={value}" for name, value in tiny.items()]
    length = [f"--steps={STEPS}", "--checkpoint_every=1"]
    return lambda *flags: script("train.py", "--dataset=r.h5", *options, *length, "--run=cross", *flags)


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def windows(path):
    return samples.load(path).traces[:]


def refused(finished, message):
    lines = finished.stderr.splitlines()
    assert finished.returncode == 2 and len(lines) == 1 and lines[0].startswith("error: "), finished.stderr
    assert message in lines[0]


def test_from_training_to_the_pooled_table(script, tmp_path, train):
    """Each fold is an ordinary run; what was interrupted goes on with the fold that is unfinished, to the same end."""
    done = train(f"--cross_fit={FOLDS}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "trained; next: python generate.py --checkpoint=cross"
    whole = CrossFit(tmp_path / "cross")
    assert [run.folder.name for run in whole.runs()] == ["fold-0", "fold-1", "fold-2"]
    splits = [run.training_data().split for run in whole.runs()]
    assert len(set(splits)) == FOLDS and [run.saved_step() for run in whole.runs()] == [STEPS] * FOLDS

    assert script("generate.py", "--checkpoint=cross", "--num_samples=20").returncode == 0
    assert script("generate.py", "--checkpoint=cross/fold-1", "--num_samples=20", "--output=one.h5").returncode == 0
    np.testing.assert_array_equal(windows(tmp_path / "one.h5"), windows(tmp_path / "cross" / "fold-1" / "samples.h5"))

    done = script("evaluate.py", "--diagnostics", "--checkpoint=cross")
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "cross" / "evaluation" / "metrics.json").read_text())
    held = [len(split.starts(split.heldout)[:: split.window_frames]) for split in splits]
    assert len(written["runs"]) == FOLDS and written["settings"]["heldout_windows"] >= sum(held) - FOLDS > max(held)

    # As if it had been interrupted in the second fold, after its first step.
    shutil.rmtree(tmp_path / "cross" / "fold-2")
    run = Run(tmp_path / "cross" / "fold-1")
    expected = windows(tmp_path / "one.h5")
    for path in run.checkpoint_folder.glob("ckpt-2.*"):
        path.unlink()
    state = run.checkpoint_folder / "checkpoint"
    state.write_text('model_checkpoint_path: "ckpt-1"\nall_model_checkpoint_paths: "ckpt-1"\n')
    settings = whole.settings()
    whole.file.write_text(json.dumps(settings | {"trained": [0]}))
    finished = contents(tmp_path / "cross" / "fold-0")
    refused(script("generate.py", "--checkpoint=cross"), "fold-1 is not trained to its end: resume it with")
    refused(script("train.py", "--resume", "--run=cross", "--steps=9"), "--steps=9, but the folds of cross are")
    done = script("train.py", "--resume", "--run=cross")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "cross" / "fold-0") == finished
    assert not whole.unfinished() and [run.saved_step() for run in whole.runs()] == [STEPS] * FOLDS
    assert [run.training_data().split for run in whole.runs()] == splits
    assert script("generate.py", "--checkpoint=cross/fold-1", "--num_samples=20", "--output=two.h5").returncode == 0
    np.testing.assert_array_equal(windows(tmp_path / "two.h5"), expected)

    before = contents(tmp_path)
    refused(script("train.py", "--resume", "--run=cross"), "all folds of cross are trained already")
    refused(script("generate.py", "--checkpoint=cross", "--output=x.h5"), "--output=x.h5 is one file for 3 folds")
    refused(script("evaluate.py", "--spike_metrics", "--checkpoint=cross"), "3 runs are pooled by --diagnostics alone")
    assert contents(tmp_path) == before
    shutil.move(tmp_path / "cross" / "fold-1", tmp_path / "elsewhere")
    for command in ("generate.py", "evaluate.py --diagnostics"):
        refused(script(*command.split(), "--checkpoint=cross"), "fold-1 is missing: copy the folder again")


MISTAKES = {
    "one fold": (["--cross_fit=1"], "--cross_fit=1"),
    "too many folds": (["--cross_fit=11"], "--cross_fit=11"),
    "end": (["--cross_fit=5", "--split=end"], "--cross_fit=5 holds out every part once, but --split=end the end alone"),
    "too short": (["--cross_fit=5", "--window_frames=256"], "--cross_fit=5 needs 10 windows of 256 frames"),
    "resume": (["--cross_fit=5", "--resume"], "--cross_fit has no effect with --resume"),
}


@pytest.mark.parametrize("flags, message", MISTAKES.values(), ids=MISTAKES)
def test_mistakes(train, tmp_path, flags, message):
    before = contents(tmp_path)
    refused(train(*flags), message)
    assert contents(tmp_path) == before


def test_a_neuron_that_one_fold_never_sees_is_named_before_anything_is_trained(train, tmp_path, recording):
    """It moves in the first third alone, which the first fold holds out."""
    recording.traces[:, 1] = np.where(np.arange(2000) < 60, recording.traces[:, 1], 1)
    recording.save(tmp_path / "r.h5")
    before = contents(tmp_path)
    refused(train(f"--cross_fit={FOLDS}"), "constant")
    assert contents(tmp_path) == before


def test_a_dry_run_writes_nothing(train, tmp_path):
    before = contents(tmp_path)
    done = train("--cross_fit=5", "--dry_run")
    assert done.returncode == 0 and "model: calciumgan" in done.stdout
    assert contents(tmp_path) == before


def test_a_damaged_cross_fit(script, tmp_path):
    (tmp_path / "cross").mkdir()
    (tmp_path / "cross" / "cross_fit.json").write_text("{}")
    before = contents(tmp_path)
    for command in ("train.py --resume --run=cross", "generate.py --checkpoint=cross"):
        refused(script(*command.split()), "cross_fit.json can't be read")
    assert contents(tmp_path) == before
