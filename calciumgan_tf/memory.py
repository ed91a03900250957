"""Memory of this process and of the machine."""

import math
import pathlib
import sys

MEBIBYTE = 2**20
CONTAINER = pathlib.Path("/sys/fs/cgroup")  # where Linux says what a container may take and takes


def peak_memory() -> float:
    """Largest resident memory of this process so far, bytes; NaN where the system does not report it (Windows)."""
    try:  # on Linux, getrusage counts what the parent process had when it forked
        return _kibibytes("/proc/self/status", "VmHWM:")
    except (OSError, IndexError):
        pass
    try:
        import resource  # does not exist on Windows
    except ImportError:
        return math.nan
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)  # macOS counts bytes, other systems KiB


def resident_memory() -> float:
    """Resident memory of this process now, bytes; Linux alone."""
    return _kibibytes("/proc/self/status", "VmRSS:")


def available() -> float:
    """Memory that is free for this process, bytes: the machine's or, if it is less, its container's; else infinite."""
    try:
        free = _kibibytes("/proc/meminfo", "MemAvailable:")
    except (OSError, IndexError):
        return math.inf
    try:
        cached = float(_text(CONTAINER / "memory.stat").partition("inactive_file ")[2].split()[0])
        used = float(_text(CONTAINER / "memory.current")) - cached
        free = min(free, float(_text(CONTAINER / "memory.max")) - used)
    except (OSError, ValueError, IndexError):  # no container, or one without a limit
        pass
    return max(0.0, free)


def text(size: float) -> str:
    """Bytes in words, as '1.5 GiB'."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / MEBIBYTE:.0f} MiB"


def _kibibytes(path, name):
    return float(_text(path).partition(name)[2].split()[0]) * 1024


def _text(path):
    return pathlib.Path(path).read_text(encoding="ascii", errors="replace")
