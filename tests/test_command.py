"""The console command, from the source tree; the installed one is tried by `make package`."""

import subprocess
import sys

import pytest

from calciumgan_tf import command


def run(folder, *arguments):
    program = "from calciumgan_tf.command import main; main()"
    root = command.resources.PACKAGE.parent
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {program}", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", command.SCRIPTS)
def test_every_subcommand_is_a_script(tmp_path, name):
    assert (command.resources.PACKAGE.parent / f"{name}.py").exists()
    done = run(tmp_path, name, "--help")
    assert done.returncode == 0 and f"python {name}.py" in done.stdout, done.stderr


def test_wrong_input_of_a_subcommand_is_one_line(tmp_path):
    done = run(tmp_path, "generate", "--num_samples=0")
    assert done.returncode == 2 and done.stderr == "error: --num_samples=0: ask for at least one window\n"


def test_an_unknown_command_is_one_line(tmp_path):
    done = run(tmp_path, "teach")
    assert done.returncode == 2 and done.stderr.startswith("error: there is no command 'teach': usage: calciumgan-tf")
    assert run(tmp_path).stdout.startswith("usage: ") and not list(tmp_path.iterdir())
