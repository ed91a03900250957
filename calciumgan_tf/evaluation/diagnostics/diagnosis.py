"""The diagnosis of generated windows: every row of the table, from the recording and from windows of any model.

diagnosis = Diagnosis(recording, split, settings)
result = diagnosis.compare(windows, events)
"""

import dataclasses
import typing

import numpy as np

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import ChosenWindows, Windows
from calciumgan_tf.evaluation.diagnostics import classifiers
from calciumgan_tf.evaluation.diagnostics.amplitudes import Amplitudes
from calciumgan_tf.evaluation.diagnostics.classifiers import Classifiers, Side
from calciumgan_tf.evaluation.diagnostics.coherence import Coherence
from calciumgan_tf.evaluation.diagnostics.copying import Copying, CopyTest
from calciumgan_tf.evaluation.diagnostics.correlations import Correlations
from calciumgan_tf.evaluation.diagnostics.distance import distances
from calciumgan_tf.evaluation.diagnostics.event_counts import EventCounts
from calciumgan_tf.evaluation.diagnostics.findings import conclude
from calciumgan_tf.evaluation.diagnostics.nulls import NULLS
from calciumgan_tf.evaluation.diagnostics.repetition import repeated
from calciumgan_tf.evaluation.diagnostics.sample import GENERATED_UNITS, Draw, Tiles, Units
from calciumgan_tf.evaluation.diagnostics.spectra import Spectra
from calciumgan_tf.evaluation.diagnostics.states import PopulationStates
from calciumgan_tf.evaluation.diagnostics.statistic import Context
from calciumgan_tf.evaluation.diagnostics.transients import Transients
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution

RESAMPLES = 2000
STATISTICS = (Amplitudes, Spectra, Transients, EventCounts, Correlations, Coherence, PopulationStates)
CURVES = ("", "spectrum", "transient")  # names of the STATISTICS that are drawn
ROWS = (*classifiers.ROWS, *(row for statistic in STATISTICS for row in statistic.rows))


@dataclasses.dataclass(frozen=True)
class Result:
    """What is found in generated windows.

    Attributes:
      findings: {row: findings.Finding}, in the order of ROWS.
      copying: Copying.
      repeated: share of the generated windows that are repetitions of each other, 0..1.
      curves: {figure: {set: (x, values (x, neuron))}} of held-out part, training part and generated windows.
    """

    findings: dict
    copying: Copying
    repeated: float
    curves: dict


class Diagnosis:
    """The recorded side of the table, and what it finds in generated windows."""

    def __init__(self, recording: Recording, split: Split, settings: deconvolution.Settings, seed: int = 0):
        """Measures the recording, and windows of the training part with every fault that a row has to detect.

        Args:
          recording: Recording.
          split: Split of it, with the length of the generated windows.
          settings: of the deconvolution.
          seed: of the draws and the faults.
        """
        self._seed, tiles = seed, Tiles(split, recording.frame_rate)
        traces = tiles.windows(recording.traces)
        events = deconvolution.infer_spikes(traces, settings).spikes
        training = ~tiles.heldout[tiles.unit]
        own = traces[training]
        context = Context(recording.frame_rate, own)
        self._statistics: list[typing.Any] = [statistic(context) for statistic in STATISTICS]
        self.heldout_windows = int(np.count_nonzero(~training))
        recorded = Units.add_up(self._statistics, traces, events, tiles.unit)
        heldout, rest = (self._draw(number, chosen) for number, chosen in enumerate((tiles.heldout, ~tiles.heldout)))
        self._heldout = [(heldout, units) for units in recorded]
        self._training = [(rest, units) for units in recorded]
        recorded_side = Side(own, np.unique(tiles.unit[training], return_inverse=True)[1])
        self._copy_test = CopyTest(recording.traces, split.training, ChosenWindows(traces, np.flatnonzero(~training)))
        self._classifiers = Classifiers(context, recorded_side, seed)
        self.training = self._distances(self._training) | self._classifiers.training
        self.nulls = self._nulls(recorded_side, events[training])

    def _draw(self, purpose, chosen):
        return Draw(chosen, RESAMPLES, np.random.default_rng([self._seed, 2, purpose]))

    def _distances(self, candidate, rows=None):
        """{row: Distance} of a candidate, a pair (Draw, Units) for each statistic, from the held-out part."""
        found = {}
        for statistic, reference, one in zip(self._statistics, self._heldout, candidate):
            if rows is None or rows & {row.name for row in statistic.rows}:
                found |= distances(statistic, reference, one)
        return found

    def _nulls(self, recorded: Side, events):
        """{row: Distance} of the training part with the fault that the row has to detect."""
        draw = self._draw(2, np.ones(recorded.unit[-1] + 1, bool))
        random = np.random.default_rng([self._seed, 4])
        found = self._classifiers.nulls(lambda name, windows: NULLS[name](windows, windows, random)[0])
        for number, (name, fault) in enumerate(NULLS.items()):
            rows = {row.name for row in ROWS if row.null == name} - found.keys()
            asked = [one for one in self._statistics if rows & {row.name for row in one.rows}]
            # One set with a fault at a time, since each is as large as the recording.
            changed, inferred = fault(recorded.windows, events, np.random.default_rng([self._seed, 3, number]))
            added = dict(zip(asked, Units.add_up(asked, changed, inferred, recorded.unit)))
            candidate = [(draw, added.get(statistic)) for statistic in self._statistics]
            found |= {row: one for row, one in self._distances(candidate, rows).items() if row in rows}
        return found

    def compare(self, windows: Windows, events) -> Result:
        """Compares generated windows with the recording.

        Args:
          windows: (window, frame, neuron), dF/F, independent of each other.
          events: uint8, of the same shape, as inferred with the settings of the recording.
        """
        count = windows.shape[0]
        unit = np.arange(count) * min(count, GENERATED_UNITS) // count
        draw = self._draw(3, np.ones(unit[-1] + 1, bool))
        candidate = [(draw, units) for units in Units.add_up(self._statistics, windows, events, unit)]
        found = self._distances(candidate) | self._classifiers.distances(Side(windows, unit))
        findings = conclude(ROWS, found, self.training, self.nulls, self.heldout_windows)
        sets = {"heldout": self._heldout, "training": self._training, "generated": candidate}
        curves = {
            name: {which: statistic.curve(draw.means(units)) for which, (draw, units) in _of(number, sets)}
            for number, (statistic, name) in enumerate(zip(self._statistics, CURVES))
            if name
        }
        return Result(findings, self._copy_test.test(windows), repeated(windows), curves)


def _of(number, sets):
    """The sets' pairs (Draw, Units) for the statistic of a number."""
    return ((name, candidate[number]) for name, candidate in sets.items())
