"""Wrong input, as a user meets it: one line on stderr that says what to do, status 2, nothing written."""

import pathlib

import forked
import mistakes
import numpy as np
import pytest

from calciumgan_tf.recordings.recording import Recording

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    traces = (np.random.default_rng(0).normal(0, 0.3, (2000, 3)) + [0, 1, 2]).astype(np.float32)
    path = tmp_path_factory.mktemp("mistakes")
    mistakes.make(path, Recording(traces, 24.0, source="test"))
    return path


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("command, said", mistakes.read().items())
def test_a_mistake_is_one_line_and_nothing_is_written(folder, command, said):
    before = contents(folder)
    script, *flags = command.replace("READY", str(mistakes.READY)).split()
    finished = forked.run(ROOT / script, flags, folder)
    lines = finished.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"error: {said}"), finished.stderr
    assert ": " in lines[0].removeprefix("error: ")  # and what to do
    assert finished.returncode == 2
    assert contents(folder) == before


def test_every_script_has_mistakes_and_the_document_lists_them():
    known = mistakes.read()
    assert len(known) >= 140
    assert {command.split()[0] for command in known} == {
        f"{name}.py" for name in ("prepare", "train", "generate", "evaluate", "reproduce", "search")
    }
    assert mistakes.table() in (ROOT / "docs" / "reliability" / "mistakes.md").read_text()
