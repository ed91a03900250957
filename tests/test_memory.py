import math
import sys
import types

import numpy as np
import pytest

from calciumgan_tf import memory


def without_proc(monkeypatch, maximum):
    """As on a system without /proc, where getrusage reports `maximum`; None stands for a system without getrusage."""

    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(memory.pathlib.Path, "read_text", missing)
    usage = types.SimpleNamespace(ru_maxrss=maximum)
    module = types.SimpleNamespace(RUSAGE_SELF=0, getrusage=lambda who: usage)
    monkeypatch.setitem(sys.modules, "resource", None if maximum is None else module)


@pytest.mark.parametrize("platform, maximum", [("darwin", 300 * 2**20), ("linux", 300 * 2**10), ("freebsd14", 307200)])
def test_unit_of_getrusage(monkeypatch, platform, maximum):
    without_proc(monkeypatch, maximum)
    monkeypatch.setattr(sys, "platform", platform)
    assert memory.peak_memory() == 300 * 2**20


def test_system_that_does_not_report_it(monkeypatch):
    without_proc(monkeypatch, None)
    assert math.isnan(memory.peak_memory())


@pytest.mark.skipif(sys.platform == "win32", reason="not reported on Windows")
def test_unit_is_the_byte():
    """This process holds an array of 64 MiB, but not a TiB."""
    array = np.ones(2**23)
    assert array.nbytes <= memory.peak_memory() < 2**40
