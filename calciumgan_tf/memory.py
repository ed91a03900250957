"""Peak memory of this process."""

import math
import pathlib
import sys


def peak_memory() -> float:
    """Largest resident memory of this process so far, bytes; NaN where the system does not report it (Windows)."""
    try:  # on Linux, getrusage counts what the parent process had when it forked
        status = pathlib.Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return float(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        pass
    try:
        import resource  # does not exist on Windows
    except ImportError:
        return math.nan
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)  # macOS counts bytes, other systems KiB
