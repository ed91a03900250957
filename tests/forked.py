"""Scripts run in processes that are forked from one with TensorFlow imported, since that import takes seconds.

What only a new process shows (a kill, a signal, the import itself) is tested with `subprocess`.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import traceback

PRELOADED = ["tensorflow", "keras", "matplotlib.figure", "sklearn.ensemble", "oasis.oasis_methods", "optuna"]

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(PRELOADED)


def run(path, arguments, folder, timeout=300) -> subprocess.CompletedProcess:
    """Runs a script with arguments in a folder; returns its status and output, as subprocess.run does."""
    with tempfile.TemporaryDirectory() as output:
        files = [os.path.join(output, name) for name in ("stdout", "stderr")]
        process = context.Process(target=_run, args=(str(path), arguments, str(folder), files))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            raise subprocess.TimeoutExpired([str(path), *arguments], timeout)
        shown = []
        for file in files:
            with open(file, encoding="utf-8") as opened:
                shown.append(opened.read())
        return subprocess.CompletedProcess([str(path), *arguments], process.exitcode, *shown)


def _run(path, arguments, folder, files):
    for descriptor, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), descriptor)
    os.chdir(folder)
    sys.argv, sys.path[0] = [path, *arguments], os.path.dirname(path)
    status = 0
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
