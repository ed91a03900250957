"""Help and dry runs of the scripts; what they say of wrong input: faults/test_mistakes.py."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from calciumgan_tf.config import options

ROOT = pathlib.Path(__file__).parents[1]


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


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


def test_dry_run_of_the_paper(script, tmp_path):
    """Parameters as the original has them; nothing is written."""
    neurons = np.random.default_rng(0).normal(size=(8000, 102)).astype(np.float32)
    np.save(tmp_path / "wide.npy", neurons)
    before = contents(tmp_path)
    paper = __file__.replace("tests/test_cli.py", "configs/paper.flags")
    finished = script("train.py", f"--flagfile={paper}", "--dataset=wide.npy", "--frame_rate=24", "--dry_run")
    assert finished.returncode == 0, finished.stderr
    assert "4,375,740 parameters" in finished.stdout and "4,110,273 parameters" in finished.stdout
    assert "--beta_1=0.9\n" in finished.stdout and "model: calciumgan, " in finished.stdout
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["prepare", "train", "generate", "evaluate", "reproduce", "search"])
def test_scripts_start_without_tensorflow(name):
    """Its notes would stand before the line that says what is wrong; quiet.first_import leaves them out."""
    program = f"import sys, {name}; print([one for one in ('tensorflow', 'keras') if one in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=pathlib.Path(__file__).parents[1], capture_output=True, text=True
    )
    assert (found.stdout, found.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "hungry, named",
    [
        ("import numpy; numpy.ones((10**6, 10**7, 10))", "an array of 728. TiB"),
        ("import tensorflow as tf; tf.zeros([200_000, 200_000, 200]) + 1", "an array of shape[200000,200000,200]"),
        ("raise MemoryError", "out of memory after"),
    ],
)
def test_out_of_memory_is_one_line_with_what_helps(script, tmp_path, hungry, named):
    (tmp_path / "hungry.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom calciumgan_tf import cli\n"
        f"def main():\n    {hungry}\ncli.run(main)\n"
    )
    finished = script(tmp_path / "hungry.py")
    assert finished.returncode == 1
    (line,) = [line for line in finished.stderr.splitlines() if line.startswith("error: ")]
    assert named in line and "what was saved is kept; take a smaller --batch_size" in line
    assert "Traceback" not in finished.stderr
