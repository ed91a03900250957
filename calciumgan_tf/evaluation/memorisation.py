"""Whether generated windows are nearer to the training part than recorded windows that were held out."""

import dataclasses

import numpy as np
import scipy.fft
import scipy.stats

from calciumgan_tf.evaluation.metric import Metric


@dataclasses.dataclass(frozen=True)
class Memorisation:
    """Distances of windows to the training window that is most like them, 1 - correlation; 0 for a copy.

    Attributes:
      generated, heldout: float64 (window,).
      starts: first frame of the training window that is most like each generated window, int64 (window,).
    """

    generated: np.ndarray
    heldout: np.ndarray
    starts: np.ndarray

    @property
    def p_value(self) -> float:
        """Of a one-sided Mann-Whitney U test: small where generated windows are nearer than held-out ones."""
        return float(scipy.stats.mannwhitneyu(self.generated, self.heldout, alternative="less").pvalue)

    @property
    def effect(self) -> float:
        """Probability that a generated window is farther than a held-out one, 0..1; .5 where they are equally far."""
        statistic = scipy.stats.mannwhitneyu(self.generated, self.heldout).statistic
        return float(statistic / (len(self.generated) * len(self.heldout)))


TEST = Metric(
    "memorisation", "p", "copying",
    "The distance of a window to the training part is 1 - r, with r its correlation with the training window that is "
    "most like it, of all that start at any frame. r is taken over all frames and neurons, each neuron less its mean "
    "and divided by its standard deviation in the training part. The value is the p value of a one-sided Mann-Whitney "
    "U test of whether generated windows are nearer than held-out windows that share no frame.",
    "after Meehan et al. 2020, AISTATS", lambda memorisation: np.array([memorisation.p_value]), tested=True,
)  # fmt: skip


def nearest(windows, traces, blocks):
    """The window of a recording that is most like each window, over all first frames inside `blocks`.

    1 - r, r = ab / (|a| |b|), the products computed with Fourier transforms that are summed over neurons; r = 0 where a
    window is 0.

    Args:
      windows: (window, frame, neuron), each neuron standardised.
      traces: (frame, neuron), the recording, likewise.
      blocks: (first, after last) frames, each at least a window long.

    Returns:
      distances, float64 (window,), 0..2; and first frames, int64 (window,).
    """
    frames = windows.shape[1]
    best, starts = np.full(len(windows), np.inf), np.zeros(len(windows), np.int64)
    for start, stop in blocks:
        block = np.asarray(traces[start:stop], np.float64)
        offsets = len(block) - frames + 1
        energy = np.concatenate([[0.0], np.cumsum((block**2).sum(axis=1))])
        norm = np.sqrt(np.maximum(energy[frames:] - energy[:-frames], 0))  # (offset,)
        size = scipy.fft.next_fast_len(len(block), real=True)  # wrapped sums lie beyond the last offset
        spectrum = scipy.fft.rfft(block, size, axis=0)
        for index, window in enumerate(windows):
            window = np.asarray(window, np.float64)
            together = scipy.fft.rfft(window, size, axis=0).conj() * spectrum
            product = scipy.fft.irfft(together.sum(axis=1), size)[:offsets]
            norms = norm * np.linalg.norm(window)
            alike = np.divide(product, norms, out=np.zeros(offsets), where=norms > 0)
            offset = alike.argmax()
            if 1 - alike[offset] < best[index]:
                best[index], starts[index] = 1 - alike[offset], start + offset
    return np.maximum(best, 0), starts


class CopyTest:
    """The recorded side of the test for copies, computed once."""

    def __init__(self, traces, blocks, heldout):
        """Standardises the recording and finds the distances of held-out windows.

        Args:
          traces: (frame, neuron), dF/F, the recording.
          blocks: (first, after last) frames of the training part.
          heldout: (window, frame, neuron), dF/F, windows that share no frame with each other.
        """
        training = np.concatenate([traces[start:stop] for start, stop in blocks])
        self._mean, self._sd = training.mean(axis=0), training.std(axis=0)
        self._scaled, self._blocks = (traces - self._mean) / self._sd, blocks
        self._heldout = self._nearest(heldout)[0]

    def _nearest(self, windows):
        return nearest((np.asarray(windows) - self._mean) / self._sd, self._scaled, self._blocks)

    def __call__(self, generated) -> Memorisation:
        """The distances of generated windows, (window, frame, neuron), dF/F, beside those of held-out ones."""
        distances, starts = self._nearest(generated)
        return Memorisation(distances, self._heldout, starts)
