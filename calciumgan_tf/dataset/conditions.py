"""Conditions as the models see them: a channel for each level of a categorical one, a z-score of a continuous one."""

import dataclasses
import itertools

import numpy as np

from calciumgan_tf.errors import InputError

MOST_LEVELS = 32  # different whole numbers up to which a condition is categorical
BEFORE_ONSET = 1.0  # s that a response is looked at before its onset
NONE = 0.0  # level of a categorical condition that means that nothing is shown; it has no channel


@dataclasses.dataclass(frozen=True)
class Coding:
    """From the conditions of a recording to channels.

    Attributes:
      names: of the conditions.
      columns: int (channel,), number of the condition that a channel comes from.
      levels: float64 (channel,), the level that a channel stands for; NONE where its condition is continuous.
      mean, sd: float64 (channel,), of a continuous condition in the training part; 0 and 1 of a level.
    """

    names: tuple
    columns: np.ndarray
    levels: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def fit(cls, recording, names, blocks) -> "Coding":
        """The coding of some conditions of a recording.

        Args:
          recording: Recording.
          names: of the conditions, in the order of the channels.
          blocks: (first, after last) frames from which mean and SD of continuous conditions are taken.

        Raises:
          InputError: a condition that the recording does not have, that is named twice, or that does not change.
        """
        columns, levels, mean, sd = [], [], [], []
        check(recording, names)
        for number, name in enumerate(names):
            values = column(recording, name).astype(np.float64)
            inside = np.concatenate([values[start:stop] for start, stop in blocks])
            if inside.min() == inside.max():
                raise InputError(f"--condition={name} is the same in all of the training part", "leave it out")
            found = levels_of(values)
            levels += list(found) or [NONE]
            mean += [0.0] * len(found) or [inside.mean()]
            sd += [1.0] * len(found) or [inside.std()]
            columns += [number] * max(1, len(found))
        return cls(tuple(names), np.array(columns), *(np.array(one, np.float64) for one in (levels, mean, sd)))

    def __str__(self):
        found = []
        for number, name in enumerate(self.names):
            known = self.levels[self.columns == number]
            levels = f"{len(known)} level{'s' * (len(known) > 1)}"
            found.append(f"{name} ({'continuous' if NONE in known else levels})")
        return ", ".join(found)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.columns)

    def recorded(self, recording) -> np.ndarray:
        """The conditions of a recording that have these names, float32 (frame, condition)."""
        return np.stack([column(recording, name) for name in self.names], axis=1)

    def coded(self, conditions) -> np.ndarray:
        """Conditions (..., condition) to float32 (..., channel)."""
        values = np.asarray(conditions, np.float64)[..., self.columns]
        of_level = self.levels != NONE
        return np.where(of_level, values == self.levels, (values - self.mean) / self.sd).astype(np.float32)

    def check(self, conditions, source) -> None:
        """Raises InputError where conditions (frame, condition) have a level that the recording does not have."""
        for number, name in enumerate(self.names):
            known = self.levels[self.columns == number]
            unknown = sorted(set(np.unique(conditions[:, number]).tolist()) - {NONE, *known.tolist()})
            if unknown and NONE not in known:
                levels = ", ".join(f"{level:g}" for level in known)
                raise InputError(f"{source} has the level {unknown[0]:g} of {name}", f"known are 0, {levels}")

    def to_json(self) -> dict:
        """Plain values."""
        values = dataclasses.asdict(self)
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, values) -> "Coding":
        """The coding that `to_json` describes."""
        columns, names = np.array(values["columns"], int), tuple(values["names"])
        return cls(names, columns, *(np.array(values[name], np.float64) for name in ("levels", "mean", "sd")))


def check(recording, names) -> None:
    """Raises InputError where a recording does not have one of some conditions, or one is named twice."""
    for name in names:
        if name not in recording.condition_names:
            known = ", ".join(recording.condition_names)
            remedy = f"it has {known}" if known else "add some with prepare.py --conditions"
            raise InputError(f"--condition={name}, but {recording.source} has no such condition", remedy)
        if names.count(name) > 1:
            raise InputError(f"--condition names {name} twice", "name it once")


def column(recording, name) -> np.ndarray:
    """A condition of a recording by its name, float32 (frame,)."""
    return recording.conditions[:, recording.condition_names.index(name)]


def levels_of(values) -> tuple:
    """The levels of a categorical condition without NONE, ascending; () of a continuous one.

    A condition is categorical if all its values are whole numbers, of which there are at most MOST_LEVELS.

    Args:
      values: (frame,).
    """
    found = np.unique(values)
    if len(found) > MOST_LEVELS or (found % 1).any():
        return ()
    return tuple(float(level) for level in found if level != NONE)


def onsets(values) -> np.ndarray:
    """First frames of the presentations of a categorical condition (frame,), int (presentation,).

    A presentation begins where the condition changes to a level that is not NONE.
    """
    changed = np.diff(values, prepend=NONE) != 0
    return np.flatnonzero(changed & (values != NONE))


def borders(recording, names) -> tuple:
    """Frames at which blocks of the split may begin, BEFORE_ONSET before each presentation.

    The presentations are those of the first categorical one of some conditions. () without any, and for a recording of
    trials, whose borders divide no response.
    """
    for name in () if recording.trial_frames else names:
        values = column(recording, name)
        if levels_of(values):
            before = round(BEFORE_ONSET * recording.frame_rate)
            return tuple(np.maximum(onsets(values) - before, 0).tolist())
    return ()


def pieces(recording) -> list:
    """(first, after last) frames of the continuous pieces of a recording; joins and the borders of trials divide it."""
    trials = range(0, recording.frames, recording.trial_frames or recording.frames)
    return list(itertools.pairwise(sorted({*trials, *recording.joins, recording.frames})))


def first_frames(edges) -> np.ndarray:
    """The first frame of the piece that each frame is in, int32 (frame,), from (first, after last) frames of pieces."""
    return np.concatenate([np.full(stop - start, start, np.int32) for start, stop in edges])


def asked(names: str) -> tuple:
    """The names in --condition, which are separated by commas."""
    return tuple(name.strip() for name in names.split(",") if name.strip())
