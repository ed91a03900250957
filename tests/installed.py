"""Tries an installed package, outside the source tree: the Python interface and the console command.

Run by `make package` with the Python of an environment that has nothing but the wheel.
"""

import doctest
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile


def main():
    from calciumgan_tf import api

    root = pathlib.Path(__file__).parents[1]
    assert root not in pathlib.Path(api.__file__).parents or ".venv" in api.__file__, "this is the source tree"
    assert not any(map(importlib.util.find_spec, ("pandas", "pynwb", "optuna"))), "an extra is installed"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        example = doctest.testmod(api)
        assert example.attempted and not example.failed
        command = pathlib.Path(sys.executable).with_name("calciumgan-tf")
        for arguments in (
            ["generate", "--checkpoint=ready/physiological", "--num_samples=3", "--output=three.npy"],
            ["generate", "--checkpoint=ready/calciumgan", "--num_samples=3", "--output=three.csv"],
            ["train", "--flagfile=configs/paper.flags", "--synthetic_neurons=3", "--units=1", "--dry_run"],
        ):
            done = subprocess.run([command, *arguments], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            print("$ calciumgan-tf", *arguments, "\n" + done.stdout)
        for arguments, message in ((["search"], "pip install 'calciumgan-tf[search]'"),):
            done = subprocess.run([command, *arguments], capture_output=True, text=True)
            assert done.returncode == 2 and message in done.stderr, done.stderr


if __name__ == "__main__":
    main()
