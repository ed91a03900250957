"""The folder of an evaluation: which files belong to it, and when it may be replaced."""

import json
import pathlib

FORMAT, VERSION = "calciumgan_tf/evaluation", 3
METRICS, PATTERNS, SESSION, CONDITIONS = "metrics.json", "patterns.json", "session.json", "conditions.json"
TABLE, REPORT = "table.txt", "report.html"
KNOWN = {METRICS, PATTERNS, SESSION, CONDITIONS, TABLE, REPORT}


def header() -> dict:
    """The keys by which an evaluation's JSON files are recognised."""
    return {"format": FORMAT, "version": VERSION}


def is_replaceable(folder) -> bool:
    """Whether a folder is empty, or holds an evaluation and nothing else, so that another may replace it."""
    folder = pathlib.Path(folder)
    if folder.is_symlink() or not folder.is_dir():
        return False
    content = list(folder.iterdir())
    written = any(_written_here(folder / name) for name in (METRICS, PATTERNS, SESSION, CONDITIONS))
    return not content or (written and all(map(_known, content)))


def _known(path):
    return path.is_file() and not path.is_symlink() and (path.name in KNOWN or path.suffix == ".png")


def _written_here(file):
    try:
        return json.loads(file.read_text(encoding="utf-8"))["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        return False
