"""Drawing observations: as many of each level as a part of a recording has, or again with replacement."""

import numpy as np

from calciumgan_tf.evaluation.conditions.observations import Observations


class Pool:
    """Observations that are drawn from, a group at a time, each stratum apart."""

    def __init__(self, observations: Observations, weights):
        """Takes Observations and weights (observation,), above 0 for those that belong to the pool."""
        self._groups, strata = observations.groups, observations.strata
        inside, last = np.asarray(weights) > 0, observations.count
        self._inside = inside.astype(np.float64)
        self._of_strata = [np.unique(self._groups[inside & (strata == one)]) for one in range(last)]
        self.numbers = np.array([len(groups) for groups in self._of_strata])  # of groups, (stratum,)

    def draw(self, numbers, generator, replace: bool) -> np.ndarray:
        """So many groups of each stratum, as weights float64 (observation,).

        Args:
          numbers: (stratum,), not more than there are without replacement; none is drawn from an empty stratum.
          generator: numpy.random.Generator.
          replace: whether a group may be drawn several times.
        """
        found = np.zeros(self._groups.max(initial=0) + 1)
        for groups, number in zip(self._of_strata, numbers):
            if len(groups) and number:
                np.add.at(found, generator.choice(groups, int(number), replace), 1.0)
        return found[self._groups] * self._inside

    def halves(self) -> list:
        """Every second group of each stratum, and the others: two arrays of weights."""
        chosen = [np.concatenate([groups[half::2] for groups in self._of_strata]) for half in (0, 1)]
        return [np.isin(self._groups, own) * self._inside for own in chosen]
