"""Files and folders: written whole or not at all, never overwritten by accident, read with one-line errors."""

import contextlib
import errno
import hashlib
import json
import os
import pathlib
import shutil

from calciumgan_tf.errors import InputError

PARTIAL = ".partial-"  # begins the name of what is being written
LARGEST_SHARE = 1100  # bytes that a file may declare for each of its own, which is more than zlib can
SMALL = 1 << 24  # bytes that it may declare in any case
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)  # errors of the system
LONGEST_REASON = 200  # characters of a library's message that an error repeats


@contextlib.contextmanager
def replacing(path):
    """Yields a path beside `path` to write to, and renames it to `path` only if the block succeeds.

    The suffix is kept, since several libraries choose the format by it.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{PARTIAL}{os.getpid()}-{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path):
    """Yields a new folder beside `path`, which replaces `path` only if the block succeeds.

    The old folder is deleted last, so that a failure at any point leaves it or the new folder whole.
    """
    path = pathlib.Path(path)
    partial, old = (path.with_name(f"{name}{os.getpid()}-{path.name}") for name in (PARTIAL, ".old-"))
    partial.mkdir(parents=True)
    try:
        yield partial
        if not path.exists():
            os.replace(partial, path)
            return
        os.replace(path, old)
        try:
            os.replace(partial, path)
        except BaseException:
            os.replace(old, path)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_leftovers(folder) -> None:
    """Removes what processes that were killed were writing in a folder; only for who holds its lock."""
    for path in pathlib.Path(folder).glob(f"{PARTIAL}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def drop_incomplete_line(path) -> None:
    """Cuts what follows the last newline of a file, which a writer that was killed has left."""
    with open(path, "r+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)


def write_json(path, value) -> None:
    """Writes `value` as indented JSON.

    Raises:
      ValueError: NaN or infinity, which JSON can't hold.
    """
    with replacing(path) as partial:
        partial.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")


@contextlib.contextmanager
def reading(path, remedy: str):
    """Turns every failure of the block, which reads `path`, into an InputError.

    Libraries raise many kinds of exceptions for damaged files (NumPy's header parser a TokenError, h5py a
    RuntimeError), so all of them are caught.

    Args:
      path: the file, for the message.
      remedy: what the user can do about it.

    Raises:
      InputError: anything that the block raises; an InputError passes unchanged.
    """
    try:
        check_regular(path)
        yield
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__  # one line
        raise InputError(f"{path} can't be read ({reason[:LONGEST_REASON]})", remedy) from error


def check_regular(path) -> None:
    """Refuses pipes and devices, which could be read for ever.

    Raises:
      InputError: `path` exists and is neither a file nor a folder.
    """
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise InputError(f"{path} is a pipe or a device", "give a file")


def storage_problem(error) -> str:
    """What keeps files from being written, where that is what an exception is about; '' else.

    HDF5 and TensorFlow raise exceptions of their own, whose text has the system's.

    Args:
      error: exception; those that it was raised from are looked at as well.
    """
    while error is not None:
        for number in UNWRITABLE:
            reason = os.strerror(number)
            if getattr(error, "errno", None) == number or reason in str(error):
                name = getattr(error, "filename", None)
                return f"{name or 'a file'} can't be written ({reason})"
        error = error.__cause__ or error.__context__
    return ""


def check_declared(path, size) -> None:
    """Refuses a file that claims to hold far more than its own size can, before anything is allocated.

    Args:
      path: file.
      size: bytes that it declares.

    Raises:
      InputError: a declared size that compression can't explain.
    """
    if size > max(SMALL, LARGEST_SHARE * os.path.getsize(path)):
        raise InputError(f"{path} declares {size:.3g} bytes, which it can't hold", "it may be damaged; write it again")


def sha256(*paths) -> str:
    """Hash of the bytes of all `paths`, in this order."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def fresh(path) -> pathlib.Path:
    """`path` if nothing has that name, else the first free of `name-002`, `name-003`, ... with the same suffix."""
    path = pathlib.Path(path)
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number:03d}{path.suffix}")
    return candidate


def new_folder(path) -> pathlib.Path:
    """Creates a folder exclusively: of several processes that try at once, only one succeeds.

    Raises:
      InputError: something of that name exists.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError as error:
        raise InputError(f"{path} exists already", "choose another name") from error
    return path


def fresh_folder(path) -> pathlib.Path:
    """Creates `path`, or the first free of `name-002`, `name-003`, ..., exclusively.

    Processes that call this at once get different folders.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        folder = fresh(path)
        try:
            folder.mkdir()
        except FileExistsError:  # another process was faster
            continue
        return folder


def output_path(flag: str, given, default, overwrite: bool, is_ours=os.path.isfile) -> pathlib.Path:
    """Where to write: the path that `flag` gives, else the first free name like `default`.

    Args:
      flag: name of the flag, for messages.
      given: its value, or None.
      default: path to use without the flag; `fresh` makes it a free one.
      overwrite: whether an existing path may be replaced.
      is_ours: function of a path that tells whether the same script wrote it, so that it may be replaced; the default
        allows any file and no folder.

    Raises:
      InputError: `given` exists and `overwrite` is not set, or it is not of the kind that may be replaced.
    """
    if not given:
        return fresh(default)
    if os.path.lexists(given):
        if not overwrite:
            raise InputError(f"--{flag}={given} exists already", "choose another name or add --overwrite")
        if not is_ours(given):
            raise InputError(
                f"--{flag}={given} was not written by this command, so --overwrite does not replace it",
                "choose another name",
            )
    return pathlib.Path(given)
