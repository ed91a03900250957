"""Samples of windows in units that are drawn again together, and how a statistic varies between such draws."""

import numpy as np

from calciumgan_tf import threads
from calciumgan_tf.dataset.windows import CutWindows

CHUNK_VALUES = 4_000_000  # values of traces, or of a resampled statistic, that are held at a time
WINDOWS_A_UNIT = (4, 2, 1)  # the first of which there are FEWEST_UNITS in the recording
UNIT_SECONDS = 40.0  # that a unit lasts, if its windows are so short that four of them do not
FEWEST_UNITS, FEWEST_HELDOUT = 16, 4  # in the recording; in the held-out part, of units of more than four windows
GENERATED_UNITS = 40


class Tiles:
    """The windows of a recording that share no frame, in units of neighbouring windows.

    A unit is up to four windows of one block of the split. Where these last less than UNIT_SECONDS, the blocks are
    short as well, and neighbouring ones have the same slow drift. A unit is then as many successive windows of one part
    as last so long, from several blocks, provided that the held-out part still has a few units. No unit has windows of
    both parts.

    Attributes:
      starts: first frame of each window, int (window,); ascending within the training part and the held-out part.
      unit: number of its unit, int (window,), ascending.
      heldout: whether a unit is of the held-out part, bool (unit,).
    """

    def __init__(self, split, frame_rate):
        """Takes all windows that fit, from the first frame of each block on; `frame_rate` in Hz."""
        parts = {False: split.training, True: split.heldout}
        tiled = {heldout: [split.apart(block) for block in sorted(blocks)] for heldout, blocks in parts.items()}
        units = _long_units(tiled, round(UNIT_SECONDS * frame_rate / split.window_frames))
        for size in () if units else WINDOWS_A_UNIT:
            units = [
                (held, starts[i : i + size])
                for held, blocks in tiled.items()
                for starts in blocks
                for i in range(0, len(starts), size)
            ]
            if len(units) >= FEWEST_UNITS:
                break
        units = sorted(units, key=lambda unit: unit[1][0])
        self.starts = np.concatenate([starts for _, starts in units])
        self.unit = np.repeat(np.arange(len(units)), [len(starts) for _, starts in units])
        self.heldout = np.array([held for held, _ in units])
        self._frames = split.window_frames

    def windows(self, traces) -> CutWindows:
        """The windows of `traces` (frame, neuron)."""
        return CutWindows(traces, self.starts, self._frames)


def _long_units(tiled, size):
    """Units of about `size` windows, pairs (whether held out, starts); none if `size` is a block's, or too large."""
    if size <= WINDOWS_A_UNIT[0]:
        return []
    units = []
    for heldout, blocks in tiled.items():
        starts = np.concatenate(blocks)
        parts = np.array_split(starts, max(1, round(len(starts) / size)))
        units += [(heldout, part) for part in parts if len(part)]
    enough = len(units) >= FEWEST_UNITS and sum(heldout for heldout, _ in units) >= FEWEST_HELDOUT
    return units if enough else []


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

    def __init__(self, chosen, resamples, generator, shift=None):
        """Draws as many units as are chosen.

        Args:
          chosen: bool (unit,), the units of the set.
          resamples: how many draws.
          generator: numpy.random.Generator.
          shift: of several splits that are pooled, how much later than in the first of them the set lies, as a share of
            the recording. Draws by equal generators are then the same moments, later by the shift, and what is slow in
            the recording is common to them as it is to the sets (a circular block bootstrap: Politis and Romano 1992,
            in Exploring the Limits of Bootstrap).
        """
        units, size = len(chosen), int(np.count_nonzero(chosen))
        if shift is None:
            self.weights = generator.multinomial(size, np.full(units, 1 / units), resamples).astype(np.float64)
        else:
            drawn = np.floor((generator.random((size, resamples)) + shift) % 1 * units).astype(int)
            places = drawn + units * np.arange(resamples)
            self.weights = np.bincount(places.ravel(), minlength=units * resamples).reshape(resamples, units) * 1.0
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
