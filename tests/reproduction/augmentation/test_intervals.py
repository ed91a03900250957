"""Intervals cover the truth as often as they say, and verdicts follow from them."""

import numpy as np
import pytest
from scipy import stats

from calciumgan_tf.reproduction.augmentation import intervals
from calciumgan_tf.reproduction.augmentation.heldout import weights
from calciumgan_tf.reproduction.augmentation.intervals import Estimate


def simulated(generator, seeds, pieces, of_seeds, of_pieces):
    """(seed, 1 + resample) values of a mean over pieces, with a deviation for each seed and each piece; the truth is 0.

    Resamples are those of `heldout.weights`.
    """
    each = generator.normal(0, of_pieces, pieces) + generator.normal(0, of_seeds, (seeds, 1))
    return each @ weights(pieces, int(generator.integers(1 << 31))).T / pieces


@pytest.mark.parametrize("of_seeds, of_pieces", [(1.0, 0.0), (0.0, 1.0), (1.0, 3.0)])
def test_coverage(of_seeds, of_pieces):
    """95 % within 4 standard errors of 1000 simulations, and some more for few seeds, where it is approximate."""
    generator, covered = np.random.default_rng(0), 0
    for _ in range(1000):
        found = intervals.estimate(simulated(generator, 3, 10, of_seeds, of_pieces), 10)
        covered += found.low <= 0 <= found.high
    assert 0.92 < covered / 1000 < 0.985


def test_of_seeds_alone_it_is_the_t_interval():
    values = np.repeat([[1.0], [2.0], [4.0]], 201, axis=1)
    found = intervals.estimate(values, 10)
    expected = stats.t.interval(0.95, 2, loc=7 / 3, scale=stats.sem([1, 2, 4]))
    assert found.value == pytest.approx(7 / 3) and (found.low, found.high) == pytest.approx(expected)


def test_unknown_and_certain():
    assert intervals.estimate(np.ones((3, 201)), 1) == Estimate(1.0, None, None)
    assert intervals.estimate(np.zeros((3, 201)), 5) == Estimate(0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "low, high, higher, expected",
    [
        (0.1, 0.2, True, intervals.HELP),
        (0.1, 0.2, False, intervals.HARM),
        (-0.2, -0.1, True, intervals.HARM),
        (-0.2, -0.1, False, intervals.HELP),
        (-0.1, 0.2, True, intervals.NO_DIFFERENCE),
        (0.0, 0.0, False, intervals.NO_DIFFERENCE),
        (None, None, True, intervals.UNKNOWN),
    ],
)
def test_verdict(low, high, higher, expected):
    assert Estimate(0.1, low, high).verdict(higher) == expected
