"""The recorded side of the rows that compare a statistic: held-out part, training part, and faulty windows."""

import numpy as np

from calciumgan_tf.evaluation.diagnostics.distance import comparisons
from calciumgan_tf.evaluation.diagnostics.nulls import NULLS
from calciumgan_tf.evaluation.diagnostics.sample import Draw, Units


class Recorded:
    """The windows of a recording with their inferred events, as sums of some statistics.

    Attributes:
      training: {row: Comparison} of the training part with the held-out part.
      faults: {row: Comparison} of the training part with the fault that the row has to detect.
    """

    def __init__(self, statistics, traces, events, tiles, draw, seed):
        """Adds up the windows and compares what is recorded with each other.

        Args:
          statistics: list of Statistic.
          traces: (window, frame, neuron), dF/F, the windows of `tiles`.
          events: uint8, of the same shape.
          tiles: Tiles.
          draw: function of the number of a purpose and of the chosen units, bool (unit,), that returns a Draw.
          seed: of the faults.
        """
        self._statistics = statistics
        self._rows = {row.name: row for statistic in statistics for row in statistic.rows}
        recorded = Units.add_up(statistics, traces, events, tiles.unit)
        heldout, rest = (draw(number, chosen) for number, chosen in enumerate((tiles.heldout, ~tiles.heldout)))
        self._heldout = [(heldout, units) for units in recorded]
        self._training = [(rest, units) for units in recorded]
        self.training = self._compared(self._training)
        training = ~tiles.heldout[tiles.unit]
        unit = np.unique(tiles.unit[training], return_inverse=True)[1]
        self.faults = self._faulty(traces[training], events[training], unit, draw, seed)

    def _compared(self, candidate, rows=None):
        """{row: Comparison} of a candidate, a pair (Draw, Units) for each statistic, with the held-out part."""
        found = {}
        for statistic, reference, one in zip(self._statistics, self._heldout, candidate):
            if rows is None or rows & {row.name for row in statistic.rows}:
                found |= comparisons(statistic, reference, one)
        return found

    def _faulty(self, traces, events, unit, draw, seed):
        """{row: Comparison} of the training part with the fault of the row."""
        chosen, found = draw(2, np.ones(unit[-1] + 1, bool)), {}
        for number, (name, fault) in enumerate(NULLS.items()):
            rows = {row.name for row in self._rows.values() if row.null == name}
            needed = [one for one in self._statistics if rows & {row.name for row in one.rows}]
            if needed:  # a set with a fault at a time, since each is as large as the recording
                changed, others = fault(traces, events, np.random.default_rng([seed, 3, number]))
                added = dict(zip(needed, Units.add_up(needed, changed, others, unit)))
                candidate = [(chosen, added.get(statistic)) for statistic in self._statistics]
                found |= {row: one for row, one in self._compared(candidate, rows).items() if row in rows}
        return found

    def compare(self, windows, events, unit, draw: Draw):
        """Compares generated windows with the held-out part.

        Args:
          windows: (window, frame, neuron), dF/F.
          events: uint8, of the same shape.
          unit: int (window,), number of the unit that is drawn as a whole.
          draw: of these units.

        Returns:
          {row: Comparison}; and {set: [(Draw, Units) of each statistic]} of held-out part, training part and generated
          windows.
        """
        candidate = [(draw, units) for units in Units.add_up(self._statistics, windows, events, unit)]
        sets = {"heldout": self._heldout, "training": self._training, "generated": candidate}
        return self._compared(candidate), sets
