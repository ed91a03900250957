"""Writing without ever leaving half a file, or overwriting one by accident."""

import contextlib
import json
import os
import pathlib
import shutil

from calciumgan_tf.errors import InputError


@contextlib.contextmanager
def replacing(path):
    """Yields a path beside `path` to write to; it takes the place of `path` only if the block ends well.

    The suffix is kept, since several libraries choose the format by it.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{os.getpid()}-{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path, value) -> None:
    """Writes `value` as indented JSON; a value JSON has no word for (NaN) is a ValueError."""
    with replacing(path) as partial:
        partial.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def fresh(path) -> pathlib.Path:
    """`path` if nothing is there, else the first free of `name-002`, `name-003`, ... with the same suffix."""
    path = pathlib.Path(path)
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number:03d}{path.suffix}")
    return candidate


def output_path(flag: str, asked, default, overwrite: bool) -> pathlib.Path:
    """Where to write: `asked` if given and free (or `overwrite`), else the first free name like `default`.

    Raises InputError naming `flag` where `asked` exists already.
    """
    if not asked:
        return fresh(default)
    if os.path.lexists(asked) and not overwrite:
        raise InputError(f"--{flag}={asked} exists already", "choose another name or add --overwrite")
    return pathlib.Path(asked)


@contextlib.contextmanager
def replacing_folder(path):
    """Yields a new folder beside `path`; it takes the place of `path` only if the block ends well."""
    path = pathlib.Path(path)
    partial = path.with_name(f".partial-{os.getpid()}-{path.name}")
    partial.mkdir(parents=True)
    try:
        yield partial
        shutil.rmtree(path, ignore_errors=True)
        os.replace(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
