"""Runs a script and kills it (SIGKILL) before its n-th change to a folder, or prints how many changes there were.

    python killed.py NUMBER FOLDER SCRIPT FLAGS...

A change is a file that Python opens to write, renames or removes, or a folder that it makes or removes; the number 0
kills nothing.
"""

import atexit
import os
import runpy
import signal
import sys

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.truncate", "os.utime")
WRITING = os.O_WRONLY | os.O_RDWR


def watch(number, folder):
    """Counts changes inside of `folder`, and kills the process at the one with this number."""
    seen = 0

    def see(event, arguments):
        nonlocal seen
        writes = event == "open" and (set(arguments[1] or "") & set("wax+") or (arguments[2] or 0) & WRITING)
        if not (writes or event in CHANGES) or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        if os.path.abspath(os.fsdecode(arguments[0])).startswith(folder + os.sep):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(see)
    return lambda: print(f"\nchanges: {seen}", flush=True)


if __name__ == "__main__":
    number, folder, script, *flags = sys.argv[1:]
    atexit.register(watch(int(number), os.path.abspath(folder)))
    sys.argv, sys.path[0] = [script, *flags], os.path.dirname(script)
    runpy.run_path(script, run_name="__main__")
