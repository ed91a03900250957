"""Generated against recorded observations: for each statistic a value, what it is for the recording itself, a verdict.

Two small samples differ more than two large ones. So as many generated observations are drawn as the recording has on
the same side of its floor; values are means over such draws. The interval of generated minus floor is a bootstrap over
presentations (over stretches of a continuous condition), in which recorded and generated ones are drawn with
replacement. Where a single repetition is left out, repetitions are drawn, and none is on both sides. The interval of a
decoder is wider by one presentation, since the accuracy of a perfect one never varies.
"""

import dataclasses

import numpy as np

from calciumgan_tf.evaluation import bootstrap
from calciumgan_tf.evaluation.conditions import decoding
from calciumgan_tf.evaluation.conditions.drawing import Pool
from calciumgan_tf.evaluation.conditions.floors import Floor
from calciumgan_tf.evaluation.conditions.observations import Observations, Sample
from calciumgan_tf.evaluation.conditions.registry import Statistic

DRAWS, RESAMPLES = 20, 200
ALIKE, DIFFERS, UNKNOWN = "within the floor", "differs", "can't be told"


@dataclasses.dataclass(frozen=True)
class Row:
    """What was found of a statistic; NaN where it is undefined.

    Attributes:
      statistic: Statistic.
      floor, within, generated, to_training, shuffled: values, see `judged.LEGEND`.
      interval: 95 % interval of generated minus floor, (low, high), or None.
      few: whether there is too little for a verdict.
    """

    statistic: Statistic
    floor: float
    within: float
    generated: float
    to_training: float
    shuffled: float
    interval: tuple | None
    few: bool

    @property
    def verdict(self) -> str:
        """ALIKE, DIFFERS or UNKNOWN."""
        if self.few or self.interval is None:
            return UNKNOWN
        low, high = self.interval
        if low > 0 or (self.statistic.score and high < 0):
            return DIFFERS
        width = self.generated - self.floor - low
        seen = self.floor - self.shuffled if self.statistic.score else self.shuffled - self.floor
        return ALIKE if seen > width else UNKNOWN


def compare(statistics, recorded: Observations, floor: Floor, generated: Observations, seed: int = 0) -> list[Row]:
    """A row for each statistic.

    Args:
      statistics: several Statistic.
      recorded: all observations of the recording.
      floor: Floor, of `recorded`.
      generated: Observations of the same levels.
      seed: whole number.
    """
    alpha = decoding.penalty(Sample(recorded, floor.whole))
    sides = _Sides(recorded, floor, generated, alpha)
    return [sides.row(one, np.random.default_rng([seed, number])) for number, one in enumerate(statistics)]


class _Sides:
    """The observations that are compared, ready to be drawn from."""

    def __init__(self, recorded, floor, generated, alpha):
        self._recorded, self._floor, self._generated, self._alpha = recorded, floor, generated, alpha
        self._pool = Pool(generated, np.ones(len(generated.levels)))
        self._folds = [tuple(Pool(recorded, side) for side in fold) for fold in floor.folds]
        self._training = Pool(recorded, floor.training)

    def row(self, statistic, generator) -> Row:
        """The values of a statistic, its interval and its verdict; draws come from a numpy.random.Generator."""
        values = np.array(
            [self._values(statistic, fold, False, generator) for fold in self._folds for _ in range(DRAWS)]
        )
        floor, generated = values.mean(axis=0)
        drawn = np.empty(RESAMPLES)
        for number in range(RESAMPLES):
            folds = generator.integers(len(self._folds), size=len(self._folds))
            both = [self._values(statistic, self._folds[fold], True, generator) for fold in folds]
            drawn[number] = -np.subtract(*np.mean(both, axis=0))
        return Row(
            statistic,
            float(floor),
            self._within(statistic),
            float(generated),
            np.nan if statistic.to_training else self._to_training(statistic, generator),
            self._shuffled(statistic, generator),
            self._interval(statistic, float(generated - floor), drawn),
            self._floor.few,
        )

    def _interval(self, statistic, difference, drawn):
        """95 % interval of a difference, as the docstring of this file describes it."""
        found = bootstrap.interval(difference, drawn)
        if found is None or not statistic.score:
            return found
        one = 1 / float(sum(tested.sum() for _, tested in self._floor.folds))
        return found[0] - one, found[1] + one

    def _between(self, statistic, reference, candidate):
        return statistic.between(*map(statistic.summary, (reference, candidate)), self._alpha)

    def _values(self, statistic, fold, again, generator):
        """Values of the recording's own side and of generated observations, in a draw."""
        larger, tested = fold
        numbers = np.minimum(larger.numbers, self._pool.numbers)
        own = Sample(self._recorded, larger.draw(numbers, generator, again))
        drawn = tested.draw(tested.numbers, generator, again)
        other = Sample(self._recorded, drawn, self._floor.centre)
        made = Sample(self._generated, self._pool.draw(numbers, generator, again))
        if statistic.to_training:
            return self._between(statistic, own, other), self._between(statistic, own, made)
        reference = statistic.summary(other)
        sides = (statistic.summary(own), statistic.summary(made))
        return tuple(statistic.between(reference, side, self._alpha) for side in sides)

    def _within(self, statistic):
        first, second = Pool(self._recorded, self._floor.whole).halves()
        return self._between(statistic, Sample(self._recorded, second), Sample(self._recorded, first))

    def _to_training(self, statistic, generator):
        numbers = np.minimum(self._training.numbers, self._pool.numbers)
        reference = Sample(self._recorded, self._floor.training)
        draws = [Sample(self._generated, self._pool.draw(numbers, generator, False)) for _ in range(DRAWS)]
        return float(np.mean([self._between(statistic, reference, one) for one in draws])) if numbers.any() else np.nan

    def _shuffled(self, statistic, generator):
        """Of the recording's own side after the fault; of the other side where the reference is the training part."""
        found = []
        for larger, tested in self._floor.folds:
            for _ in range(DRAWS):
                sides = Sample(self._recorded, tested, self._floor.centre), larger
                if statistic.to_training:
                    sides = Sample(self._recorded, larger), tested
                reference, weights = sides
                damaged = Sample(statistic.fault(self._recorded, weights, generator), weights)
                found.append(self._between(statistic, reference, damaged))
        return float(np.mean(found))
