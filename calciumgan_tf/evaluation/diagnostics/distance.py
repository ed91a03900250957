"""How far a statistic of one sample of windows is from that of another, less what chance alone makes of it.

With d the difference of the statistic's values, the squared distance is the mean of d^2 less the mean that it would
have if both samples came from one distribution, so that it is 0 in expectation for equal distributions; it can be below
0. That mean and the p value come from samples drawn again, see `sample.Draw`.

The interval inverts the test. If the true difference has the size s and the direction of d, then mean(d^2) is
distributed as s^2 + 2 s c + mean(e^2), with e the deviations of a draw and c their component along d. The interval
holds all s for which the observed value is not among the 2.5 % most extreme ones on either side. So it begins at 0
where the difference may be chance, and it never lies below 0.

Sources: Davison and Hinkley 1997, Bootstrap Methods and their Application, sections 4.4 and 5.2; the subtraction of the
bias, as in the unbiased estimate of a squared distance of Gretton et al. 2012, JMLR 13, equation 3.
"""

import dataclasses
import typing

import numpy as np
from scipy import stats

from calciumgan_tf.evaluation.diagnostics.sample import Draw, Units, chunks

LEVEL = 0.05  # of intervals and tests
GRID = 500  # sizes of a difference that are tried for the interval
TINY = 1e-300


@dataclasses.dataclass(frozen=True)
class Distance:
    """A distance in the unit of its statistic.

    Attributes:
      value: signed root of the squared distance; below 0 where the samples are more alike than chance makes them.
      low, high: 95 % interval of the true distance, 0 or more.
      p: probability of a distance at least as large if both samples came from one distribution.
    """

    value: float
    low: float
    high: float
    p: float


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The difference d of a statistic between two samples, and the deviations e that chance makes of it.

    Attributes:
      found: mean of d^2 over the values of the statistic.
      squares: mean of e^2 in each draw, (resample,).
      along: component of e along d, of a direction of root mean square 1, (resample,).
    """

    found: float
    squares: np.ndarray
    along: np.ndarray

    @property
    def distance(self) -> Distance:
        """The distance of the two samples."""
        return self.pooled([self])

    @staticmethod
    def pooled(runs: "typing.Sequence[Comparison]") -> Distance:
        """The root of the mean squared distance over runs, each a Comparison with draws that belong together.

        If it has the size s, the mean of `found` over runs is distributed as s^2 + b + 2 s c + mean(e^2). Here c is
        the mean over runs of their components, weighted by the runs' own sizes and turned to one side, since the runs
        may share a held-out part. What the runs differ by is b. It has the standard error of the runs' squared
        distances and Student's t distribution, as three to five runs say little about others; it is smaller in
        proportion where s^2 is below the value that was found, and s^2 + b is never below 0. So b vanishes for a
        perfect model, and p is that of the mean over runs without any difference between them. The standard error
        holds what chance makes of each run a second time, so that intervals are rather too long than too short.
        """
        found = float(np.mean([one.found for one in runs]))
        squares = np.mean([one.squares for one in runs], axis=0)
        largest = max(runs, key=lambda one: one.found)
        sides = [-1 if one.along @ largest.along < 0 else 1 for one in runs]
        sizes = [np.sqrt(one.found / max(found, TINY)) for one in runs]
        along = np.mean([side * size * one.along for side, size, one in zip(sides, sizes, runs)], axis=0)
        return _distance(found, squares, along, _between([one.found - one.squares.mean() for one in runs], len(along)))


def farther(runs: typing.Sequence[Comparison], others: typing.Sequence[Comparison]) -> float:
    """P value of candidates being farther from the reference than others are, which are compared by the same draws.

    Let r be the deviation of the reference, as large as it may be by drift, f that of the candidate and g that of the
    other. Then the difference of the squared distances is f^2 - g^2 - 2 r (f - g). Draws of r know nothing of a slow
    drift, so a second such term has the observed difference between the reference and the other in place of r.

    Args:
      runs: of each candidate.
      others: as many, each with the reference of its candidate.
    """
    pairs = list(zip(runs, others))
    found = np.mean([one.found - other.found for one, other in pairs])
    drawn = np.mean(
        [one.squares - other.squares + 2 * np.sqrt(other.found) * (one.along - other.along) for one, other in pairs],
        axis=0,
    )
    return float((1 + np.count_nonzero(drawn >= found)) / (1 + len(drawn)))


def comparisons(statistic, reference: tuple[Draw, Units], candidate: tuple[Draw, Units]) -> dict[str, Comparison]:
    """Compares two samples by all rows of a statistic.

    Args:
      statistic: Statistic.
      reference, candidate: the draws of a sample, as many of both, and the sums of the units that they are draws of.

    Returns:
      {row: Comparison}.
    """
    sides = reference, candidate
    first, second = (draw.values(statistic, units) for draw, units in sides)
    # A row may have no values: pairs of a single neuron, or transients where no neuron has enough of them.
    difference = {row: second[row] - first[row] for row in first if first[row].size}
    squares: dict[str, list] = {row: [] for row in difference}
    along: dict[str, list] = {row: [] for row in difference}
    for part in chunks(len(reference[0].weights), reference[1].sums.shape[1]):
        of_first, of_second = (draw.deviations(statistic, units, part) for draw, units in sides)
        for row, d in difference.items():
            deviation = of_second[row] - of_first[row]
            squares[row].append((deviation**2).mean(axis=1))
            along[row].append(deviation @ d / len(d) / max(np.sqrt(np.mean(d**2)), TINY))
    nothing = np.zeros(len(reference[0].weights))
    empty = {row: Comparison(0.0, nothing, nothing) for row in first if row not in difference}
    return empty | {
        row: Comparison(float(np.mean(d**2)), np.concatenate(squares[row]), np.concatenate(along[row]))
        for row, d in difference.items()
    }


def _between(squares, draws):
    """Deviations of a mean squared distance from one set of runs to another, float64 (draw,); 0 for a single run."""
    number = len(squares)
    if number == 1:
        return np.zeros(draws)
    quantiles = (np.random.default_rng(number).permutation(draws) + 0.5) / draws  # the same for each row and each call
    return stats.t.ppf(quantiles, number - 1) * np.std(squares, ddof=1) / np.sqrt(number)


def _distance(found, squares, along, between) -> Distance:
    """The Distance of mean(d^2) = `found`, given mean(e^2), c and b of each draw, (resample,) all of them."""
    p = (1 + np.count_nonzero(squares >= found)) / (1 + len(squares))
    excess = found - squares.mean()
    largest = np.sqrt(found) + 5 * np.sqrt(squares.max()) + np.sqrt(np.quantile(between, 1 - LEVEL / 4))
    sizes = np.linspace(0, largest, GRID)[:, None]
    share = np.minimum(sizes**2 / max(excess, TINY), 1)
    expected = np.maximum(sizes**2 + share * between, 0) + 2 * sizes * along + squares
    possible = ((expected >= found).mean(axis=1) > LEVEL / 2) & ((expected <= found).mean(axis=1) > LEVEL / 2)
    # Samples more alike than 97.5 % of draws leave no possible size: then the interval reaches as far as chance does.
    ends = sizes[possible, 0][[0, -1]] if possible.any() else (0.0, np.sqrt(np.quantile(squares, 1 - LEVEL)))
    return Distance(signed_root(excess), float(ends[0]), float(ends[1]), float(p))


def signed_root(square):
    """Root of the magnitude, with the sign of the square."""
    return float(np.sign(square) * np.sqrt(np.abs(square)))
