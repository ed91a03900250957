"""What a statistic of conditions has to detect: recorded observations in which something was destroyed on purpose."""

import dataclasses

import numpy as np

from calciumgan_tf.evaluation.conditions.observations import Observations


def levels_permuted(observations: Observations, weights, generator) -> Observations:
    """The levels of the observations that occur, exchanged at random.

    Args:
      observations: Observations.
      weights: (observation,), above 0 where one occurs.
      generator: numpy.random.Generator.
    """
    used = np.flatnonzero(weights)
    order = generator.permutation(used)
    levels, values = observations.levels.copy(), observations.values.copy()
    levels[used], values[used] = levels[order], values[order]
    return dataclasses.replace(observations, levels=levels, values=values)


def neurons_permuted(observations: Observations, weights, generator) -> Observations:
    """The observations of each level that occur, in another order for each neuron; see `levels_permuted`."""
    rates, means = observations.rates.copy(), observations.means.copy()
    for level in range(observations.count):
        own = np.flatnonzero((observations.levels == level) & (weights > 0))
        order = generator.permuted(np.tile(own[:, None], means.shape[1]), axis=0)
        rates[own], means[own] = (np.take_along_axis(one, order, axis=0) for one in (rates, means))
    return dataclasses.replace(observations, rates=rates, means=means)
