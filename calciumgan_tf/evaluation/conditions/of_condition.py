"""One condition: its observations on both sides, and what was found of them."""

import dataclasses

import numpy as np

from calciumgan_tf.dataset.windows import evenly
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.conditions import bins, comparison, floors, presentations, registry
from calciumgan_tf.evaluation.conditions.observations import Observations
from calciumgan_tf.evaluation.conditions.presentations import Timing

MOST = 4  # times as many generated observations are looked at as the recording has
HEADER = ("statistic", "floor", "within", "generated", "vs training", "shuffled", "difference", "verdict")


@dataclasses.dataclass(frozen=True)
class OfCondition:
    """What was found of one condition.

    Attributes:
      name: of the condition.
      levels: names of its levels, or of the ranges of a continuous condition.
      left_out: names of levels with too few presentations.
      floor: Floor; None where there was nothing to compare.
      rows: list of comparison.Row.
      recorded, generated: Observations.
      timing: frames around an onset; None for a continuous condition.
    """

    name: str
    levels: tuple
    left_out: tuple
    floor: floors.Floor | None
    rows: list
    recorded: Observations
    generated: Observations
    timing: Timing | None

    def to_json(self) -> dict:
        """Plain values."""
        return {
            "name": self.name,
            "levels": list(self.levels),
            "left_out": list(self.left_out),
            "recorded": self.recorded.numbers().astype(int).tolist(),
            "generated": self.generated.numbers().astype(int).tolist(),
            "floor": self.floor and self.floor.name,
            "rows": [_plain(row) for row in self.rows],
        }

    def text(self) -> list:
        """Lines: what was compared, and the table."""
        kind, unit = ("levels", "presentations") if self.timing else ("ranges", "bins")
        lines = [f"{self.name}: {len(self.levels)} {kind} ({', '.join(self.levels)})"]
        if self.left_out:
            lines += [f"left out, with fewer than {floors.FEWEST} presentations: {', '.join(self.left_out)}"]
        if self.floor is None:
            return [*lines, "Nothing can be told of it: record or generate more presentations."]
        larger, tested = (int(side.sum()) for side in self.floor.folds[0])
        lines += [
            f"{unit}: {larger} against {tested} recorded, {len(self.generated.levels)} generated",
            f"floor: {self.floor.name} ({floors.MEANINGS[self.floor.name]})",
            "",
        ]
        return lines + tables.aligned([HEADER, *map(_cells, self.rows)])


def of_levels(name, levels, recorded, generated, split, settings, frame_rate, seed) -> OfCondition:
    """Judges a categorical condition.

    Args:
      name: of the condition.
      levels: values of its levels.
      recorded, generated: Series.
      split: Split of the recording.
      settings: of the deconvolution.
      frame_rate: Hz.
      seed: whole number.
    """
    timing = Timing.fit(recorded, levels, frame_rate, split.window_frames)
    found = [presentations.find(side, levels, timing) for side in (recorded, generated)]
    numbers = [np.bincount(side.levels, minlength=len(levels)) for side in found]
    kept = np.flatnonzero(np.minimum(*numbers) >= floors.FEWEST)
    sides = [side.only(kept) for side in found]
    sides[1] = sides[1].most(MOST * numbers[0][kept])
    values, names = np.asarray(levels)[kept], [f"{level:g}" for level in levels]
    own, made = (
        presentations.observe(series, side, values, timing, settings, frame_rate)
        for series, side in zip((recorded, generated), sides)
    )
    floor, rows = None, []
    if len(kept):
        floor = floors.choose(own, split)
        rows = comparison.compare(registry.OF_LEVELS, own, floor, made, seed)
    left_out = tuple(one for number, one in enumerate(names) if number not in kept)
    return OfCondition(name, tuple(names[one] for one in kept), left_out, floor, rows, own, made, timing)


def of_values(name, recorded, generated, split, settings, frame_rate, seed) -> OfCondition:
    """Judges a continuous condition; arguments are those of `of_levels`."""
    frames = split.window_frames
    starts = np.concatenate([split.apart(block) for block in sorted((*split.training, *split.heldout))])
    first = bins.observe(recorded, starts, frames, settings, frame_rate)
    edges = bins.quintiles(first.values[first.inside(split.training) > 0])
    own = dataclasses.replace(first, levels=np.searchsorted(edges, first.values), count=len(edges) + 1)
    made = generated.consecutive(frames)
    made = made[evenly(len(made), MOST * len(starts))]
    other = bins.observe(generated, made, frames, settings, frame_rate, edges)
    floor = floors.choose(own, split)
    rows = comparison.compare(registry.OF_VALUES, own, floor, other, seed)
    return OfCondition(name, bins.names(edges), (), floor, rows, own, other, None)


def _cells(row):
    values = row.floor, row.within, row.generated, row.to_training, row.shuffled
    return (row.statistic.title, *map(_number, values), tables.interval(row.interval), row.verdict)


def _number(value):
    return tables.number(value if np.isfinite(value) else None)


def _plain(row):
    names = ("floor", "within", "generated", "to_training", "shuffled")
    values = {name: getattr(row, name) for name in names}
    return {
        "name": row.statistic.name,
        "unit": row.statistic.unit,
        "definition": row.statistic.definition,
        **{name: value if np.isfinite(value) else None for name, value in values.items()},
        "difference": row.interval and list(row.interval),
        "verdict": row.verdict,
    }
