"""Tries an installed package, outside the source tree: Python interface, console command, and the tutorial.

Run by `make package` with the Python of an environment that has nothing but the wheel.
"""

import doctest
import importlib.util
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[1]
COMMAND = pathlib.Path(sys.executable).with_name("calciumgan-tf")


def tutorial():
    """Runs every command of the tutorial that needs no recording of the reader's, and its Python, with fewer steps."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for line in re.findall(r"^    (calciumgan-tf .*)$", text, re.MULTILINE):
        _, *arguments = shlex.split(line)
        if not any("mine" in argument for argument in arguments):
            run(arguments)
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block.replace("steps=400", "steps=2"), "tutorial.md", "exec"), {})
    assert pathlib.Path("checkpoints/first/evaluation/report.html").exists()


def run(arguments, status=0):
    """Runs the console command; returns what it wrote to stderr."""
    print("$ calciumgan-tf", *arguments, flush=True)
    done = subprocess.run([COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    assert done.returncode == status, done.stderr
    return done.stderr


def main():
    from calciumgan_tf import api

    assert ".venv" not in api.__file__ and ROOT / "calciumgan_tf" not in pathlib.Path(api.__file__).parents
    assert not any(map(importlib.util.find_spec, ("pandas", "pynwb", "optuna"))), "an extra is installed"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        example = doctest.testmod(api)
        assert example.attempted and not example.failed
        run(["generate", "--checkpoint=ready/calciumgan", "--num_samples=3", "--output=three.csv"])
        run(["train", f"--flagfile={ROOT}/configs/paper.flags", "--synthetic_neurons=3", "--units=1", "--dry_run"])
        assert "pip install 'calciumgan-tf[search]'" in run(["search"], status=2)
        tutorial()
    print("the installed package works")


if __name__ == "__main__":
    main()
