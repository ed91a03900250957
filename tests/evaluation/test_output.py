"""Which folders evaluate.py may replace."""

import json

import pytest

from calciumgan_tf.evaluation import output


@pytest.fixture
def folder(tmp_path):
    """An evaluation."""
    folder = tmp_path / "evaluation"
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(output.header() | {"metrics": {}}))
    (folder / "traces.png").write_bytes(b"")
    return folder


def test_an_evaluation_and_an_empty_folder_may_be_replaced(folder, tmp_path):
    assert output.is_replaceable(folder)
    (folder / "metrics.json").rename(folder / "patterns.json")
    assert output.is_replaceable(folder)
    (folder / "patterns.json").rename(folder / "conditions.json")
    assert output.is_replaceable(folder)
    (tmp_path / "empty").mkdir()
    assert output.is_replaceable(tmp_path / "empty")


@pytest.mark.parametrize("name", ["config.json", "checkpoint/x", "notes.txt"])
def test_a_folder_with_anything_else_may_not(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("")
    assert not output.is_replaceable(folder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": "calciumgan_tf/samples"}'])
def test_a_folder_of_another_kind_may_not(folder, text):
    (folder / "metrics.json").write_text(text)
    assert not output.is_replaceable(folder)


def test_a_file_and_a_link_may_not(folder, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(folder)
    assert not output.is_replaceable(tmp_path / "file") and not output.is_replaceable(tmp_path / "link")
    assert not output.is_replaceable(tmp_path / "missing")
