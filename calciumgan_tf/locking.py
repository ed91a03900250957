"""A folder that one process at a time may write to.

The operating system holds the lock (flock) and releases it when the process ends, however it ends; the file says who
has it. On a file system without such locks, or on Windows, nothing is locked.
"""

import contextlib
import json
import logging
import os
import pathlib
import socket
import sys

from calciumgan_tf.errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)
FILE = ".lock"


@contextlib.contextmanager
def locked(folder):
    """Holds the lock of a folder, which is created where it is missing.

    Raises:
      InputError: another process has it; the message says which.
    """
    if fcntl is None:
        yield
        return
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    with open(pathlib.Path(folder) / FILE, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{folder} is in use by {_holder(file) or 'another process'}", "wait for its end, or stop it"
            ) from error
        except OSError:  # a file system without locks
            log.info("note: %s is on a file system without locks; start nothing else in it", folder)
        if holder := _holder(file):
            log.info("note: %s was left by %s, which did not end in order; it is taken over", folder, holder)
        _write(file, json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "script": sys.argv[0]}))
        try:
            yield
        finally:
            _write(file, "")


def _write(file, text):
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _holder(file):
    """Who wrote the file, in words; '' where nobody, or where it can't be read."""
    try:
        file.seek(0)
        known = json.loads(file.read())
        return f"process {known['pid']} ({os.path.basename(known['script'])}) on {known['host']}"
    except (ValueError, KeyError, TypeError):
        return ""
