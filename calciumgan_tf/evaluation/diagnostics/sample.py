"""Samples of windows in units that are drawn again together, and how a statistic varies between such draws."""

import numpy as np

from calciumgan_tf import threads

CHUNK_VALUES = 4_000_000  # values of traces, or of a resampled statistic, that are held at a time
WINDOWS_A_UNIT = (4, 2, 1)  # the first of which there are FEWEST_UNITS in the recording
FEWEST_UNITS = 16
GENERATED_UNITS = 40


class Tiles:
    """The windows of a recording that share no frame, in units of neighbouring windows.

    A unit is a stretch inside a block of the split, so that it never straddles a border between the two parts.

    Attributes:
      starts: first frame of each window, int (window,).
      unit: number of its unit, int (window,), ascending.
      heldout: whether a unit is of the held-out part, bool (unit,).
    """

    def __init__(self, split):
        """Takes all windows that fit, from the first frame of each block on."""
        blocks = [(False, block) for block in split.training] + [(True, block) for block in split.heldout]
        tiled = [(heldout, _tile(split, block)) for heldout, block in sorted(blocks, key=lambda one: one[1])]
        for size in WINDOWS_A_UNIT:
            units = [(held, starts[i : i + size]) for held, starts in tiled for i in range(0, len(starts), size)]
            if len(units) >= FEWEST_UNITS:
                break
        self.starts = np.concatenate([starts for _, starts in units])
        self.unit = np.repeat(np.arange(len(units)), [len(starts) for _, starts in units])
        self.heldout = np.array([held for held, _ in units])
        self._frames = split.window_frames

    def windows(self, traces):
        """The windows of `traces` (frame, neuron), an array (window, frame, neuron)."""
        return traces[self.starts[:, None] + np.arange(self._frames)]


def _tile(split, block):
    """First frames of windows of a block that share no frame, int (window,)."""
    chosen, free = [], -1
    for start in split.starts([block]):
        if start >= free:
            chosen.append(int(start))
            free = start + split.window_frames
    return np.array(chosen, int)


class Units:
    """Sums of a statistic over the windows of each unit."""

    def __init__(self, sums, windows):
        """Takes sums (unit, sum) and the number of windows of each unit, (unit,)."""
        self.sums, self.windows = sums, windows

    @classmethod
    def add_up(cls, statistics, traces, events, unit):
        """Sums of several statistics, with only few windows held as copies at a time.

        Args:
          statistics: list of Statistic.
          traces: Windows, dF/F.
          events: uint8 (window, frame, neuron).
          unit: int (window,).

        Returns:
          a Units for each statistic.
        """
        count, frames, neurons = traces.shape
        number = np.bincount(unit)
        totals: list[np.ndarray] = []

        def of_part(part):
            cut, inferred = np.asarray(traces[part], np.float32), events[part]
            return part, [statistic.sums(cut, inferred) for statistic in statistics]

        for part, sums in threads.in_order(of_part, chunks(count, frames * neurons)):
            totals = totals or [np.zeros((len(number), one.shape[1])) for one in sums]
            for total, one in zip(totals, sums):
                np.add.at(total, unit[part], one)
        return [cls(total, number) for total in totals]

    def means(self, weights):
        """Mean over the windows of the drawn units: weights (resample, unit) to (resample, sum)."""
        return weights @ self.sums / (weights @ self.windows)[:, None]


def chunks(count, values_each):
    """Slices of up to CHUNK_VALUES values, for `count` things of so many values each."""
    size = max(1, CHUNK_VALUES // max(values_each, 1))
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


class Draw:
    """A set of units as it is, and as it might have been: drawn again from the units that it is a sample of.

    The held-out part is a few units of the recording; how much such a sample varies is seen from all units of the
    recording, training part included, drawn with replacement. A set of generated windows is drawn from itself.
    Deviations are enlarged by sqrt(n / (n - 1)), since draws from n units vary less than the units' source.
    """

    def __init__(self, chosen, resamples, generator):
        """Draws as many units as are chosen.

        Args:
          chosen: bool (unit,), the units of the set.
          resamples: how many draws.
          generator: numpy.random.Generator.
        """
        units, size = len(chosen), int(np.count_nonzero(chosen))
        self.weights = generator.multinomial(size, np.full(units, 1 / units), resamples).astype(np.float64)
        self._chosen = chosen.astype(np.float64)[None]
        self._scale = np.sqrt(units / max(units - 1, 1))

    def means(self, units):
        """Mean sums of the set itself, (sum,)."""
        return units.means(self._chosen)[0]

    def values(self, statistic, units):
        """The statistic of the set itself: {row: (value,)}."""
        return {row: values[0] for row, values in statistic.values(units.means(self._chosen)).items()}

    def deviations(self, statistic, units, part):
        """Differences of the statistic between the draws of a slice and all units, {row: (resample, value)}."""
        drawn = statistic.values(units.means(self.weights[part]))
        whole = statistic.values(units.means(np.ones_like(self._chosen)))
        return {row: (values - whole[row]) * self._scale for row, values in drawn.items()}
