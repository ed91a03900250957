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
    """Runs every command of the tutorial, and its Python, with fewer steps where they are not the tutorial's point."""
    suite2p_folder(pathlib.Path("suite2p/plane0"))
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for line in re.findall(r"^    (calciumgan-tf .*)$", text, re.MULTILINE):
        _, *arguments = shlex.split(line)
        run(arguments + (["--steps=2", "--calibration=2"] if "--max_minutes=10" in arguments else []))
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block.replace("steps=400", "steps=2"), "tutorial.md", "exec"), {})
    assert pathlib.Path("checkpoints/first/evaluation/report.html").exists()


def suite2p_folder(folder):
    """The reader's own recording: raw fluorescence of four synthetic neurons, with settings."""
    import numpy as np

    import calciumgan_tf as cg

    fluorescence = 500 * (1 + cg.synthetic_recording(neurons=4, minutes=5).traces.T)
    folder.mkdir(parents=True)
    np.save(folder / "F.npy", fluorescence)
    np.save(folder / "Fneu.npy", np.zeros_like(fluorescence))
    np.save(folder / "iscell.npy", np.ones((4, 2)))
    np.save(folder / "ops.npy", {"fs": 24.0})


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
