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


def test_json_has_no_word_for_nan(tmp_path):
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())
