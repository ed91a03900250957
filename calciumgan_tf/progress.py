"""Progress: a bar on a terminal, plain lines in a log."""

import logging
import sys
import time

from tqdm import tqdm

log = logging.getLogger(__name__)


class Progress:
    """Counts towards a total, a deadline, or both; a context manager.

    On a terminal it shows the bar of tqdm, elsewhere it logs a line at each `report`.

    Args:
      what: name of the task.
      total: number of units, or None if only the deadline limits the task.
      first: number of units that are done already.
      deadline: end of the task in time.monotonic(), or None.
      unit: name of the unit.
      quiet_seconds: shortest time between two lines of a log.
    """

    def __init__(self, what, total, first=0, deadline=None, unit="step", quiet_seconds=0):
        self._what, self._total, self._done, self._unit = what, total, first, unit
        self._deadline, self._quiet_seconds = deadline, quiet_seconds
        self._mark = (first, time.monotonic())
        self._bar = tqdm(desc=what, total=total, initial=first, unit=unit) if sys.stderr.isatty() else None

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self._bar is not None:
            self._bar.close()

    def advance(self, done):
        """Counts `done` more units."""
        self._done += done
        if self._bar is not None:
            self._bar.update(done)

    def report(self, **values):
        """Shows values, the rate since the last report and the time left.

        Returns:
          units per second, or None if the line is suppressed.
        """
        now = time.monotonic()
        if self._bar is None and now - self._mark[1] < self._quiet_seconds and self._done != self._total:
            return None
        rate = (self._done - self._mark[0]) / max(now - self._mark[1], 1e-9)
        self._mark = (self._done, now)
        left = (self._total - self._done) / rate if rate and self._total else float("inf")
        if self._deadline is not None:
            left = min(left, max(self._deadline - now, 0))
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        if self._bar is not None:
            self._bar.set_postfix_str(f"{shown}  left {_clock(left)}")
        else:
            log.info(
                "%s %d%s  %s  %.3g %ss/s  left %s",
                self._what, self._done, f"/{self._total}" if self._total else "", shown, rate, self._unit, _clock(left),
            )  # fmt: skip
        return rate


def _clock(seconds):
    if seconds == float("inf"):
        return "?"
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"
