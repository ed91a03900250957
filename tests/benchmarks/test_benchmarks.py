"""Each benchmark at a tiny size: that it runs, checks what it compares, and says what it found."""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "benchmarks"
HELP = (FOLDER / "README.md").read_text()
SCRIPTS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.py"))}
IN_TURN = [name for name, text in SCRIPTS.items() if "measure.arguments(" in text]
READY = FOLDER.parent / "checkpoints" / "ready"


def output_of(script, *flags, cwd=None):
    """What a script prints; fails where it fails."""
    command = [sys.executable, str(script), *map(str, flags)]
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def benchmark(name, *flags, cwd=None):
    """What a benchmark prints."""
    return output_of(FOLDER / f"{name}.py", *flags, cwd=cwd)


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A copy of the ready-made physiological generator, with samples."""
    run = shutil.copytree(READY / "physiological", tmp_path_factory.mktemp("ready") / "physiological")
    output_of(FOLDER.parent / "generate.py", f"--checkpoint={run}", "--num_samples=100")
    return run


@pytest.mark.parametrize("name", [name for name, text in SCRIPTS.items() if "__main__" in text])
def test_described(name):
    assert f"`python benchmarks/{name}.py" in HELP


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_TURN)
def test_quick(name, tmp_path):
    result = json.loads(benchmark(name, "--quick", cwd=tmp_path).splitlines()[-1])
    assert result["benchmark"] == name
    if name == "large_evaluation":  # compares nothing
        assert result["cpu_seconds"] > 0 and result["seconds"] > 0 and result["peak_mib"] > 100
    else:
        assert result["spread"][0] <= result["ratio"] <= result["spread"][1] or name == "dichotomized_gaussian"
    assert {"size", "rounds", "machine"} <= set(result)


@pytest.mark.slow
def test_frame_positions_of_ready_generators():
    said, values = benchmark("frame_positions", READY / "calciumgan", "--windows=64").splitlines()
    low, high = map(float, re.search(r"from ([\d.]+) to ([\d.]+) of the mean", said).groups())
    found = [float(value) for value in values.split()]
    assert len(found) == 32 and abs(sum(found) / 32 - 1) < 0.01
    assert min(found) == low and max(found) == high


@pytest.mark.slow
def test_copies_of_the_ready_generator(ready):
    head, _, row = (line.strip("| ").split(" | ") for line in benchmark("copies", ready).splitlines())
    assert head[:2] == ["run", "generated"] and row[:2] == ["physiological", "1"]
    assert len(row) == len(head) == 8 and all(cell.endswith(" found") for cell in row[2:])


@pytest.mark.slow
def test_event_sizes_of_the_ready_generator(ready):
    rows = [line.strip("| ").split(" | ") for line in benchmark("event_sizes", "--name=demo", ready).splitlines()]
    assert [row[:2] for row in rows] == [["demo, 16 neurons", "SD of event sizes"], ["demo, 16 neurons", "asymmetry"]]
    for _, _, training, found, ratio, interval in rows:
        low, high = map(float, interval.split(" to "))
        assert low < float(ratio) < high and float(found) / float(training) == pytest.approx(float(ratio), rel=0.1)


@pytest.mark.slow
def test_quick_recording_length():
    head, rule, generated, recorded = benchmark("recording_length", "--quick").splitlines()
    assert head.count("|") == rule.count("|") == generated.count("|") == 8
    assert float(generated.split("|")[3]) > float(recorded.split("|")[3])


@pytest.mark.slow
def test_quick_pooling(tmp_path):
    shares = json.loads(benchmark("pooling", "--quick", cwd=tmp_path).splitlines()[-1])["mean"]
    assert list(shares) == ["one run", "three seeds", "five folds"]
    assert all(0 <= both <= chance <= 1 for chance, both in shares.values())


@pytest.mark.slow
def test_ready_generators(tmp_path):
    said = benchmark("ready_generators", "--quick", cwd=tmp_path)
    cards = [line for line in said.splitlines() if line.startswith("# ")]
    assert cards == ["# calciumgan: a ready-made generator", "# physiological: a ready-made generator"]
    assert "2 steps, seed 0" in said and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_critic_scores_and_learning_curve(tmp_path):
    tiny = "--window_frames=64 --units=2 --critic_units=2 --noise_dim=4 --batch_size=4 --synthetic_neurons=3 --steps=2"
    tiny += " --checkpoint_every=1"
    output_of(FOLDER.parent / "train.py", "--dataset=synthetic", "--run=run", *tiny.split(), cwd=tmp_path)
    said = benchmark("critic_scores", "run", cwd=tmp_path)
    assert re.fullmatch(r"run, 2 steps: training -?[\d.]+, held out -?[\d.]+, generated -?[\d.]+\n", said)
    for every, steps in ((2, ["2"]), (1, ["1", "2"]), (1, ["1", "2"])):
        flags = ["--name=x", "--windows=20", "--folder=.", f"--every={every}"]
        said = benchmark("learning_curve", "run", *flags, cwd=tmp_path)
        assert re.findall(r"^\| (\d+) \|", said, re.MULTILINE) == steps
    assert "step" not in said.split("| step")[0] and (tmp_path / "curve_x.png").stat().st_size > 1000
