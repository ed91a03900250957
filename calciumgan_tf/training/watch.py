"""What is looked at in generated windows at every checkpoint: signs of a training that fails, and the best so far."""

import dataclasses
import math
import typing

import numpy as np
from scipy.spatial.distance import pdist, squareform

from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation.validation import ValidationDistance

WINDOWS, FEWEST = 64, 8  # generated ones that are looked at, and as many recorded ones; fewer of large ones,
VALUES = 2**24  # of which so many values are held
SMALL = 0.1  # share of the recorded windows' own variation below which there is next to none


@dataclasses.dataclass(frozen=True)
class Sign:
    """A sign of a training that fails.

    Attributes:
      name: of the value that shows it, as it is logged.
      shows: function of the value that tells whether the sign is there.
      warning: what it means and what helps; the value is filled in.
    """

    name: str
    shows: typing.Callable[[float], bool]
    warning: str


SIGNS = (
    Sign(
        "smallest_sd_ratio", lambda value: value < SMALL,
        "a neuron's generated traces vary {value:.2g} times as much as its recorded ones: the generator may have "
        "collapsed; take an earlier checkpoint, or start again with a smaller --learning_rate",
    ),
    Sign(
        "flat_windows", lambda value: value > SMALL,
        "{value:.0%} of the generated traces are flat, which no recorded one is: the generator may have collapsed; "
        "take an earlier checkpoint, or start again with a smaller --learning_rate",
    ),
    Sign(
        "repeated_windows", lambda value: value > SMALL,
        "{value:.0%} of the generated windows repeat another one: the generator may have collapsed; take an earlier "
        "checkpoint, or start again with a larger --batch_size",
    ),
    Sign(
        "critic_gap", lambda value: value > 0.5,
        "the critic puts generated windows {value:.2f} times as far from recorded ones as recorded windows are from "
        "each other, more than twice as far as before: it may be learning the training windows by heart; take an "
        "earlier checkpoint, a longer recording, or start again with --keep_best or fewer --units",
    ),
)  # fmt: skip


class Watch:
    """Measures generated windows of a training at each checkpoint, and warns of what has become worse.

    At first nearly every generator makes flat or repeated windows. A warning is therefore due when a sign appears that
    was absent at an earlier checkpoint, or when it is there at the end of the training; each is given once.
    """

    def __init__(self, data, gaps: bool, distance: ValidationDistance | None = None):
        """Measures recorded windows of the training part.

        Args:
          data: TrainingData.
          gaps: whether the difference of the critic's scores is a distance, as with --loss=wgan-gp.
          distance: from the validation part; None where no best checkpoint is kept.
        """
        values = data.split.window_frames * data.recording.neurons
        self._count = min(WINDOWS, max(FEWEST, VALUES // values))
        recorded = RecordedWindows(data.recording.traces, data.split, data.split.training, self._count)[:]
        self._sd = recorded.std(axis=(0, 1))
        self._flat = SMALL * recorded.std(axis=1).min(axis=0)
        self._repeated = SMALL * np.median(_nearest(self._compared(recorded)))
        scaled = data.scaling.scaled(recorded).reshape(self._count, -1)
        self._apart = float(pdist(scaled).mean()) if gaps else math.nan
        self._distance = distance
        self._absent: set[str] = set()  # signs that were absent at a checkpoint
        self._warned: set[str] = set()
        self._smallest_gap = math.inf

    def measure(self, windows, score_difference: float | None) -> dict:
        """Values by the names of SIGNS, and where it is asked for 'validation_distance'.

        Args:
          windows: generated ones, float32 (window, frame, neuron), dF/F; all count for the distance, WINDOWS of them
            at most for the signs.
          score_difference: mean difference of the critic's scores since the last log line; None without a critic.
        """
        distance = {"validation_distance": self._distance(windows)} if self._distance else {}
        windows = windows[: self._count]
        values = distance | {
            "smallest_sd_ratio": float((windows.std(axis=(0, 1)) / self._sd).min()),
            "flat_windows": float((windows.std(axis=1) < self._flat).mean()),
            "repeated_windows": float((_nearest(self._compared(windows)) < self._repeated).mean()),
        }
        if score_difference is not None and math.isfinite(self._apart):
            values["critic_gap"] = score_difference / self._apart
        return values

    def warnings(self, values: dict, end: bool = False) -> list:
        """Warnings that are due.

        Args:
          values: of one checkpoint, as of `measure`; those of all earlier ones have to be given first.
          end: whether the training ends here.
        """
        due = []
        for sign in SIGNS:
            value = values.get(sign.name)
            if value is None:
                continue
            shows = sign.shows(value)
            if sign.name == "critic_gap":
                self._smallest_gap = min(self._smallest_gap, value)
                shows = shows and value > 2 * self._smallest_gap
            if not shows:
                self._absent.add(sign.name)
            elif (end or sign.name in self._absent) and sign.name not in self._warned:
                self._warned.add(sign.name)
                due.append(sign.warning.format(value=value))
        return due

    def _compared(self, windows):
        """Windows as vectors, (window, value), in which every neuron varies alike."""
        return (windows / self._sd).reshape(len(windows), -1)


def _nearest(vectors):
    """Distance of each vector from the nearest other one."""
    apart = squareform(pdist(vectors))
    np.fill_diagonal(apart, np.inf)
    return apart.min(axis=1)
