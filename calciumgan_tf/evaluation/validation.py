"""One number for how far generated windows are from a validation part, to choose between checkpoints by."""

import numpy as np

from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation.pair import Pair
from calciumgan_tf.evaluation.registry import METRICS
from calciumgan_tf.evaluation.summary import summarise
from calciumgan_tf.spikes import deconvolution


class ValidationDistance:
    """The distance of generated windows from a validation part, in units of the training part's.

    It is the geometric mean of all spike metrics, each divided by its value for the training part, which counts as 1
    where it is less: below, no difference can be told. It says which of two checkpoints is closer. It is not evidence
    of how good one is, since it has been chosen by; that is left to the held-out part.
    """

    def __init__(self, recording, split, num_windows):
        """Deconvolves and measures both parts of the recording.

        Args:
          recording: Recording.
          split: Split with a validation part.
          num_windows: windows of each set.
        """
        self._frame_rate = recording.frame_rate
        self._settings = deconvolution.fit_recording(recording, split.training)
        training, self._reference = (
            self._summary(RecordedWindows(recording.traces, split, part, num_windows))
            for part in (split.training, split.validation)
        )
        self._floor = self._values(training)

    def __call__(self, windows) -> float:
        """The distance of generated windows, (window, frame, neuron), dF/F; infinite where no metric is defined.

        A metric that is undefined for these windows but not for the training part counts as infinite.
        """
        values = self._values(self._summary(windows))
        floors = {name: floor for name, floor in self._floor.items() if floor > 0}
        ratios = [np.nan_to_num(max(values[name] / floor, 1.0), nan=np.inf) for name, floor in floors.items()]
        return float(np.exp(np.mean(np.log(ratios)))) if ratios else np.inf

    def _summary(self, windows):
        return summarise(deconvolution.infer_spikes(windows, self._settings).spikes, self._frame_rate)

    def _values(self, summary):
        """{metric: value} against the validation part."""
        return {name: value[0] for name, value in Pair(self._reference, summary).values(METRICS.values()).items()}
