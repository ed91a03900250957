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


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_peak_is_at_least_what_is_held_and_grows():
    before = memory.peak_memory()
    assert before >= memory.resident_memory() > 2**20
    held = np.ones(int(before) // 8 + 2**22)  # as much again, and touched
    assert memory.peak_memory() > before + 2**24 and held[-1] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc and /sys")
def test_a_container_limits_what_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    machine = memory.available()
    assert 2**24 < machine < math.inf
    for name, text in {"max": "1000", "current": "700", "stat": "anon 1\ninactive_file 200\n"}.items():
        (tmp_path / f"memory.{name}").write_text(text)
    assert memory.available() == 1000 - (700 - 200)
    (tmp_path / "memory.max").write_text("max")
    assert memory.available() == pytest.approx(machine, rel=0.5)
    (tmp_path / "memory.max").write_text("400")
    assert memory.available() == 0


def test_bytes_in_words():
    assert [memory.text(size) for size in (3e6, 2**30, 1.55 * 2**40)] == ["3 MiB", "1.0 GiB", "1587.2 GiB"]
