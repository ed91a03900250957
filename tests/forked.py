"""Scripts run in processes that are forked from one with TensorFlow imported, since that import takes seconds.

What only a new process shows (a kill, a signal, the import itself) is tested with `subprocess`.
"""

import multiprocessing
import os
import pathlib
import runpy
import subprocess
import sys
import tempfile
import traceback

PRELOADED = ["tensorflow", "keras", "matplotlib.figure", "sklearn.ensemble", "oasis.oasis_methods", "optuna"]

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(PRELOADED)


class Started:
    """A script that runs; the methods are those of subprocess.Popen."""

    def __init__(self, path, arguments, folder, environment):
        """Starts `path` in `folder`, with what `environment` changes: {name: value, None to remove it}."""
        self.args, self._output = [str(path), *arguments], tempfile.TemporaryDirectory()
        self._files = [os.path.join(self._output.name, name) for name in ("stdout", "stderr")]
        started = str(path), arguments, str(folder), self._files, environment
        self._process = context.Process(target=_run, args=started)
        self._process.start()
        self.kill = self._process.kill

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self._process.pid, number)

    def communicate(self, timeout):
        self._process.join(timeout)
        if self._process.is_alive():
            self.kill()
            raise subprocess.TimeoutExpired(self.args, timeout)
        with self._output:
            return tuple(pathlib.Path(file).read_text("utf-8") for file in self._files)


def run(path, arguments, folder, timeout=300) -> subprocess.CompletedProcess:
    """Runs a script with arguments in a folder; returns its status and output, as subprocess.run does."""
    started = Started(path, arguments, folder, {})
    shown = started.communicate(timeout)
    return subprocess.CompletedProcess(started.args, started.returncode, *shown)


def _run(path, arguments, folder, files, environment):
    for name, value in environment.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
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
