"""The definition of a metric: a number that says how far one set of windows is from another, and its description."""

import dataclasses
import typing

import numpy as np


def _nothing(pair) -> str:
    return ""


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric; lower is better. It is defined once, in the METRICS of its module, and registered in `registry`.

    Attributes:
      name: key in tables and files.
      unit: '' for a pure number.
      definition: what it measures, in whole sentences.
      reference: where it comes from.
      function: from pair.Resampled to float64 (resample,), NaN where it is undefined.
      joint: whether it depends on how neurons act together, so that shuffling neurons apart has to change it.
      over: from Pair to what the value is a mean over, for instance '16 neurons'.
      note: from Pair to what had to be left out; '' where nothing was.
    """

    name: str
    unit: str
    definition: str
    reference: str
    function: typing.Callable[..., np.ndarray]
    joint: bool = False
    over: typing.Callable[..., str] = _nothing
    note: typing.Callable[..., str] = _nothing

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name
