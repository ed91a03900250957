"""From windows to measured sets: recorded and generated windows are deconvolved and measured alike."""

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import PopulationWindows, RecordedWindows, Windows
from calciumgan_tf.evaluation import baselines, dynamics
from calciumgan_tf.evaluation.examples import Examples, examples
from calciumgan_tf.evaluation.grid import Grid
from calciumgan_tf.evaluation.summary import summarise
from calciumgan_tf.evaluation.window_set import POINTS, WindowSet, evenly
from calciumgan_tf.progress import Progress
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.spikes.deconvolution import Settings


class Measuring:
    """Makes the sets of windows of an evaluation; `sets` and `example` hold those that have been made.

    Attributes:
      sets: {'heldout', 'training', 'first_half', 'second_half', 'shuffled', 'dichotomized_gaussian': WindowSet}; no
        'second_half' where the training part is a single block.
      example: Examples of the held-out part.
    """

    def __init__(self, recording: Recording, split: Split, oasis: Settings, diagnostics: bool):
        """Prepares nothing but the grid of lags and frequencies.

        Args:
          recording: Recording.
          split: Split of it.
          oasis: settings of the deconvolution.
          diagnostics: whether traces are measured, and not their spikes alone.
        """
        self._recording, self._split, self._oasis, self._diagnostics = recording, split, oasis, diagnostics
        origin = recording.traces[slice(*split.training[0])].mean(axis=0)
        self._grid = Grid(recording.frame_rate, recording.tau_decay, origin, split.window_frames)
        self.sets: dict[str, WindowSet] = {}
        self.example: Examples | None = None

    def recorded(self, count: int, stride: int, seed: int) -> None:
        """Measures the parts of the recording and the baselines.

        Args:
          count: windows of each set.
          stride: recorded windows start at multiples of so many frames.
          seed: of the baselines.
        """
        recording, split = self._recording, self._split
        first, second = split.halves()
        blocks = {"heldout": split.heldout, "training": split.training, "first_half": first, "second_half": second}
        parts = {
            name: RecordedWindows(recording.traces, split, part, count, stride) for name, part in blocks.items() if part
        }
        with Progress("reference", len(parts) + 1, unit="set", quiet_seconds=5) as progress:

            def infer(windows):
                inferred = deconvolution.infer_spikes(windows, self._oasis)
                progress.advance(1)
                progress.report()
                return inferred

            for name, windows in parts.items():
                inferred = infer(windows)
                self.sets[name] = self._measured(windows, inferred.spikes)
                if name == "heldout":
                    self.example = examples(windows, inferred.spikes)
                if name == "training":
                    self.sets["shuffled"] = self._shuffled(inferred.spikes, seed)
                    fitted = baselines.fitted_population(
                        inferred, self._oasis, split.frames("training"), recording.frame_rate, recording.tau_decay, seed
                    )
            simulated = PopulationWindows(fitted, count, split.window_frames)
            self.sets["dichotomized_gaussian"] = self._measured(simulated, infer(simulated).spikes)

    def generated(self, windows: Windows) -> tuple[WindowSet, Examples]:
        """Measures generated windows, after `recorded`; they have as many independent ones as the training part."""
        spikes = deconvolution.infer_spikes(windows, self._oasis).spikes
        return self._measured(windows, spikes), examples(windows, spikes)

    def _measured(self, windows, spikes) -> WindowSet:
        summary = summarise(spikes, self._recording.frame_rate)
        if not self._diagnostics:
            return WindowSet(summary)
        if isinstance(windows, RecordedWindows):
            apart = windows.independent()
            described = dynamics.describe(windows, spikes, self._grid, len(apart))
            return WindowSet(summary, described, apart[evenly(len(apart), POINTS)], recorded=True)
        apart = evenly(len(spikes), len(self.sets["training"].independent))
        return WindowSet(summary, dynamics.describe(windows, spikes, self._grid), apart)

    def _shuffled(self, spikes, seed) -> WindowSet:
        """Training windows in which each neuron comes from a different window."""
        order = baselines.shuffled_windows(len(spikes), spikes.shape[2], seed)
        summary = summarise(baselines.rearranged(spikes, order), self._recording.frame_rate)
        if not self._diagnostics:
            return WindowSet(summary)
        training = self.sets["training"]
        return WindowSet(summary, training.dynamics.shuffled(order), training.independent)
