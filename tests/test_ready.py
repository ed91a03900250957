"""The ready-made generators: they load, are small, and are what their cards say."""

import pathlib
import re

import numpy as np
import pytest

import calciumgan_tf as cg

READY = pathlib.Path(__file__).parents[1] / "checkpoints" / "ready"
MODELS = ["calciumgan", "physiological"]


def test_they_are_under_three_megabytes_together():
    files = [path for path in READY.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == set(MODELS)
    assert sum(path.stat().st_size for path in files) < 3e6


@pytest.mark.parametrize("model", MODELS)
def test_a_generator_matches_its_card(model):
    card = (READY / model / "README.md").read_text()
    run = cg.open_run(READY / model)
    windows = run.sample(64)
    mean, sd = map(float, re.search(r"mean (-?[\d.]+), SD ([\d.]+) dF/F", card).groups())
    assert windows.mean() == pytest.approx(mean, abs=1e-3) and windows.std() == pytest.approx(sd, rel=1e-3)
    assert windows.shape[1:] == (256, 16) and np.isfinite(windows).all()
    assert run.recording.sha256() in card and f"`{model}`" in card


@pytest.mark.parametrize("path", ["checkpoints/ready/physiological", "ready/physiological"])
def test_they_are_found_from_any_folder_and_write_nothing_there(script, tmp_path, path):
    before = sorted(READY.rglob("*"))
    done = script("generate.py", f"--checkpoint={path}", "--num_samples=3")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "checkpoints" / "ready-physiological.h5").exists()
    assert sorted(READY.rglob("*")) == before


@pytest.mark.slow
def test_they_can_be_evaluated(script, tmp_path):
    assert script("generate.py", "--checkpoint=ready/calciumgan", "--num_samples=60").returncode == 0
    done = script("evaluate.py", "--spike_metrics", "--checkpoint=ready/calciumgan")
    assert done.returncode == 0 and "Model: calciumgan; 60 windows" in done.stdout, done.stderr
    assert (tmp_path / "checkpoints" / "evaluation" / "report.html").exists()
