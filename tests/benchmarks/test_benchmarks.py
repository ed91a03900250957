"""Each benchmark at a tiny size: that it runs, checks what it compares, and ends with its JSON line."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "benchmarks"
OF_THEIR_OWN = {"measure", "naive_wgan_gp", "planted_faults", "fidelity", "fidelity_report", "fidelity_figures"}
OF_THEIR_OWN |= {
    "ground_truth",
    "ground_truth_data",
    "rendering_ceiling",
    "inferred_rendering",
    "results",
    "small_errors",
    "exchanged_parts",
    "faults",
    "pooling",
    "critic_scores",
    "learning_curve",
    "ready_generators",
    "reliability",
    "long_training",
    "frame_positions",
    "conditions",
    "trial_period",
}  # need recordings or runs
NAMES = sorted({path.stem for path in FOLDER.glob("*.py")} - OF_THEIR_OWN)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_quick(name, tmp_path):
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--quick"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout.splitlines()[-1])
    assert result["benchmark"] == name
    if name == "large_evaluation":  # compares nothing
        assert result["cpu_seconds"] > 0 and result["seconds"] > 0 and result["peak_mib"] > 100
    else:
        assert result["spread"][0] <= result["ratio"] <= result["spread"][1] or name == "dichotomized_gaussian"
    assert {"size", "rounds", "machine"} <= set(result)
    assert f"benchmarks/{name}.py" in (FOLDER / "README.md").read_text()


@pytest.mark.slow
def test_frame_positions_of_ready_generators():
    ready = FOLDER.parent / "checkpoints" / "ready"
    command = [sys.executable, str(FOLDER / "frame_positions.py"), str(ready / "calciumgan"), "--windows=64"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    said, values = finished.stdout.splitlines()
    low, high = map(float, re.search(r"from ([\d.]+) to ([\d.]+) of the mean", said).groups())
    found = [float(value) for value in values.split()]
    assert len(found) == 32 and abs(sum(found) / 32 - 1) < 0.01
    assert min(found) == low and max(found) == high


@pytest.mark.slow
def test_quick_pooling(tmp_path):
    command = [sys.executable, str(FOLDER / "pooling.py"), "--quick"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    shares = json.loads(finished.stdout.splitlines()[-1])["mean"]
    assert list(shares) == ["one run", "three seeds", "five folds"]
    assert all(0 <= both <= chance <= 1 for chance, both in shares.values())


@pytest.mark.slow
def test_ready_generators_and_what_is_said_of_a_run(tmp_path):
    command = [sys.executable, str(FOLDER / "ready_generators.py"), "--quick"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    cards = [line for line in finished.stdout.splitlines() if line.startswith("# ")]
    assert cards == ["# calciumgan: a ready-made generator", "# physiological: a ready-made generator"]
    assert "2 steps, seed 0" in finished.stdout and not list(tmp_path.iterdir())

    tiny = "--window_frames=64 --units=2 --critic_units=2 --noise_dim=4 --batch_size=4 --synthetic_neurons=3 --steps=2"
    tiny += " --checkpoint_every=1"
    train = [sys.executable, str(FOLDER.parent / "train.py"), "--dataset=synthetic", "--run=run", *tiny.split()]
    subprocess.run(train, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    command = [sys.executable, str(FOLDER / "critic_scores.py"), "run"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    assert re.fullmatch(r"run, 2 steps: training -?[\d.]+, held out -?[\d.]+, generated -?[\d.]+\n", finished.stdout)
    command = [sys.executable, str(FOLDER / "learning_curve.py"), "run", "--name=x", "--windows=20", "--folder=."]
    for every, steps in (("2", ["2"]), ("1", ["1", "2"]), ("1", ["1", "2"])):
        finished = subprocess.run(
            [*command, f"--every={every}"], cwd=tmp_path, capture_output=True, text=True, timeout=300
        )
        assert finished.returncode == 0, finished.stderr
        assert re.findall(r"^\| (\d+) \|", finished.stdout, re.MULTILINE) == steps
    assert "step" not in finished.stdout.split("| step")[0] and (tmp_path / "curve_x.png").stat().st_size > 1000
