import os
import threading
from concurrent import futures
from tokenize import TokenError

import pytest

from calciumgan_tf import files
from calciumgan_tf.errors import InputError


def test_failed_writing_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), files.replacing(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_keeps_the_suffix_and_makes_the_folder(tmp_path):
    with files.replacing(tmp_path / "new" / "a.npy") as partial:
        assert partial.suffix == ".npy"
        partial.write_text("x")
    assert (tmp_path / "new" / "a.npy").read_text() == "x"


def test_failed_folder_leaves_the_old_one(tmp_path):
    old = tmp_path / "out"
    old.mkdir()
    (old / "a").write_text("old")
    with pytest.raises(RuntimeError), files.replacing_folder(old) as partial:
        (partial / "a").write_text("new")
        raise RuntimeError
    assert (old / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]
    with files.replacing_folder(old) as partial:
        (partial / "b").write_text("new")
    assert [file.name for file in old.iterdir()] == ["b"]


def test_old_folder_returns_if_the_new_one_cannot_be_moved(tmp_path, monkeypatch):
    old, replace = tmp_path / "out", os.replace
    old.mkdir()
    (old / "a").write_text("old")

    def refusing(source, target):
        if source.name.startswith(".partial"):
            raise PermissionError
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", refusing)
    with pytest.raises(PermissionError), files.replacing_folder(old) as partial:
        (partial / "b").write_text("new")
    assert list(tmp_path.iterdir()) == [old]
    assert [file.name for file in old.iterdir()] == ["a"]


def test_fresh_names_count_up(tmp_path):
    names = []
    for _ in range(3):
        path = files.fresh(tmp_path / "samples.h5")
        path.touch()
        names.append(path.name)
    assert names == ["samples.h5", "samples-002.h5", "samples-003.h5"]


def test_existing_output_is_refused_unless_overwritten(tmp_path):
    path = tmp_path / "x.h5"
    path.touch()
    with pytest.raises(InputError, match="--output=.*exists already: choose another name or add --overwrite"):
        files.output_path("output", path, "default.h5", overwrite=False)
    assert files.output_path("output", path, "default.h5", overwrite=True) == path
    assert files.output_path("output", tmp_path / "new.h5", "default.h5", overwrite=False) == tmp_path / "new.h5"
    assert files.output_path("output", None, path, overwrite=True) == tmp_path / "x-002.h5"


def test_overwriting_replaces_only_what_the_command_wrote(tmp_path):
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    ours.mkdir()
    for overwrite, message in ((True, "was not written by this command"), (False, "exists already")):
        with pytest.raises(InputError, match=message):
            files.output_path("output", theirs, "x", overwrite, is_ours=lambda path: path == ours)
    assert files.output_path("output", ours, "x", True, is_ours=lambda path: path == ours) == ours
    with pytest.raises(InputError, match="was not written by this command"):
        files.output_path("output", ours, "x", overwrite=True)  # a folder is never replaced by default


def test_dangling_link_is_not_overwritten(tmp_path):
    link = tmp_path / "x.h5"
    link.symlink_to(tmp_path / "nothing")
    for overwrite in (False, True):
        with pytest.raises(InputError):
            files.output_path("output", link, "x", overwrite)


def test_new_folder_is_created_exclusively(tmp_path):
    assert files.new_folder(tmp_path / "runs" / "a").is_dir()
    with pytest.raises(InputError, match="a exists already: choose another name"):
        files.new_folder(tmp_path / "runs" / "a")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file exists already"):
        files.new_folder(tmp_path / "file")


def test_folders_chosen_at_once_are_different(tmp_path):
    """Each of 16 threads, released together, creates a folder of its own; the names have no gap."""
    barrier = threading.Barrier(16)

    def choose(_):
        barrier.wait()
        return files.fresh_folder(tmp_path / "runs" / "a").name

    with futures.ThreadPoolExecutor(16) as pool:
        names = list(pool.map(choose, range(16)))
    assert sorted(names) == ["a", *(f"a-{number:03d}" for number in range(2, 17))]
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == sorted(names)


def test_folder_that_appears_between_choosing_and_creating(tmp_path, monkeypatch):
    """The next free name is taken, as where another process was faster."""
    free = files.fresh

    def fresh_but_late(path):
        chosen = free(path)
        if chosen.name == "a":
            chosen.mkdir()
        return chosen

    monkeypatch.setattr(files, "fresh", fresh_but_late)
    assert files.fresh_folder(tmp_path / "a").name == "a-002"


@pytest.mark.parametrize("error", [RuntimeError("two\n  lines"), TokenError("x"), MemoryError()])
def test_failure_to_read_is_one_line(error):
    with pytest.raises(InputError) as raised, files.reading("x.h5", "prepare it again"):
        raise error
    reason = " ".join(str(error).split()) or "MemoryError"
    assert str(raised.value) == f"x.h5 can't be read ({reason}): prepare it again"


def test_input_error_passes_unchanged():
    with pytest.raises(InputError, match="^wrong: do this$"), files.reading("x.h5", "prepare it again"):
        raise InputError("wrong", "do this")


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text, left", [("a\nb", "a\n"), ("a\nb\n", "a\nb\n"), ("a", ""), ("", "")])
def test_incomplete_lines_are_dropped(tmp_path, text, left):
    (tmp_path / "log").write_text(text)
    files.drop_incomplete_line(tmp_path / "log")
    assert (tmp_path / "log").read_text() == left
