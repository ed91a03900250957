"""The study of recipes: what has a line is not done again, and the report shows every line."""

import json
import pathlib
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "benchmarks"


def run(folder, name, *flags):
    command = [sys.executable, str(FOLDER / name), *flags]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.slow
def test_resumed_study_and_its_report(tmp_path):
    quick = ["--quick", "--seeds=3", "--windows=20", "--runs=runs", "--recorded_minutes=3", "--part=heldout"]
    results = tmp_path / "runs" / "quick.jsonl"
    first = json.loads(run(tmp_path, "fidelity.py", *quick, "--name=a").splitlines()[-1])
    line = json.loads(results.read_text())
    assert line["step"] == 1 and line["seed"] == 3 and len(line["metrics"]) == 9 and 0 <= line["copying"]["p"] <= 1
    assert line["diagnosis"]["rates"]["verdict"] in ("equivalent", "different", "undetermined")
    row = line["metrics"]["correlation_rmse"]
    assert abs(first["ratio"] - row["generated"] / row["floor"]) < 1e-3 * first["ratio"]

    results.write_text("")  # as if it had been killed before the line was written: evaluated again, not trained again
    run(tmp_path, "fidelity.py", *quick, "--name=a")
    assert json.loads(results.read_text()) == line
    run(tmp_path, "fidelity.py", *quick, "--name=a")  # done already
    assert len(results.read_text().splitlines()) == 1

    run(tmp_path, "fidelity_report.py", f"--results={results}", f"--output={tmp_path}")
    table = (tmp_path / "tables.md").read_text()
    for part in ("## synthetic-3-minutes, against the heldout part", f"{row['generated']:.3g}", "| `a` |"):
        assert part in table
    assert not list(tmp_path.glob("*.png"))  # one moment is no curve

    later = line | {"moment": 2, "of": 2}
    results.write_text(json.dumps(line | {"of": 2}) + "\n" + json.dumps(later) + "\n")
    run(tmp_path, "fidelity_report.py", f"--results={results}", f"--output={tmp_path}")
    assert (tmp_path / "synthetic-3-minutes.png").stat().st_size > 10_000
