"""Every command of the README runs as it stands there, one after another, on little data.

Only the length of trainings and the number of windows are made small, by flags that follow the page's own. The
commands of the tutorial are run by installed.py.
"""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest
from recording_formats import suite2p_folder

from calciumgan_tf.synthetic import populations

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
COMMAND = re.compile(r"^ {4}(python \w+\.py[^\n]*)$|^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SMALL = {
    "train": ["--steps=2", "--calibration=2"],
    "generate": ["--num_samples=64"],
    "reproduce": ["--steps=2", "--calibration=2", "--seeds=1", "--num_windows=64"],
}
SMALL_CALL = ("steps=400", "steps=2, calibration=2"), ("sample(1000", "sample(64")


def commands(page):
    """(script, arguments) of each command, and the Python blocks as (None, text), in the order of the page."""
    for command, python in COMMAND.findall(page.read_text(encoding="utf-8")):
        if python:
            yield None, python
        else:
            _, name, *arguments = shlex.split(command, comments=True)
            yield name.removesuffix(".py"), arguments


def small(name, arguments):
    """The flags that make a command small, of those that it may have."""
    if "--dry_run" in arguments:
        return []
    physiological = name == "reproduce" or "--model=physiological" in arguments
    return [flag for flag in SMALL.get(name, ()) if physiological or not flag.startswith("--calibration")]


def run(folder, *command):
    done = subprocess.run([sys.executable, *map(str, command)], cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])


@pytest.mark.slow
def test_commands_of_the_readme_run(tmp_path):
    traces = populations.population(neurons=4).recording(6000).traces
    suite2p_folder(tmp_path / "suite2p" / "plane0", traces, {"fs": 24.0})
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "ready").symlink_to(ROOT / "checkpoints" / "ready")
    counted = 0
    for script, arguments in commands(README):
        if script is None:
            text = arguments
            for long, short in SMALL_CALL:
                text = text.replace(long, short)
            run(tmp_path, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{text}")
        else:
            run(tmp_path, ROOT / f"{script}.py", *arguments, *small(script, arguments))
        counted += 1
    assert counted >= 8
