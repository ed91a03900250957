"""Whether generated windows are nearer to the training part than recorded windows that were held out."""

import dataclasses

import numpy as np
import scipy.fft
import scipy.stats


@dataclasses.dataclass(frozen=True)
class Memorisation:
    """Distance of each window w to the training window next to it: min over t of 1 - r(w, x(t .. t + T)), all frames t.

    r is the correlation over all frames and neurons, each neuron less its mean and over its SD in the training part:
    unlike a difference, it does not take quiet windows for near ones. Copied windows are nearer than held-out ones: p
    of a one-sided Mann-Whitney U test, and how probably a generated window is the farther one. Held-out windows have to
    share no frame. Source: after Meehan et al. 2020, AISTATS.

    Attributes:
      generated, heldout: float64 (window,), 0 for a copy.
      starts: first frame of the training window next to each generated one, int64 (window,).
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


def nearest(windows, traces, blocks):
    """The window of a recording that is most alike to each window, over all first frames inside `blocks`.

    1 - r, r = ab / (|a| |b|), the products computed with Fourier transforms that are summed over neurons; r = 0 where a
    window is 0.

    Args:
      windows: (window, frame, neuron), without the neurons' means.
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


def compare(generated, heldout, traces, blocks) -> Memorisation:
    """Both sides' distances to the training part.

    Args:
      generated, heldout: (window, frame, neuron), dF/F.
      traces: (frame, neuron), dF/F, the recording.
      blocks: (first, after last) frames of the training part.
    """
    training = np.concatenate([traces[start:stop] for start, stop in blocks])
    mean, sd = training.mean(axis=0), training.std(axis=0)
    scaled = (traces - mean) / sd
    distances, starts = nearest((np.asarray(generated) - mean) / sd, scaled, blocks)
    return Memorisation(distances, nearest((np.asarray(heldout) - mean) / sd, scaled, blocks)[0], starts)
