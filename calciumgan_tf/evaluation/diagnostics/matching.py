"""Search of windows in a recording: correlations with the stretches at all starts, and the best two of these."""

import numpy as np
import scipy.fft

BATCH_WINDOWS, BATCH_NEURONS = 200, 8  # windows and neurons transformed at a time
TRANSFORM = 4096  # shortest Fourier transform, frames
SMALLEST_SD = 1e-3  # of a stretch, in SDs of the training part, below which it is constant and matches nothing
NEAREST = 1e-6  # distances count as at least this much, the rounding error of float32


class Standardised:
    """Traces in SDs of the training part, which are computed as they are sliced, a few neurons at a time."""

    def __init__(self, traces, mean, scale):
        """Takes traces (..., neuron), an array, and what is subtracted and multiplied by, (neuron,)."""
        self._traces, self._mean, self._scale, self.shape = traces, mean, scale, traces.shape

    def __getitem__(self, part):
        """Float32; the last of the slices is that of the neurons."""
        return ((self._traces[part] - self._mean[part[-1]]) * self._scale[part[-1]]).astype(np.float32)

    def of(self, neurons) -> "Standardised":
        """Some of the neurons, a slice."""
        return Standardised(self._traces[..., neurons], self._mean[neurons], self._scale[neurons])


def correlations(windows, traces, energy=None):
    """Correlation of windows with all stretches of a recording, over frames and neurons.

    Each neuron is taken less its mean in the window or stretch. Products are computed with Fourier transforms of
    overlapping parts of the recording (overlap-save), and summed over neurons before they are transformed back. Costs
    O(window * neuron * frame) operations.

    Args:
      windows: (window, frame, neuron), in SDs of the training part.
      traces: (frame, neuron), likewise, an array or Standardised.
      energy: of the stretches, as `energies` returns it; None to compute it.

    Returns:
      float32 (window, start), -1..1 but for rounding; 0 where a window or a stretch is constant.
    """
    frames = windows.shape[1]
    starts = traces.shape[0] - frames + 1
    energy = energies(traces, frames) if energy is None else energy
    products = np.concatenate(
        [
            _products(np.asarray(windows[first : first + BATCH_WINDOWS], np.float32), traces)[:, :starts]
            for first in range(0, len(windows), BATCH_WINDOWS)
        ]
    )
    for row, own in zip(products, _window_energy(windows)):  # one at a time, since there are many starts
        norm = np.sqrt(own * energy, dtype=np.float32)
        np.divide(row, norm, out=row, where=norm > 0)
        row[norm == 0] = 0
    return products


def _products(windows, traces):
    """Sum over frames and neurons of centred windows times stretches, float32 (window, start and more)."""
    frames, neurons = windows.shape[1:]
    size = scipy.fft.next_fast_len(max(TRANSFORM, 4 * frames), real=True)
    hop = size - frames + 1  # starts of a part
    parts = -(-(traces.shape[0] - frames + 1) // hop)
    padded = np.zeros(((parts - 1) * hop + size, BATCH_NEURONS), np.float32)
    total = np.zeros((size // 2 + 1, len(windows), parts), np.complex64)
    for first in range(0, neurons, BATCH_NEURONS):
        some = slice(first, first + BATCH_NEURONS)
        centred = windows[:, :, some] - windows[:, :, some].mean(axis=1, keepdims=True)
        padded[: traces.shape[0], : centred.shape[2]] = traces[:, some]
        cut = np.stack([padded[part * hop : part * hop + size, : centred.shape[2]] for part in range(parts)])
        left = scipy.fft.rfft(centred, size, axis=1).conj()  # (window, frequency, neuron)
        right = scipy.fft.rfft(cut, axis=1)  # (part, frequency, neuron)
        total += left.transpose(1, 0, 2) @ right.transpose(1, 2, 0)
    products = scipy.fft.irfft(np.ascontiguousarray(total.transpose(1, 2, 0)), size, axis=2)
    return products[:, :, :hop].reshape(len(windows), -1)


def _window_energy(windows):
    """Sum of squares of centred windows, float64 (window,); 0 where a window is constant."""
    energy = np.array([(window.var(axis=0, dtype=np.float64)).sum() for window in windows]) * windows.shape[1]
    return np.where(energy > windows.shape[1] * SMALLEST_SD**2, energy, 0)


def energies(traces, frames):
    """Sum of squares of all centred stretches of so many frames, float64 (start,); 0 where a stretch is constant."""
    energy = np.zeros(traces.shape[0] - frames + 1)
    for neuron in range(traces.shape[1]):
        trace = traces[:, neuron : neuron + 1][:, 0]
        x = trace.astype(np.float64) - trace.mean(dtype=np.float64)
        sums, squares = (np.concatenate([[0.0], np.cumsum(one)]) for one in (x, x**2))
        energy += squares[frames:] - squares[:-frames] - (sums[frames:] - sums[:-frames]) ** 2 / frames
    return np.where(energy > frames * SMALLEST_SD**2, energy, 0)


def best_two(found, allowed, frames):
    """The best match of each window, and the best of those that share no frame with it.

    Args:
      found: (window, start), correlations.
      allowed: bool, (start,) or (window, start).
      frames: of a window.

    Returns:
      correlations, float64 (window, 2), at least 0; and the first frame of the best match, int64 (window,).
    """
    left = np.where(allowed, found, -1)
    rows = np.arange(len(left))
    starts = left.argmax(axis=1)
    best = left[rows, starts]
    for row, start in enumerate(starts):
        left[row, max(0, start - frames + 1) : start + frames] = -1
    return np.clip(np.stack([best, left.max(axis=1)], axis=1), 0, 1).astype(np.float64), starts


def lead(best):
    """artanh r of the best match less that of the second.

    Args:
      best: (..., 2), correlations, 0..1; 1 counts as 1 - NEAREST, so that the lead of an exact copy is finite.
    """
    z = np.arctanh(np.minimum(best, 1 - NEAREST))
    return z[..., 0] - z[..., 1]


def possible(blocks, frames, total):
    """Which stretches lie inside of a block, bool (start,).

    Args:
      blocks: (first, after last) frames.
      frames: of a stretch.
      total: frames of the recording.
    """
    inside = np.zeros(total - frames + 1, bool)
    for start, stop in blocks:
        inside[start : max(start, stop - frames + 1)] = True
    return inside
