"""Files made by somebody else: code in them does not run, other files stay as they are, and the end is a line."""

import pathlib
import re

import forked
import hostile
import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepared")
    hostile.prepare(path)
    return path


@pytest.mark.parametrize("attempt", hostile.ATTEMPTS, ids=lambda one: f"{one.source}: {one.about}")
def test_an_attempt_fails(tmp_path, prepared, attempt):
    folder = tmp_path / "somewhere" / "within"
    folder.mkdir(parents=True)
    for file in prepared.iterdir():
        (folder / file.name).symlink_to(file) if file.is_file() else hostile.shutil.copytree(file, folder / file.name)
    attempt.make(folder)
    before = set(tmp_path.rglob("*"))
    kept = {path: path.read_bytes() for path in prepared.rglob("*") if path.is_file()}
    script, *flags = attempt.command.split(" ")
    done = forked.run(ROOT / script, flags, folder, timeout=120)
    assert not list(tmp_path.rglob(hostile.EXECUTED))
    assert {path: path.read_bytes() for path in prepared.rglob("*") if path.is_file()} == kept
    assert all(character.isprintable() or character in "\n\t" for character in done.stdout + done.stderr)
    if attempt.said:
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("error: ") and attempt.said in done.stderr
        assert set(tmp_path.rglob("*")) == before
    else:
        assert done.returncode == 0, done.stderr
        outside = set(tmp_path.rglob("*")) - before
        assert all(folder in path.parents for path in outside)
        for page in folder.rglob("*.html"):
            assert "<script" not in page.read_text() and "&lt;script" in page.read_text()


def test_the_document_lists_all_attempts():
    assert len(hostile.ATTEMPTS) >= 25
    assert hostile.table() in (ROOT / "docs" / "security.md").read_text()


def test_nothing_evaluates_text_or_loads_pickles_freely():
    """No eval, exec or pickle.load in the package; NumPy's own loader is told to refuse pickles, or does by default."""
    sources = {path: path.read_text() for path in (ROOT / "calciumgan_tf").rglob("*.py")}
    assert len(sources) > 100
    for path, text in sources.items():
        assert not re.search(r"(?<![.\w])(eval|exec)\(|allow_pickle=True|safe_mode=False", text), path
        assert "pickle.load" not in text or path.name == "pickles.py", path
