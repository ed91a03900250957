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

import numpy as np

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
        return _distance(self.found, self.squares, self.along)


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


def _distance(found, squares, along) -> Distance:
    """The Distance of mean(d^2) = `found`, given mean(e^2) and c of each draw, (resample,) both."""
    p = (1 + np.count_nonzero(squares >= found)) / (1 + len(squares))
    sizes = np.linspace(0, np.sqrt(found) + 5 * np.sqrt(squares.max()), GRID)[:, None]
    expected = sizes**2 + 2 * sizes * along + squares
    possible = ((expected >= found).mean(axis=1) > LEVEL / 2) & ((expected <= found).mean(axis=1) > LEVEL / 2)
    # Samples more alike than 97.5 % of draws leave no possible size: then the interval reaches as far as chance does.
    ends = sizes[possible, 0][[0, -1]] if possible.any() else (0.0, np.sqrt(np.quantile(squares, 1 - LEVEL)))
    return Distance(signed_root(found - squares.mean()), float(ends[0]), float(ends[1]), float(p))


def signed_root(square):
    """Root of the magnitude, with the sign of the square."""
    return float(np.sign(square) * np.sqrt(np.abs(square)))
