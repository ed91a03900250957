"""The floor: how far two parts of the recording are from each other, which no model can be asked to beat."""

import dataclasses

import numpy as np

from calciumgan_tf.evaluation.conditions.drawing import Pool
from calciumgan_tf.evaluation.conditions.observations import Observations

FEWEST = 4  # presentations of a level in a part, or stretches of a continuous condition
MOST_FOLDS = 10
SPLIT, REPETITIONS = "held-out part", "leave one repetition out"
MEANINGS = {
    SPLIT: "the training part against the held-out part",
    REPETITIONS: f"the held-out or the training part has fewer than {FEWEST} presentations of a level, so each "
    "repetition of the whole recording stands against the others; the model has been trained on most of them",
}


@dataclasses.dataclass(frozen=True)
class Floor:
    """Which recorded observations are compared with which.

    Attributes:
      name: SPLIT or REPETITIONS.
      folds: list of (weights of the larger side, weights of the side that both it and the model are compared with).
      training: weights of the training part.
      whole: weights of all that the folds use.
      few: whether there is too little for a verdict.
    """

    name: str
    folds: list
    training: np.ndarray
    whole: np.ndarray
    few: bool

    @property
    def centre(self) -> np.ndarray | None:
        """Weights for the means from which a single repetition's deviations are taken; None for its own means."""
        return self.whole if self.name == REPETITIONS else None


def choose(observations: Observations, split) -> Floor:
    """The floor of a recording.

    Args:
      observations: of the whole recording.
      split: Split.
    """
    training, heldout = (observations.inside(blocks) for blocks in (split.training, split.heldout))
    pools = [Pool(observations, part) for part in (training, heldout)]
    if observations.traces is None:
        few = min(pool.numbers.sum() for pool in pools) < FEWEST
        return Floor(SPLIT, [(training, heldout)], training, training, few)
    if min(pool.numbers.min() for pool in pools) >= FEWEST:
        return Floor(SPLIT, [(training, heldout)], training, training, False)
    repetition = _repetitions(observations)
    folds = [(1.0 * (repetition != one), 1.0 * (repetition == one)) for one in range(repetition.max(initial=-1) + 1)]
    few = not len(observations.levels) or observations.numbers().min() < FEWEST
    return Floor(REPETITIONS, folds, training, np.ones(len(repetition)), bool(few))


def _repetitions(observations):
    """Which repetition of its level a presentation is, int (presentation,); beyond MOST_FOLDS they are counted anew."""
    found = np.zeros(len(observations.levels), int)
    for level in range(observations.count):
        own = np.flatnonzero(observations.levels == level)
        found[own] = np.arange(len(own)) % MOST_FOLDS
    return found
