"""Whether generated windows are nearer to the training part than recorded windows that were held out."""

import dataclasses

import numpy as np
import scipy.fft
import scipy.stats


@dataclasses.dataclass(frozen=True)
class Memorisation:
    """Distance of each window to the training window next to it, min over t of |w - x(t .. t + T)|, over all frames t.

    Copied windows are nearer than held-out ones: p of a one-sided Mann-Whitney U test, and how probably a generated
    window is the farther one. Held-out windows have to share no frame. Source: after Meehan et al. 2020, AISTATS.

    Attributes:
      generated, heldout: float64 (window,), root mean square over frames and neurons, in SDs of each neuron in the
        training part.
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
    """The window of a recording that is nearest to each window, over all first frames inside `blocks`.

    Computed with Fourier transforms from |a - b|^2 = |a|^2 + |b|^2 - 2 ab, the transforms summed over neurons.

    Args:
      windows: (window, frame, neuron).
      traces: (frame, neuron), the recording.
      blocks: (first, after last) frames, each at least a window long.

    Returns:
      distances, float64 (window,), root mean square over frames and neurons, in the unit of the traces; and first
      frames, int64 (window,).
    """
    frames = windows.shape[1]
    best, starts = np.full(len(windows), np.inf), np.zeros(len(windows), np.int64)
    for start, stop in blocks:
        block = np.asarray(traces[start:stop], np.float64)
        offsets = len(block) - frames + 1
        energy = np.concatenate([[0.0], np.cumsum((block**2).sum(axis=1))])
        energy = energy[frames:] - energy[:-frames]  # (offset,)
        size = scipy.fft.next_fast_len(len(block), real=True)  # wrapped sums lie beyond the last offset
        spectrum = scipy.fft.rfft(block, size, axis=0)
        for index, window in enumerate(windows):
            window = np.asarray(window, np.float64)
            together = scipy.fft.rfft(window, size, axis=0).conj() * spectrum
            product = scipy.fft.irfft(together.sum(axis=1), size)[:offsets]
            apart = energy - 2 * product
            offset = apart.argmin()
            squared = apart[offset] + (window**2).sum()
            if squared < best[index]:
                best[index], starts[index] = squared, start + offset
    return np.sqrt(np.maximum(best, 0) / (frames * windows.shape[2])), starts


def compare(generated, heldout, traces, blocks) -> Memorisation:
    """Both sides' distances to the training part, in SDs that each neuron has there.

    Args:
      generated, heldout: (window, frame, neuron), dF/F.
      traces: (frame, neuron), dF/F, the recording.
      blocks: (first, after last) frames of the training part.
    """
    sd = np.concatenate([traces[start:stop] for start, stop in blocks]).std(axis=0)
    scaled = traces / sd
    distances, starts = nearest(np.asarray(generated) / sd, scaled, blocks)
    return Memorisation(distances, nearest(np.asarray(heldout) / sd, scaled, blocks)[0], starts)
