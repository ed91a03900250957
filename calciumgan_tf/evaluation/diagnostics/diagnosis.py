"""The diagnosis of generated windows: every row of the table, from the recording and from windows of any model.

diagnosis = Diagnosis(recording, split, settings)
result = diagnosis.compare(windows, events)

Windows of several runs of one recording are measured one by one and judged together, see `pooling`.
"""

import typing

import numpy as np

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import ChosenWindows, Windows
from calciumgan_tf.evaluation.diagnostics import classifiers
from calciumgan_tf.evaluation.diagnostics.amplitudes import Amplitudes
from calciumgan_tf.evaluation.diagnostics.classifiers import Classifiers, Side
from calciumgan_tf.evaluation.diagnostics.coherence import Coherence
from calciumgan_tf.evaluation.diagnostics.copying import CopyTest
from calciumgan_tf.evaluation.diagnostics.correlations import EventCorrelations, TraceCorrelations
from calciumgan_tf.evaluation.diagnostics.event_counts import EventCounts
from calciumgan_tf.evaluation.diagnostics.nulls import NULLS
from calciumgan_tf.evaluation.diagnostics.pooling import Measured, RecordedSide, Result, pool
from calciumgan_tf.evaluation.diagnostics.recorded import Recorded
from calciumgan_tf.evaluation.diagnostics.repetition import repeated
from calciumgan_tf.evaluation.diagnostics.sample import GENERATED_UNITS, Draw, Tiles
from calciumgan_tf.evaluation.diagnostics.spectra import Spectra
from calciumgan_tf.evaluation.diagnostics.states import PopulationStates
from calciumgan_tf.evaluation.diagnostics.statistic import Context
from calciumgan_tf.evaluation.diagnostics.transients import Transients
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution

RESAMPLES = 2000
STATISTICS = (
    Amplitudes,
    Spectra,
    Transients,
    EventCounts,
    TraceCorrelations,
    EventCorrelations,
    Coherence,
    PopulationStates,
)
CURVES = ("", "spectrum", "transient")  # names of the STATISTICS that are drawn
DECAYS = (0.5, 2.0)  # factors of the decay time with which rows of events are computed as well
ROWS = (*classifiers.ROWS, *(row for statistic in STATISTICS for row in statistic.rows))


class Diagnosis:
    """The recorded side of the table, and what it finds in generated windows."""

    def __init__(
        self,
        recording: Recording,
        split: Split,
        settings: deconvolution.Settings,
        seed: int = 0,
        s_min: float | None = None,
        shift: float | None = None,
    ):
        """Measures the recording, and windows of the training part with every fault that a row has to detect.

        Args:
          recording: Recording.
          split: Split of it, with the length of the generated windows.
          settings: of the deconvolution.
          seed: of the draws and the faults.
          s_min: smallest event of the deconvolution with other decay times, as for `settings`.
          shift: where several splits are pooled, of the draws of held-out and training part, see `sample.Draw`.
        """
        self._seed, self._shift, tiles = seed, shift, Tiles(split, recording.frame_rate)
        traces = tiles.windows(recording.traces)
        training = ~tiles.heldout[tiles.unit]
        own = traces[training]
        context = Context(recording.frame_rate, own)
        self._statistics: list[typing.Any] = [statistic(context) for statistic in STATISTICS]
        recorded_side = Side(own, np.unique(tiles.unit[training], return_inverse=True)[1])
        self._copy_test = CopyTest(recording.traces, split.training, ChosenWindows(traces, np.flatnonzero(~training)))
        self._classifiers = Classifiers(context, recorded_side, seed)
        of_events = [one for one in self._statistics if all(row.events for row in one.rows)]
        self._settings = {
            factor: deconvolution.refit(recording, split.training, settings, factor, s_min) for factor in DECAYS
        }
        self._recorded = {
            factor: Recorded(
                self._statistics if factor == 1 else of_events,
                traces,
                deconvolution.infer_spikes(traces, one).spikes,
                tiles,
                self._draw,
                seed,
            )
            for factor, one in {1.0: settings, **self._settings}.items()
        }
        random = np.random.default_rng([seed, 4])
        faults = self._classifiers.nulls(lambda name, windows: NULLS[name](windows, windows, random)[0])
        rows = {factor: (one.training, one.faults) for factor, one in self._recorded.items()}
        rows[1.0] = self._classifiers.training | rows[1.0][0], faults | rows[1.0][1]
        self.recorded = RecordedSide(
            {factor: training for factor, (training, _) in rows.items()},
            {factor: faults for factor, (_, faults) in rows.items()},
            tiles.starts[tiles.heldout[tiles.unit]],
            split.window_frames,
        )

    @property
    def heldout_windows(self) -> int:
        """Number of held-out windows that share no frame."""
        return len(self.recorded.heldout_starts)

    def _draw(self, purpose, chosen):
        shift = self._shift if purpose < 3 else None  # generated windows have no place in the recording
        return Draw(chosen, RESAMPLES, np.random.default_rng([self._seed, 2, purpose]), shift)

    def measure(self, windows: Windows, events, run: int = 0) -> Measured:
        """Measures generated windows beside the recording.

        Args:
          windows: (window, frame, neuron), dF/F, independent of each other.
          events: uint8, of the same shape, as inferred with the settings of the recording.
          run: number of the run, where several are pooled, so that their draws are independent.
        """
        count = windows.shape[0]
        unit = np.arange(count) * min(count, GENERATED_UNITS) // count
        draw = self._draw(3 + run, np.ones(unit[-1] + 1, bool))
        found, sets = self._recorded[1.0].compare(windows, events, unit, draw)
        compared = {1.0: found | self._classifiers.compare(Side(windows, unit))}
        for factor, settings in self._settings.items():
            others = deconvolution.infer_spikes(windows, settings).spikes
            compared[factor], _ = self._recorded[factor].compare(windows, others, unit, draw)
        curves = {
            name: {which: statistic.curve(draw.means(units)) for which, (draw, units) in _of(number, sets)}
            for number, (statistic, name) in enumerate(zip(self._statistics, CURVES))
            if name
        }
        return Measured(self.recorded, compared, self._copy_test.test(windows), repeated(windows), curves)

    def compare(self, windows: Windows, events) -> Result:
        """Compares generated windows with the recording; arguments as for `measure`."""
        return pool(ROWS, [self.measure(windows, events)])


def _of(number, sets):
    """The sets' pairs (Draw, Units) for the statistic of a number."""
    return ((name, candidate[number]) for name, candidate in sets.items())
