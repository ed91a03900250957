"""First and second moments of rows, of which linear regressions and correlations are made; they add up."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Moments:
    """Of rows of neurons.

    Attributes:
      count: number of rows.
      total: float64 (neuron,), sum of the rows.
      products: float64 (neuron, neuron), sum of the outer product of each row with itself.
    """

    count: float
    total: np.ndarray
    products: np.ndarray

    @classmethod
    def of(cls, rows) -> "Moments":
        """The moments of rows (row, neuron)."""
        return cls(len(rows), rows.sum(axis=0), rows.T @ rows)

    def __add__(self, other):
        return Moments(self.count + other.count, self.total + other.total, self.products + other.products)

    def __sub__(self, other):
        return Moments(self.count - other.count, self.total - other.total, self.products - other.products)

    @property
    def mean(self):
        """Float64 (neuron,)."""
        return self.total / self.count

    def about(self, centre):
        """Sum of the outer products of the rows less a centre (neuron,): float64 (neuron, neuron)."""
        crossed = np.outer(self.total, centre)
        return self.products - crossed - crossed.T + self.count * np.outer(centre, centre)

    @property
    def covariance(self):
        """Float64 (neuron, neuron), divided by the number of rows."""
        return self.about(self.mean) / self.count


def of_groups(rows, groups, count) -> list:
    """Moments of each of `count` groups of rows (row, neuron); groups are int (row,), from 0 on."""
    return [Moments.of(rows[groups == group]) for group in range(count)]


def weighted(moments, weights) -> Moments:
    """The sum of several Moments, each so many times."""
    return Moments(
        float(np.dot(weights, [one.count for one in moments])),
        np.einsum("g,gn->n", weights, [one.total for one in moments]),
        np.einsum("g,gnm->nm", weights, [one.products for one in moments]),
    )


def correlation(covariance):
    """Float64 (neuron, neuron); 0 for a neuron that does not vary, as in a part too short."""
    sd = np.sqrt(np.diag(covariance))
    return np.divide(covariance, np.outer(sd, sd), out=np.zeros_like(covariance), where=np.outer(sd, sd) > 0)
